"""A Keras network to a raw .tflite file, with its recurrent layers in the form that a target wants."""

import contextlib

import keras
import tensorflow as tf

from seqzoo.export.tflite.cells import LSTM_CELLS, has_loop, recurrent_layers, why_not_fused
from seqzoo.export.tflite.converter import convert_saved_model
from seqzoo.export.tflite.loops import lower, override, retraced, scope_name
from seqzoo.export.tflite.names import signature_names
from seqzoo.export.tflite.reasons import reason_of
from seqzoo.quiet import held_back_stderr
from seqzoo.scratch import scratch_folder

FORMS = {"interpreter": ("fused", "loop", "unrolled"), "compiled": ("loop", "unrolled"), "stream": (), "micro": ()}


def choose_form(source, target, quantization, form=None):
    """The form of the recurrent layers: "fused", "loop", "unrolled" or "step", or one that is decided call by call: "auto" or
    "mixed", see `loops.lower`.

    Raises:
        ValueError: if a layer cannot run on the target, with the reason and what can run it.
    """
    layers = [layer for layer in recurrent_layers(source.network) if has_loop(layer)]
    if form is not None and form not in FORMS[target]:
        valid = " or ".join(map(repr, FORMS[target])) or "no other form than its own: leave `form` out"
        raise ValueError(f"Target {target!r} takes {valid}. Received: form={form!r}")
    if target == "stream":
        return "step"
    for layer in layers:
        if layer.stateful:
            raise ValueError(
                f"Layer `{layer.name}` is stateful, but a file answers every call alike: target 'stream' takes the states in and "
                f"gives them back; or build it with stateful=False. Received: target {target!r}"
            )
        if layer.return_state and form == "fused":
            raise ValueError(
                f"Layer `{layer.name}` returns its states, which a fused operator keeps to itself: form='loop' gives them, and "
                "so does target 'interpreter' without `form`. Received: form='fused'"
            )
    if target == "compiled":
        return form or "auto"
    if target == "micro":
        return "fused"
    reasons = {layer.name: why_not_fused(layer) for layer in layers}
    for layer in layers:
        known = "gru" in type(layer.cell).__name__.lower() and form is None  # its loop was always chosen unasked
        if reasons[layer.name] and form in (None, "fused") and not known:
            raise ValueError(
                f"Layer `{layer.name}` {reasons[layer.name]}; form='loop' steps it, and so does target 'compiled'. "
                f"Received: target {target!r}"
            )
    unfit = [layer.name for layer in layers if type(layer.cell) not in LSTM_CELLS]
    if target == "interpreter" and quantization == "int8" and unfit and form in (None, "fused"):
        raise ValueError(
            f"Only LSTM layers have a fused operator with 8-bit arithmetic, and `{unfit[0]}` is none; "
            "quantization='dynamic' keeps 8-bit weights, and form='loop' or target 'compiled' has 8-bit products for "
            "every layer. Received: 'int8'"
        )
    if form:
        return form
    return "auto" if any(reasons.values()) else "mixed"


def convert(source, form, batch_size, time_steps):
    """A .tflite file in which fused layers are still composites.

    Returns:
        bytes; the form, "loop", "unrolled" or "fused" where it was decided call by call; how many fused operators there will be.
    """
    run, used = lower(form, source.task.padding if source.task else "any")
    content = convert_with(source, run, used, batch_size, time_steps)
    if form in ("auto", "mixed"):
        default = "loop" if form == "auto" else "fused"  # of a network without a recurrent layer
        form = next((kind for kind in ("loop", "unrolled", "fused") if used[kind]), default)
    return content, form, used["fused"]


def convert_with(source, run, used, batch_size, time_steps):
    """Bytes of the raw .tflite file of a source whose recurrent layers go as `run` says (see `loops.retraced`).

    `used` counts what became of them; it begins anew with each trace, of which the last one counts.
    """
    inner = signature_names([name for name, *_ in source.inputs] + source.outputs)
    specs = [
        tf.TensorSpec([batch_size, *[time_steps if size is None else size for size in shape]], dtype, name=inner[name])
        for name, dtype, shape in source.inputs
    ]

    @tf.function(input_signature=specs, autograph=False)
    def serve(*inputs):
        used.clear()
        outputs = keras.tree.flatten(source.call(inputs))
        return dict(zip([inner[name] for name in source.outputs], source.task.finish(source, outputs), strict=True))

    with retraced(source.network, run):
        return convert_function(serve, source.network)


def convert_function(serve, network):
    """Bytes of the .tflite file of a tf.function that has an input signature and gives a dict."""
    module = tf.Module()
    module.weights = [variable.value for variable in network.variables]
    with scratch_folder() as folder:
        folder = folder / "saved_model"
        try:
            traced = serve.get_concrete_function()
        except (ValueError, TypeError) as error:  # Keras puts a list of arguments under the reason
            raise ValueError(reason_of(error)) from None
        with held_back_stderr(), contextlib.ExitStack() as undo:
            for variable in module.weights:
                override(undo, variable, "_handle_name", scope_name(variable.name.removesuffix(":0")) + ":0")
            try:
                tf.saved_model.save(module, str(folder), signatures={"serving_default": traced})
            except AssertionError as error:
                if "untracked" not in str(error):
                    raise
                raise ValueError(
                    "A file keeps nothing between calls, so no answer may hang on chance, or on a variable that is none of the "
                    "network's: leave keras.random out of what runs in inference. Received: a variable that the network does "
                    "not list"
                ) from None
        convert_saved_model(folder, folder.with_name("raw.tflite"))
        return folder.with_name("raw.tflite").read_bytes()
