"""Names of operators that the files and the traced graphs share. Imports no TensorFlow."""

import re

LSTM, RNN = "UNIDIRECTIONAL_SEQUENCE_LSTM", "UNIDIRECTIONAL_SEQUENCE_RNN"
# The composites in a traced graph; the second name is followed by the activation.
LSTM_COMPOSITE, RNN_COMPOSITE = "seqzoo_lstm", "seqzoo_rnn_"


def signature_names(names):
    """{name: the name that a traced graph has for it}: TensorFlow takes no `_x`, and none that begins with a digit."""
    found = {}
    for name in names:
        inner = name if re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII) else re.sub(r"\W", "_", f"x{name}", flags=re.ASCII)
        while inner in found.values():
            inner += "_"
        found[name] = inner
    return found
