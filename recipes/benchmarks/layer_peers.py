"""The same sequence layer from several libraries, as functions without arguments that compute it once."""

import io

KERAS = {"lstm": "LSTM", "rnn": "SimpleRNN", "gru": "GRU"}


def peers(cell, shape, masked, names=None):
    """`{peer: {"inference": call, "training": call}}` for one shape; libraries that aren't installed are left out.

    Args:
        cell: lstm, rnn or gru.
        shape: batch, time, features, units.
        masked: whether rows are right-padded: their lengths lie between half the time and all of it.
        names: the peers wanted, or None for all.
    """
    import keras
    import numpy as np
    import tensorflow as tf

    import seqzoo

    batch, steps, features, units = shape
    random = np.random.default_rng(0)
    x = random.normal(size=(batch, steps, features)).astype("float32")
    lengths = np.maximum(1, random.integers(steps // 2, steps + 1, batch)) if masked else None
    mask = tf.sequence_mask(lengths, steps) if masked else None
    ours, theirs = getattr(seqzoo, cell.upper()), getattr(keras.layers, KERAS[cell])

    def tensorflow(layer, compiled=False):
        return lambda: tensorflow_calls(layer(), tf.constant(x), mask, compiled)

    makers = {
        "seqzoo": tensorflow(lambda: ours(units, return_sequences=True)),
        "seqzoo, cell stepped": tensorflow(lambda: ours(units, return_sequences=True, fused=False)),
        "keras graph": tensorflow(lambda: theirs(units, return_sequences=True)),
        "keras XLA": tensorflow(lambda: theirs(units, return_sequences=True), compiled=True),
        "torch": lambda: torch_calls(cell, x, lengths, units),
        "onnxruntime": lambda: onnx_calls(cell, x, lengths, units),
    }
    found = {}
    for name, make in makers.items():
        if names is None or name in names:
            try:
                found[name] = make()
            except ImportError:
                pass
    return found


def tensorflow_calls(layer, x, mask, compiled):
    """An inference, and a training step up to the gradients, as TensorFlow graphs."""
    import tensorflow as tf

    weight = tf.constant(0.01)
    layer(x)

    def infer():
        return layer(x, mask=mask, training=False)

    def train():
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(tf.cast(layer(x, mask=mask, training=True), tf.float32) * weight)
        return tape.gradient(loss, [x, *[v.value for v in layer.trainable_variables]])

    def finished(call):
        graph = tf.function(call, jit_compile=compiled)
        # TensorFlow may return before it is done.
        return lambda: [tensor.numpy() for tensor in tf.nest.flatten(graph())]

    return {"inference": finished(infer), "training": finished(train)}


def torch_calls(cell, x, lengths, units):
    """The same with torch.nn, packed where rows are padded."""
    import torch

    layer = getattr(torch.nn, cell.upper())(x.shape[2], units, batch_first=True)
    steps, x = x.shape[1], torch.from_numpy(x).requires_grad_()

    def forward():
        if lengths is None:
            return layer(x)[0]
        packed = torch.nn.utils.rnn.pack_padded_sequence(x, torch.from_numpy(lengths), batch_first=True, enforce_sorted=False)
        return torch.nn.utils.rnn.pad_packed_sequence(layer(packed)[0], batch_first=True, total_length=steps)[0]

    def infer():
        with torch.inference_mode():
            return forward()

    def train():
        layer.zero_grad()
        x.grad = None
        (forward().sum() * 0.01).backward()

    return {"inference": infer, "training": train}


def onnx_calls(cell, x, lengths, units):
    """The forward pass of ONNX's own operator in onnxruntime, whose layout has time first."""
    import numpy as np
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    gates, random = {"lstm": 4, "rnn": 1, "gru": 3}[cell], np.random.default_rng(1)
    weights = {"W": (1, gates * units, x.shape[2]), "R": (1, gates * units, units), "B": (1, 2 * gates * units)}
    tensors = [numpy_helper.from_array(random.normal(0, 0.05, shape).astype("float32"), k) for k, shape in weights.items()]
    attributes = {"linear_before_reset": 1} if cell == "gru" else {}
    node = helper.make_node(cell.upper(), ["X", "W", "R", "B", "lengths"], ["Y"], hidden_size=units, **attributes)
    inputs = [
        helper.make_tensor_value_info("X", TensorProto.FLOAT, [x.shape[1], x.shape[0], x.shape[2]]),
        helper.make_tensor_value_info("lengths", TensorProto.INT32, [x.shape[0]]),
    ]
    output = helper.make_tensor_value_info("Y", TensorProto.FLOAT, None)
    graph = helper.make_graph([node], cell, inputs, [output], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    buffer = io.BytesIO()
    onnx.save(model, buffer)
    options = onnxruntime.SessionOptions()
    # Its threads would wait for the next call by spinning, on cores that the other peers need.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(buffer.getvalue(), options, providers=["CPUExecutionProvider"])
    lengths = np.full(x.shape[0], x.shape[1]) if lengths is None else lengths
    given = {"X": np.ascontiguousarray(x.transpose(1, 0, 2)), "lengths": lengths.astype("int32")}
    return {"inference": lambda: session.run(None, given)}
