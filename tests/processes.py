"""Python in a process of its own."""

import json
import subprocess
import sys

from seqzoo.quiet import OPTIONAL

# As `seqzoo.quiet` does for the commands: these are a third of Keras's start.
LEAN = f"import sys; sys.modules.update(dict.fromkeys({OPTIONAL}))\n"


def python(code, *arguments, **options):
    """Run `code`, which does without scikit-learn, Matplotlib and pandas; the ended process, its output as text."""
    captured = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    options = captured | {"text": True, "timeout": 300} | options
    return subprocess.run([sys.executable, "-c", LEAN + code, *map(str, arguments)], **options)


FORKED = """
import json, os, sys, traceback
for code in json.load(sys.stdin):
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            exec(code, {"__name__": "__main__"})
            status = 0
        except BaseException:
            traceback.print_exc()
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(status)
    _, status = os.waitpid(child, 0)
    print(f"\\nstatus {os.waitstatus_to_exitcode(status)}\\0")
"""


# It looks for Keras at its end, and does without.
TENSORFLOW_ALONE = "sys.modules['keras'] = None; import tensorflow; del sys.modules['keras']\n"


def forked(codes, begun=TENSORFLOW_ALONE):
    """Run each of `codes` in a process that has done no more than `begun`; [(exit status, output)].

    TensorFlow's import is most of what a small process costs. Where Linux forks, it happens once.
    """
    if sys.platform != "linux":
        return [(done.returncode, done.stdout + done.stderr) for done in (python(begun + code) for code in codes)]
    done = python(begun + FORKED, input=json.dumps(codes), stderr=subprocess.STDOUT)
    parts = done.stdout.split("\0")
    assert done.returncode == 0 and len(parts) == len(codes) + 1, done.stdout
    ends = [part.rpartition("\nstatus ") for part in parts[:-1]]
    return [(int(status), output) for output, _, status in ends]
