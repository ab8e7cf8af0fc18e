"""Which recurrent layers have a fused operator, and why the others have none."""

import keras

from seqzoo.cells import LSTMCell, RNNCell

LSTM_CELLS = (LSTMCell, keras.layers.LSTMCell)
RNN_CELLS = (RNNCell, keras.layers.SimpleRNNCell)
RNN_ACTIVATIONS = ("tanh", "relu", "linear")  # those of the operator's fused_activation_function


def recurrent_layers(model):
    """Every recurrent layer inside a Keras model, nested and wrapped ones included."""
    layers = model._flatten_layers(include_self=False, recursive=True)  # the public `layers` stops at wrappers
    return [layer for layer in layers if isinstance(layer, keras.layers.RNN)]


def has_loop(layer):
    """Whether a recurrent layer steps over time; one that does not (`seqzoo.layers.overlap.Overlap`) is traced as it is."""
    return getattr(layer, "loops", True)


def why_not_fused(layer):
    """None if one fused operator computes the layer, otherwise the reason, a clause that follows its name."""
    cell = layer.cell
    if type(cell) not in LSTM_CELLS + RNN_CELLS:  # a subclass may compute anything
        return f"steps a {type(cell).__name__}, for which there is no fused operator"
    if name := _activations_in_the_way(cell):
        return f"uses {name}, which the fused operator cannot"
    return None


def activation_name(function):
    return getattr(function, "__name__", str(function))


def _activations_in_the_way(cell):
    if type(cell) in RNN_CELLS:
        return None if activation_name(cell.activation) in RNN_ACTIVATIONS else f"activation {activation_name(cell.activation)}"
    for attribute, needed in (("activation", "tanh"), ("recurrent_activation", "sigmoid")):
        if getattr(keras.activations, needed) is not getattr(cell, attribute):
            return f"{attribute} {activation_name(getattr(cell, attribute))}"
    return None
