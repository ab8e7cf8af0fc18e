"""What a page in a browser must know of a model to compute it by itself. Imports nothing."""

from typing import NamedTuple

CELL_NAMES = {"lstm": "lstm_cell", "rnn": "simple_rnn_cell", "gru": "gru_cell"}  # where the names of their weights stand


class BrowserForm(NamedTuple):
    """A network in plain JSON values, as seqzoo/page/static/js/network.js runs it.

    reads: how raw input becomes the first layer's: {"kind": "words" or "prices", ...}.
    layers: for each recurrent layer a list of its directions, {"cell", "path" of its weights, "reverse"}.
    pooling: what the head reads, in this order: "last", "max" and "mean" of the last layer's states, "input" of the last step.
    head: names of the tensors {"kernel", "bias"}.
    answer: what the head's outputs are: {"kind": "classes", "names": [...]}, {"kind": "volatility"} or
        {"kind": "quantiles", ...}.
    """

    reads: dict
    layers: list
    pooling: list
    head: dict
    answer: dict


def recurrent_layers(config):
    """`BrowserForm.layers` of a config with `cell`, `layers` and perhaps `bidirectional`."""
    cell = config["cell"]
    found = []
    for index in range(config.get("layers", 1)):
        name = f"{cell}_{index}"
        ways = {"forward": False, "backward": True} if config.get("bidirectional") else {None: False}
        paths = {f"bidirectional_{index}/{way}_{name}" if way else name: reverse for way, reverse in ways.items()}
        found.append([{"cell": cell, "path": f"{path}/{CELL_NAMES[cell]}", "reverse": r} for path, r in paths.items()])
    return found
