"""What a keyword spotter's file for microcontrollers needs and says on TensorFlow Lite Micro, by its interpreter for Python.

`python -m recipes.speech.micro saved_models/digits-gru/micro-int8.tflite`
"""

import sys

import numpy as np

from ..shared.command import Parser, run

LARGEST, EXACT = 1 << 20, 64  # bytes


def arena_of(path):
    """The least arena, in bytes to `EXACT`, in which a .tflite file is allocated and runs.

    Raises:
        ImportError: without the package tflite-micro. ValueError: for a file that runs in none.
    """
    data = open(path, "rb").read()

    def fits(size):
        try:
            micro = _runtime().Interpreter.from_bytes(data, arena_size=size)
            micro.invoke()
        except Exception:  # the package raises bare RuntimeErrors and others
            return False
        return True

    low, high = 0, LARGEST
    if not fits(high):
        raise ValueError(f"The file must run in {LARGEST:,} bytes. Received: {path}")
    while high - low > EXACT:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high


class MicroSteps:
    """A file of one step a call on TensorFlow Lite Micro, the states kept here as an application keeps them.

    Args:
        path: the .tflite file; its sidecar lies beside it.
        arena: bytes.
    """

    def __init__(self, path, arena=LARGEST):
        from seqzoo.export.tflite.sidecar import read_sidecar

        self.sidecar = read_sidecar(path)
        self._micro = _runtime().Interpreter.from_file(str(path), arena_size=arena)
        self._names = [[spec["name"] for spec in self.sidecar[key]] for key in ("inputs", "outputs")]
        self.start()

    def start(self):
        specs = {spec["name"]: spec["shape"] for spec in self.sidecar["inputs"]}
        self.states = {name: np.zeros(specs[name], np.float32) for name in self.sidecar["states"]}

    def __call__(self, hop):
        """Probabilities float32 `[classes]` after a hop float32 `[1, 160]`."""
        names, answers = self._names
        for place, name in enumerate(names):
            self._micro.set_input(self.states.get(name, hop), place)
        self._micro.invoke()
        found = {name: self._micro.get_output(place) for place, name in enumerate(answers)}
        self.states = {name: found[f"next_{name}"] for name in self.states}
        return found[answers[0]][0]


def _runtime():
    try:
        from tflite_micro.python.tflite_micro import runtime
    except ImportError as error:
        raise ImportError(f"This needs the package tflite-micro: pip install tflite-micro. Received: {error}") from None
    return runtime


def main(argv=None):
    parser = Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("file", help="a .tflite file of target micro")
    path = parser.parse_args(argv).file
    print(f"{path}: runs in an arena of {arena_of(path):,} bytes")


if __name__ == "__main__":
    sys.exit(run(main))
