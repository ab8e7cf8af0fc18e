"""Memory that a layer of a new size leaves in a process, beside Keras's: what a search over sizes adds up.

`python -m recipes.benchmarks.new_sizes`

Each network is one layer and a Dense, fitted for one small batch, and everything that Python holds of it is let go. What stays
are TensorFlow's functions of it and the programs that XLA compiled, for which TensorFlow has no call that gives them back.
"""

import ctypes
import gc
import sys
from pathlib import Path

from seqzoo.quiet import import_tensorflow

from ..shared.command import Parser, run, whole

FIRST = 8  # features of the first size; each has one more, and twice as many units


def peers():
    """By name: a function that makes the layer from its units, and what its network is compiled with."""
    import keras

    import seqzoo

    return {
        "keras.layers.LSTM": (keras.layers.LSTM, {}),
        "keras.layers.LSTM, jit_compile=True": (keras.layers.LSTM, {"jit_compile": True}),
        "seqzoo.LSTM": (seqzoo.LSTM, {}),
        "seqzoo.LSTM, fused=False": (lambda units: seqzoo.LSTM(units, fused=False), {}),
    }


def left_by(layer, compiled, sizes):
    """Bytes that stay for each of the sizes, `range` of features; a first size, not counted, comes before them."""
    _fit(layer, compiled, sizes.start - 1)
    before = _resident()
    for features in sizes:
        _fit(layer, compiled, features)
    return (_resident() - before) / len(sizes)


def _fit(layer, compiled, features):
    import keras
    import numpy as np

    network = keras.Sequential([keras.Input([12, features]), layer(2 * features), keras.layers.Dense(1)])
    network.compile("sgd", "mse", **compiled)
    network.fit(np.zeros((8, 12, features), np.float32), np.zeros((8, 1), np.float32), batch_size=8, verbose=0)


def _resident():
    """Bytes of this process in memory, once all that can be given back is."""
    import keras

    keras.backend.clear_session()
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return 1024 * int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0])


def main(argv=None):
    parser = Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=whole(1), default=8, help="of each layer")
    arguments = parser.parse_args(argv)
    if sys.platform != "linux":
        raise OSError(f"This reads /proc, which Linux has. Received: {sys.platform}")
    import_tensorflow()
    first = FIRST + 1
    for name, (layer, compiled) in peers().items():
        left = left_by(layer, compiled, range(first, first + arguments.sizes))
        print(f"{name:36} {left / 1e6:6.1f} MB a new size", flush=True)


if __name__ == "__main__":
    sys.exit(run(main))
