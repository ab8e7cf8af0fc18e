"""The cells' equations, as they stand in the docstrings of `seqzoo.cells`."""

import re


def equations():
    """{"lstm": [{"name": "i", "text": "i_t = sigmoid(...)", "meaning": "input gate"}, ...]} of every cell."""
    from seqzoo.cells import GRUCell, LSTMCell, RNNCell

    return {kind: _of(cell) for kind, cell in (("rnn", RNNCell), ("lstm", LSTMCell), ("gru", GRUCell))}


def _of(cell):
    lines = re.findall(r"^ +((\w)_t = .*\S) {2,}([^()\n]+)$", cell.__doc__, re.M)
    # reset_after=False, and an output head, are not what the zoo's models have
    return [
        {"name": name, "text": re.sub(r" {2,}\(", "(", text), "meaning": meaning.removesuffix(", reset_after=True")}
        for text, name, meaning in lines
        if "reset_after=False" not in meaning and name != "y"
    ]
