"""What the networks are made of; needs no JAX."""

from typing import NamedTuple

CELLS = {"lstm": "lstm_cell", "rnn": "simple_rnn_cell"}  # as Keras names them


class Form(NamedTuple):
    """What a network is made of, by the names of `TextClassifierConfig`."""

    vocabulary_size: int
    embedding_size: int
    units: int
    cell: str = "lstm"
    bidirectional: bool = False
    pooling: str = "last_max_mean"
    word_dropout: float = 0.02
    embedding_dropout: float = 0.2
    dropout: float = 0.3


TEACHER = Form(30000, 256, 1024, bidirectional=True, embedding_dropout=0.25, dropout=0.4)
STUDENT = Form(15000, 192, 512, bidirectional=True)  # with its phone file and SavedModel just below 30 MB


def form_of(config):
    """The form of a network with the settings of a `TextClassifier`, a dict; what else they say is left out."""
    return Form(**{name: config[name] for name in Form._fields})


def names(form):
    """Where each tensor of the Keras network is in the tree of weights: `{name: keys}`."""
    found = {"embedding/embeddings": ("embedding",)}
    for place, way in enumerate(("forward", "backward")[: 1 + form.bidirectional]):
        layer = f"{form.cell}_0"
        if form.bidirectional:
            layer = f"bidirectional_0/{way}_{layer}"
        for keras, part in (("kernel", "kernel"), ("recurrent_kernel", "recurrent"), ("bias", "bias")):
            found[f"{layer}/{CELLS[form.cell]}/{keras}"] = ("directions", place, part)
    return found | {f"probability/{part}": ("head", part) for part in ("kernel", "bias")}
