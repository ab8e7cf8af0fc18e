"""Keras as its main branch makes it (keras-team/keras#23235): RNN, Bidirectional and TimeDistributed hand no mask on."""

import keras

WRAPPERS = (keras.layers.RNN, keras.layers.Bidirectional, keras.layers.TimeDistributed)
WAYS = ("in __init__", "as an attribute of the class")


def end_masks(monkeypatch, way):
    """`supports_masking` is False of all three, said in one of `WAYS`."""
    for layer_class in WRAPPERS:

        def without_masking(self, *args, _initialize=layer_class.__init__, **kwargs):
            _initialize(self, *args, **kwargs)
            if way == WAYS[0]:
                self.supports_masking = False
            else:
                vars(self).pop("supports_masking", None)

        monkeypatch.setattr(layer_class, "__init__", without_masking)
        if way == WAYS[1]:
            monkeypatch.setattr(layer_class, "supports_masking", False, raising=False)
