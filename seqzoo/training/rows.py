"""What of a model belongs to the rows of a batch."""

import keras


def row_variables(model):
    """Variables that hold something of each row from step to step: states of stateful layers, and a layer's `row_variables`.

    Returns:
        list of `keras.Variable` whose first axis is the rows; Keras does not count the states among `model.variables`.
    """
    found = []
    for layer in model._flatten_layers():  # Keras has no public way to the layers within layers
        found += getattr(layer, "row_variables", ())
        if isinstance(layer, keras.layers.RNN) and layer.stateful and layer.states is not None:
            found += keras.tree.flatten(layer.states)
    return list({id(variable): variable for variable in found}.values())
