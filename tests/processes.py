"""Python in a process of its own."""

import atexit
import functools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from seqzoo.quiet import OPTIONAL

ROOT = Path(__file__).resolve().parents[1]
# As `seqzoo.quiet` does for the commands: these are a third of Keras's start.
LEAN = f"import sys; sys.modules.update(dict.fromkeys({OPTIONAL}))\n"


def python(code, *arguments, **options):
    """Run `code`, which does without scikit-learn, Matplotlib and pandas; the ended process, its output as text."""
    captured = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    options = captured | {"text": True, "timeout": 300} | options
    return subprocess.run([sys.executable, "-c", LEAN + code, *map(str, arguments)], **options)


# A line with a job in, a line with its exit status out, until the input ends.
SERVER = """
import json, os, sys, traceback
for line in sys.stdin:
    job = json.loads(line)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            for descriptor, name in enumerate(("in", "out", "err")):
                flags = os.O_RDONLY if name == "in" else os.O_WRONLY | os.O_CREAT | os.O_APPEND
                os.dup2(os.open(os.path.join(job["folder"], name), flags), descriptor)
            if job["cwd"]:
                os.chdir(job["cwd"])
            sys.argv[:] = ["-c", *job["arguments"]]
            exec(compile(job["code"], "<string>", "exec"), {"__name__": "__main__"})
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
            if status and end.code is not status:
                print(end.code, file=sys.stderr)
        except BaseException:
            traceback.print_exc()
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(status)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""

# It looks for Keras at its end, and does without.
TENSORFLOW_ALONE = "sys.modules['keras'] = None; import tensorflow; del sys.modules['keras']\n"
KERAS = "import tensorflow, keras\n"


@functools.cache
def server(begun):
    """A process that has done `begun`, and forks. It ends with the tests, whose end closes its input."""
    command = [sys.executable, "-c", LEAN + begun + SERVER]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    atexit.register(process.__exit__, None, None, None)
    return process


def forked(code, *arguments, begun=KERAS, input="", cwd=None):
    """Run `code` in a process that has done no more than `begun`; the ended process, as `python` gives it.

    TensorFlow's import is most of what a small process costs. Where Linux forks, it happens once in all tests.
    """
    arguments = [str(argument) for argument in arguments]
    if sys.platform != "linux":
        return python(begun + code, *arguments, input=input, cwd=cwd)
    one = server(begun)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").write_text(input)
        job = {"folder": name, "code": code, "arguments": arguments, "cwd": cwd and str(cwd)}
        one.stdin.write(json.dumps(job) + "\n")
        one.stdin.flush()
        status = int(one.stdout.readline())
        said = [(folder / file).read_text(errors="replace") if (folder / file).exists() else "" for file in ("out", "err")]
    return subprocess.CompletedProcess(["-c", *arguments], status, *said)
