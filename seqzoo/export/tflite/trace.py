"""A Keras network to a raw .tflite file, with its recurrent layers in the form that a target wants."""

import tensorflow as tf

from seqzoo.export.tflite.cells import LSTM_CELLS, recurrent_layers, why_not_exported, why_not_fused
from seqzoo.export.tflite.converter import convert_saved_model
from seqzoo.export.tflite.loops import retraced, run_fused, run_loop, run_unrolled
from seqzoo.quiet import held_back_stderr
from seqzoo.scratch import scratch_folder

LONGEST_UNROLLED = 64  # steps; beyond that the file and the time to load it grow out of hand


def choose_form(source, target, quantization, time_steps):
    """The form of the recurrent layers: "fused", "loop", "unrolled" or "step".

    Raises:
        ValueError: if a layer cannot run on the target, with the reason and a target on which it can.
    """
    layers = recurrent_layers(source.network)
    for layer in layers:
        if reason := why_not_exported(layer):
            raise ValueError(f"Layer `{layer.name}` cannot be exported: it {reason}. Received: target {target!r}")
    if target == "compiled":
        return "unrolled" if time_steps is not None and time_steps <= LONGEST_UNROLLED else "loop"
    if target == "stream":
        return "step"
    reasons = {layer.name: why_not_fused(layer) for layer in layers}
    for layer in layers:
        if reasons[layer.name] and "gru" not in type(layer.cell).__name__.lower():
            raise ValueError(
                f"Layer `{layer.name}` {reasons[layer.name]}; target 'compiled' can run it as a loop. Received: target {target!r}"
            )
    form = "loop" if any(reasons.values()) else "fused"
    unfit = [layer.name for layer in layers if type(layer.cell) not in LSTM_CELLS]
    if target == "interpreter" and quantization == "int8" and unfit:
        raise ValueError(
            f"Only LSTM layers have a fused operator with 8-bit arithmetic, and `{unfit[0]}` is none; "
            "quantization='dynamic' keeps 8-bit weights, and target 'compiled' has 8-bit products for every "
            "layer. Received: 'int8'"
        )
    return form


def convert(source, form, batch_size, time_steps):
    """Bytes of a .tflite file in which fused layers are still composites."""

    def run(layer, sequences, last_only=False):
        if form == "unrolled":
            return run_unrolled(layer, sequences)
        if why_not_fused(layer) or form == "loop":
            return run_loop(layer, sequences, last_only)
        return run_fused(layer, sequences)

    specs = [
        tf.TensorSpec([batch_size, *[time_steps if size is None else size for size in shape]], dtype, name=name)
        for name, dtype, shape in source.inputs
    ]

    @tf.function(input_signature=specs, autograph=False)
    def serve(*inputs):
        outputs = tf.nest.flatten(source.network(list(inputs) if len(inputs) > 1 else inputs[0], training=False))
        return dict(zip(source.outputs, source.task.finish(source, outputs), strict=True))

    with retraced(source.network, run):
        return convert_function(serve, source.network)


def convert_function(serve, network):
    """Bytes of the .tflite file of a tf.function that has an input signature and gives a dict."""
    module = tf.Module()
    module.weights = [variable.value for variable in network.variables]
    module.serve = serve
    with scratch_folder() as folder:
        folder = folder / "saved_model"
        try:
            serve.get_concrete_function()
        except ValueError as error:  # Keras puts a list of arguments under the reason
            raise ValueError(_reason(error)) from None
        with held_back_stderr():
            tf.saved_model.save(module, str(folder), signatures={"serving_default": serve})
        convert_saved_model(folder, folder.with_name("raw.tflite"))
        return folder.with_name("raw.tflite").read_bytes()


def _reason(error):
    lines = [line for line in str(error).splitlines() if line.strip() and "Exception encountered" not in line]
    return lines[0].replace("\x1b[1m", "").replace("\x1b[0m", "") if lines else str(error)
