"""Time what bfloat16 gains on this CPU.

A training step of an LSTM layer up to the gradients, in float32 and under the policy mixed_bfloat16, ours and Keras's, called in
turn in one process; the median counts.
"""

import argparse
import json
import sys
from pathlib import Path

from seqzoo.files import write_atomically
from seqzoo.quiet import import_tensorflow

from ..shared.command import run
from .layer_peers import tensorflow_calls
from .layers import timed

GRID = [(64, 64, 192, 512), (64, 64, 192, 256), (64, 200, 128, 128), (32, 200, 64, 64)]
POLICIES = ("float32", "mixed_bfloat16")


def measure(shape, rounds):
    """`{peer: seconds}` of a training step at (batch, time, features, units)."""
    import keras
    import numpy as np
    import tensorflow as tf

    import seqzoo

    batch, steps, features, units = shape
    x = tf.constant(np.random.default_rng(0).normal(size=(batch, steps, features)).astype("float32"))
    calls = {
        f"{name}, {policy}": tensorflow_calls(make(units, return_sequences=True, dtype=policy), x, None, False)["training"]
        for name, make in (("seqzoo", seqzoo.LSTM), ("keras", keras.layers.LSTM))
        for policy in POLICIES
    }
    return {name: of["median"] for name, of in timed(calls, rounds).items()}


def line(shape, seconds):
    figures = "  ".join(f"{name} {1000 * value:6.0f} ms" for name, value in seconds.items())
    gain = seconds["seqzoo, float32"] / seconds["seqzoo, mixed_bfloat16"]
    return f"{str(shape):22}  {figures}  seqzoo's gain {gain:.2f}"


def main(argv=None):
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="turns of every peer")
    parser.add_argument("--shapes", type=int, default=len(GRID), help="only the first so many shapes")
    parser.add_argument("--output", type=Path, default=Path("runs/benchmark_bfloat16.json"))
    arguments = parser.parse_args(argv)
    import_tensorflow()
    from seqzoo.kernels import bfloat16

    print(f"products of bfloat16 are native here: {'yes' if bfloat16.native() else 'no'}")
    rows = []
    for shape in GRID[: arguments.shapes]:
        rows.append({"shape": shape, "seconds": measure(shape, arguments.rounds)})
        print(line(shape, rows[-1]["seconds"]), flush=True)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(arguments.output, json.dumps({"native": bfloat16.native(), "rows": rows}, indent=1))


if __name__ == "__main__":
    sys.exit(run(main))
