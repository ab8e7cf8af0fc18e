"""Python in a process of its own."""

import subprocess
import sys

from seqzoo.quiet import OPTIONAL

# As `seqzoo.quiet` does for the commands: these are a third of Keras's start.
LEAN = f"import sys; sys.modules.update(dict.fromkeys({OPTIONAL}))\n"


def python(code, *arguments, **options):
    """Run `code`, which does without scikit-learn, Matplotlib and pandas; the ended process, its output as text."""
    options = {"capture_output": True, "text": True, "timeout": 300} | options
    return subprocess.run([sys.executable, "-c", LEAN + code, *map(str, arguments)], **options)
