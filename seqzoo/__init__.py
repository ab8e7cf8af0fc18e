"""seqzoo: recurrent networks for Keras 3, from one step's equations to a pretrained model.

The names below are imported when they are first used, so that `import seqzoo` costs no TensorFlow.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from seqzoo.registration import register_with_keras

__version__ = "0.1.0"

_HOMES = {
    "RNNCell": "seqzoo.cells",
    "LSTMCell": "seqzoo.cells",
    "GRUCell": "seqzoo.cells",
    "RNN": "seqzoo.layers",
    "LSTM": "seqzoo.layers",
    "GRU": "seqzoo.layers",
    "list_pretrained": "seqzoo.zoo",
    "load_pretrained": "seqzoo.zoo",
}

# Packages whose names are public too: `seqzoo.export.export_tflite` needs no further import.
_ROOMS = ("cells", "data", "export", "insight", "layers", "page", "scoring", "tasks", "training", "zoo")
__all__ = ["__version__", *_HOMES]

if TYPE_CHECKING:  # the same names, for editors and type checkers
    from seqzoo import cells as cells
    from seqzoo import data as data
    from seqzoo import export as export
    from seqzoo import insight as insight
    from seqzoo import layers as layers
    from seqzoo import page as page
    from seqzoo import scoring as scoring
    from seqzoo import tasks as tasks
    from seqzoo import training as training
    from seqzoo import zoo as zoo
    from seqzoo.cells import GRUCell as GRUCell
    from seqzoo.cells import LSTMCell as LSTMCell
    from seqzoo.cells import RNNCell as RNNCell
    from seqzoo.layers import GRU as GRU
    from seqzoo.layers import LSTM as LSTM
    from seqzoo.layers import RNN as RNN
    from seqzoo.zoo import list_pretrained as list_pretrained
    from seqzoo.zoo import load_pretrained as load_pretrained
else:

    def __getattr__(name):
        if name in _ROOMS:
            return import_module(f"seqzoo.{name}")  # which makes it an attribute
        if name not in _HOMES:
            names = ", ".join([*sorted(_HOMES), *_ROOMS])
            hint = " (the models of tasks are in seqzoo.tasks since 0.2)" if name == "models" else ""
            raise AttributeError(f"module 'seqzoo' has no attribute {name!r}{hint}; it has {names}")
        value = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value  # the next use finds it without coming here
        return value

    def __dir__():
        return sorted({*globals(), *__all__, *_ROOMS})


register_with_keras()  # so that load_model finds a class of ours in a file
