"""Whether a sequence layer's fast kernel may stand in for its cell, and if not, why not."""

import keras


def reason_against(layer, training=True):
    """Why `layer` has to step its cell, one clause; None when the kernel gives the same numbers.

    Recurrent dropout counts only in training.
    """
    cell = layer.cell
    if keras.backend.backend() != "tensorflow":
        return None  # the scan of the other backends takes any cell
    if layer.kernel_name is None:
        return f"there is no kernel for {type(layer).__name__}"
    if layer.unroll:
        return "unroll=True asks for the steps"
    if cell.activation is not keras.activations.tanh:
        return "the kernels compute activation='tanh' only"
    if getattr(cell, "recurrent_activation", keras.activations.sigmoid) is not keras.activations.sigmoid:
        return "the kernels compute recurrent_activation='sigmoid' only"
    if training and cell.recurrent_dropout:
        return "recurrent_dropout needs the steps in training"
    if training and cell.dropout and getattr(cell, "implementation", 2) == 1:
        return "implementation=1 drops inputs for each gate by itself"
    return None


def kernel_loop(layer, sequences, initial_state, mask, training):
    """`RecurrentLayer.inner_loop` by the layer's kernel."""
    from seqzoo import kernels  # needs TensorFlow, one backend of three

    cell = layer.cell
    if training and cell.dropout:
        sequences = sequences * cell.get_dropout_mask(sequences[:, 0])[:, None]
    last_output, outputs, *states = getattr(kernels, layer.kernel_name)(
        sequences,
        *initial_state,
        cell.kernel,
        cell.recurrent_kernel,
        cell.bias,
        mask=mask,
        go_backwards=layer.go_backwards,
        return_sequences=layer.return_sequences,
        zero_output_for_mask=layer.zero_output_for_mask,
        training=training,
        **layer.kernel_options(),
    )
    return last_output, outputs, states


def refuse_converters(layer):
    """Raises ValueError where a stateful layer is traced for a file that holds its states still: it would be wrong silently."""
    if keras.backend.backend() != "tensorflow":
        return
    from seqzoo.kernels.converters import converter

    if (runtime := converter()) in ("ONNX", "OpenVINO"):
        raise ValueError(
            f"`{layer.name}` is stateful, and {runtime} keeps no state from call to call: build it with stateful=False, or with "
            "return_state=True and a call with initial_state, so that its states are inputs and outputs. Received: stateful=True"
        )
