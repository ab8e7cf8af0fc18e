"""Write the golden files anew: `python tests/golden/write.py`, from the project's folder.

Each .json holds the names and shapes of one layer's weights and its output on fixed inputs; layers.weights.h5
holds the values of all of them. Weights that people have saved load as long as these stay as they are: if a
change is meant, write the files anew and say in the release notes which weights no longer load.
"""

import json
from pathlib import Path

import keras
import numpy as np

import seqzoo

FOLDER = Path(__file__).parent
WEIGHTS = FOLDER / "layers.weights.h5"
INPUTS = np.sin(np.arange(30, dtype="float32")).reshape(2, 5, 3)
LAYERS = {
    "rnn": (seqzoo.RNN, {}),
    "rnn_output_head": (seqzoo.RNN, {"output_units": 3, "output_activation": "sigmoid"}),
    "lstm": (seqzoo.LSTM, {}),
    "gru": (seqzoo.GRU, {}),
    "gru_reset_before": (seqzoo.GRU, {"reset_after": False}),
}


def model():
    """One model with each of the layers, of four units, side by side."""
    inputs = keras.Input([None, 3])
    outputs = {name: layer_class(4, name=name, **options)(inputs) for name, (layer_class, options) in LAYERS.items()}
    return keras.Model(inputs, outputs)


def layout(layer):
    return [{"path": w.path, "shape": list(w.shape), "dtype": w.dtype} for w in layer.weights]


def main():
    keras.utils.set_random_seed(0)
    written = model()
    written.set_weights([np.random.default_rng(0).normal(size=w.shape) / 2 for w in written.get_weights()])
    written.save_weights(WEIGHTS)
    for name, output in written(INPUTS).items():
        layer = written.get_layer(name)
        golden = {
            "layer": type(layer).__name__,
            "written_by": seqzoo.__version__,
            "options": LAYERS[name][1],
            "weights": layout(layer),
            "output": np.asarray(output, "float64").round(7).tolist(),
        }
        (FOLDER / f"{name}.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
