"""Memory that a training step of one peer takes: `python -m recipes.peak_memory seqzoo lstm 64 200 128 128`.

A process of its own for each peer, since the peak of a process never falls.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

from recipes.layer_peers import KERAS, peers
from seqzoo.quiet import import_tensorflow

STATUS = Path("/proc/self/status")  # Linux


def measured(peer, cell, shape):
    """Bytes by which three training steps raise the peak of a new process."""
    command = [sys.executable, "-m", "recipes.peak_memory", peer, cell, *map(str, shape)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def peak():
    """Greatest resident memory of this process so far, in bytes. `getrusage` would begin with its parent's."""
    return 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text())[1])


def main(argv=None):
    parser = argparse.ArgumentParser(prog="python -m recipes.peak_memory", description=__doc__.splitlines()[0])
    parser.add_argument("peer")
    parser.add_argument("cell", choices=KERAS)
    parser.add_argument("shape", type=int, nargs=4, metavar=("BATCH", "TIME", "FEATURES", "UNITS"))
    arguments = parser.parse_args(argv)
    import_tensorflow()
    small = peers(arguments.cell, (1, 2, 2, 2), False, [arguments.peer])
    small[arguments.peer]["training"]()  # libraries, threads, the compiler
    before = peak()
    call = peers(arguments.cell, arguments.shape, False, [arguments.peer])[arguments.peer]["training"]
    for _ in range(3):
        call()
    print(peak() - before)


if __name__ == "__main__":
    main()
