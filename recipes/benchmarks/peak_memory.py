"""Memory that a training step of one peer takes.

A process of its own for each peer, since the peak of a process never falls.
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

from seqzoo.quiet import import_tensorflow

from .layer_peers import KERAS, peers

STATUS = Path("/proc/self/status")  # Linux


def measured(peer, cell, shape):
    """Bytes by which three training steps raise the peak of a new process."""
    command = [sys.executable, "-m", __spec__.name, peer, cell, *map(str, shape)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}  # it finds what this process finds
    return int(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)


def peak():
    """Greatest resident memory of this process so far, in bytes. `getrusage` would begin with its parent's."""
    return 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text())[1])


def measure(argv=None):
    """What `measured` starts; no recipe for people, who get these figures from `recipes.benchmarks.layers`."""
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("peer")
    parser.add_argument("cell", choices=KERAS)
    parser.add_argument("shape", type=int, nargs=4, metavar="SIZE", help="batch, time, features, units")
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
    measure()
