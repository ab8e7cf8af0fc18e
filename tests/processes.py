"""Python in a process of its own."""

import subprocess
import sys

# As `seqzoo.quiet` does for the commands: Keras imports these where it can, which is a third of its start.
LEAN = "import sys; sys.modules.update(dict.fromkeys(('sklearn', 'matplotlib', 'pandas')))\n"


def python(code, *arguments, **options):
    """Run `code`, which does without scikit-learn, Matplotlib and pandas; the ended process, its output as text."""
    options = {"capture_output": True, "text": True, "timeout": 300} | options
    return subprocess.run([sys.executable, "-c", LEAN + code, *map(str, arguments)], **options)
