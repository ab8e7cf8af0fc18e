"""One recurrent layer as .tflite files: as TensorFlow's converter makes them of a Keras model, and as seqzoo does."""

import contextlib
import io

import numpy as np

from seqzoo.quiet import held_back_stderr

# name: (cell, how). Keras's: batch and time fixed ("fixed") or one of them open, and quantization.
# Ours: target, quantization, and the form of a file of any length.
FORMS = {
    "LSTM, Keras's way, batch open": ("lstm", "keras", "batch", None),
    "LSTM, Keras's loop, any length": ("lstm", "keras", "time", None),
    "LSTM, Keras's loop": ("lstm", "keras", "fixed", None),
    "LSTM, Keras's loop, dynamic": ("lstm", "keras", "fixed", "dynamic"),
    "LSTM, fused": ("lstm", "seqzoo", "interpreter", None),
    "LSTM, fused, float16": ("lstm", "seqzoo", "interpreter", "float16"),
    "LSTM, fused, dynamic": ("lstm", "seqzoo", "interpreter", "dynamic"),
    "LSTM, fused, int8": ("lstm", "seqzoo", "interpreter", "int8"),
    "LSTM, loop, any length": ("lstm", "seqzoo", "interpreter", None, "loop"),
    "LSTM, compiled": ("lstm", "seqzoo", "compiled", None),
    "LSTM, compiled, dynamic": ("lstm", "seqzoo", "compiled", "dynamic"),
    "LSTM, compiled, int8": ("lstm", "seqzoo", "compiled", "int8"),
    "RNN, Keras's loop, any length": ("rnn", "keras", "time", None),
    "RNN, Keras's loop": ("rnn", "keras", "fixed", None),
    "RNN, fused": ("rnn", "seqzoo", "interpreter", None),
    "RNN, loop, any length": ("rnn", "seqzoo", "interpreter", None, "loop"),
    "RNN, compiled": ("rnn", "seqzoo", "compiled", None),
    # With 8-bit weights an untrained RNN of this size is refused: its states amplify their rounding.
    "GRU, Keras's loop": ("gru", "keras", "fixed", None),
    "GRU, compiled": ("gru", "seqzoo", "compiled", None),
    "GRU, compiled, dynamic": ("gru", "seqzoo", "compiled", "dynamic"),
}


class TimedFile:
    """A .tflite file with one input and one output, on one thread.

    Args:
        path: the file.
        shape: of the input.
        xnnpack: whether XNNPACK takes over what it can, as it does by default.
    """

    def __init__(self, path, shape, xnnpack):
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        kinds = {True: OpResolverType.AUTO, False: OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES}
        self._interpreter = Interpreter(model_path=str(path), num_threads=1, experimental_op_resolver_type=kinds[xnnpack])
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._interpreter.resize_tensor_input(self._input, shape)
        self._interpreter.allocate_tensors()
        self._output = self._interpreter.get_output_details()[0]["index"]

    def __call__(self, inputs):
        self._interpreter.set_tensor(self._input, inputs)
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output)


def layer_files(folder, forms, arguments):
    """Write the files of `forms` (some of `FORMS`) for one layer of each cell.

    Returns:
        ({name: row}, the input): a row has `path`, `bytes` and `error`, the greatest difference from Keras, or
        `refused`, why the file cannot be made or run.
    """
    import keras

    random = np.random.default_rng(arguments.seed)
    samples = random.normal(size=(8, arguments.steps, arguments.features)).astype(np.float32)
    weights, rows = {}, {}
    for number, (name, (cell, maker, *how)) in enumerate(forms.items()):
        if cell not in weights:
            keras.utils.set_random_seed(arguments.seed)
        shapes = {"batch": (None, arguments.steps), "time": (1, None)}
        batch, steps = shapes.get(how[0], (1, None if len(how) > 2 else arguments.steps))
        layer = {"lstm": keras.layers.LSTM, "rnn": keras.layers.SimpleRNN, "gru": keras.layers.GRU}[cell]
        inputs = keras.Input((steps, arguments.features), batch_size=batch, name="x")
        network = keras.Model(inputs, layer(arguments.units)(inputs))
        network.set_weights(weights.setdefault(cell, network.get_weights()))
        path = folder / f"{number}.tflite"
        try:
            if maker == "keras":
                path.write_bytes(keras_file(network, how[1]))
            else:
                _export(network, path, steps, list(samples), *how)
            answer = TimedFile(path, samples[:1].shape, True)(samples[:1])
        except Exception as error:  # the converter's have no common type
            rows[name] = {"refused": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"}
        else:
            error = float(np.abs(answer - network(samples[:1]).numpy()).max())
            rows[name] = {"path": path, "bytes": path.stat().st_size, "error": error}
        print(f"{name}: {rows[name]}", flush=True)
    return rows, samples[:1]


def keras_file(network, quantization):
    """What `TFLiteConverter.from_keras_model` makes: of a batch of one a WHILE loop; of an open batch nothing that runs
    without Flex, TensorFlow's operators beside the builtin ones.
    """
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(network)
    if quantization == "dynamic":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    with contextlib.redirect_stdout(io.StringIO()), held_back_stderr():
        return converter.convert()


def _export(network, path, steps, samples, target, quantization, form=None):
    from seqzoo.export import export_tflite

    export_tflite(network, path, target, quantization, time_steps=steps, calibration=samples, form=form)
