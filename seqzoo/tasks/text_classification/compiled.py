"""A text classifier compiled for many texts of known lengths: one program that takes many batches.

What makes it faster than `model.network`: the first layer's inputs are looked up, projected, in a table (vocabulary x
gates) instead of being multiplied, where that is small enough; pooling happens step by step, so no sequence of states
is written; a batch takes as many steps as its longest text has words, whatever the sizes, so XLA compiles once.
"""

import numpy as np
import tensorflow as tf

LOWEST = -3e38  # below every state
LARGEST_TABLE = 64_000_000  # bytes


def supported(model):
    """Whether `CompiledClassifier` can stand in for a text classifier: by its architecture and its weights' names."""
    config = model.config
    if config["bidirectional"] and (config["layers"] > 1 or "last" in config["pooling"]):
        return False
    names = {"embedding/embeddings", "probability/kernel", "probability/bias"}
    names |= {"bigrams/embeddings"} if config.get("bigrams") else set()
    names |= {f"{path}/{part}" for paths in _directions(config) for path in paths for part in _PARTS}
    # An accelerator takes the steps one by one, which is slow in small batches.
    return config["cell"] in _STEPS and set(model.tensors()) == names and not tf.config.list_logical_devices("GPU")


class CompiledClassifier:
    """Probabilities of texts given by their ids; thread-safe, so that each core can run one call.

    Args:
        model: a text classifier that is `supported`. Its weights are copied.
        batches: of `lanes` texts, taken by one call.
    """

    lanes = 128  # texts that take their steps together

    def __init__(self, model, batches):
        self.config, self.batches, self._vocabulary = model.config, batches, model.vocabulary
        tensors = model.tensors()
        self._step, self._states = _STEPS[self.config["cell"]]
        self._bigrams = _copy(model.network.get_layer("bigrams")) if self.config.get("bigrams") else None
        self._directions = [self._weights(tensors, paths) for paths in _directions(self.config)]
        self._head = tuple(tf.constant(tensors[f"probability/{name}"]) for name in ("kernel", "bias"))
        sizes = [batches, self.lanes]
        self._program = tf.function(self._all_batches, jit_compile=True, autograph=False).get_concrete_function(
            tf.TensorSpec([*sizes, self.config["max_tokens"]], tf.int32), tf.TensorSpec(sizes, tf.int32)
        )

    def encode(self, texts):
        """The ids of each text, a list of int32 `[time]`."""
        return self._vocabulary.encode_list(texts, self.config["max_tokens"])

    @property
    def rows(self):
        """Number of texts that one call takes at most."""
        return self.batches * self.lanes

    def __call__(self, ids):
        """Probabilities float32 `[n, k]` of at most `rows` texts, a list of int32 `[time]`, batch after batch."""
        padded = np.zeros((self.rows, self.config["max_tokens"]), np.int32)
        for row, words in zip(padded, ids, strict=False):  # fewer texts than rows at the end
            row[: len(words)] = words
        lengths = np.zeros(self.rows, np.int32)
        lengths[: len(ids)] = [len(words) for words in ids]
        shape = (self.batches, self.lanes)
        found = self._program(tf.constant(padded.reshape(*shape, -1)), tf.constant(lengths.reshape(shape)))
        return found.numpy().reshape(self.rows, -1)[: len(ids)]

    def _weights(self, tensors, paths):
        """What is looked up for a word; what projects a pair's vector, None where no pairs are known or words aren't
        looked up projected; what each layer multiplies and adds, None for words looked up projected; the layers'
        recurrent kernels."""
        layers = []
        for path in paths:
            kernel, recurrent, bias = (tensors[f"{path}/{part}"].copy() for part in _PARTS)
            if self.config["cell"] == "lstm":  # sigmoid(z) = tanh(z/2)/2 + 1/2: the halves go into the weights
                candidate = np.arange(bias.size) // (bias.size // 4) == 2
                for weight in (kernel, recurrent, bias):
                    weight[..., ~candidate] *= 0.5
            layers.append((kernel, recurrent, bias))
        table, pairs = tensors["embedding/embeddings"], None
        inputs = [(tf.constant(kernel), tf.constant(bias)) for kernel, _, bias in layers]
        if table.itemsize * len(table) * layers[0][2].size <= LARGEST_TABLE:
            words, pairs = np.split(layers[0][0], [table.shape[1]])
            table, inputs[0] = table @ words + layers[0][2], None
            pairs = tf.constant(pairs) if self._bigrams else None
        return tf.constant(table), pairs, inputs, [tf.constant(recurrent) for _, recurrent, _ in layers]

    def _all_batches(self, ids, lengths):
        def body(batch, found):
            return batch + 1, found.write(batch, self._one_batch(ids[batch], lengths[batch]))

        found = tf.TensorArray(tf.float32, self.batches, element_shape=[self.lanes, self._head[1].shape[0]])
        _, found = tf.while_loop(lambda batch, _: batch < self.batches, body, (0, found))
        return found.stack()

    def _one_batch(self, ids, lengths):
        pooled, bigrams = [], self._bigrams and self._bigrams(ids)  # [lanes, time, size]
        for backwards, weights in enumerate(self._directions):
            read = [each for each in (ids, bigrams) if each is not None]
            read = [tf.reverse_sequence(each, lengths, 1) if backwards else each for each in read]
            pooled.append(self._pooled([tf.transpose(each, [1, 0, 2][: each.shape.rank]) for each in read], lengths, *weights))
        # By kind of pooling first, as the network has it: forward and backward states side by side.
        pooled = tf.concat([part for parts in zip(*pooled, strict=True) for part in parts], 1)
        kernel, bias = self._head
        logits = tf.where(lengths[:, None] > 0, pooled, tf.zeros_like(pooled)) @ kernel + bias
        return tf.sigmoid(logits) if bias.shape[0] == 1 else tf.nn.softmax(logits)

    def _pooled(self, read, lengths, table, pairs, inputs, recurrent):
        """The last layer's states, pooled over the steps that are in a text: a list of [lanes, units].

        `read` are the words, [time, lanes], and with pairs their vectors, [time, lanes, size].
        """
        zeros, kinds = tf.zeros([self.lanes, recurrent[-1].shape[0]]), self.config["pooling"].split("_")
        pool = {
            "last": (lambda h, pooled: h, zeros),
            "max": (lambda h, pooled: tf.maximum(h, pooled), zeros + LOWEST),
            "mean": (lambda h, pooled: h + pooled, zeros),
        }

        def body(t, layers, pooled):
            h, new = tf.gather(table, read[0][t]), []
            if self._bigrams:
                h = tf.concat([h, read[1][t]], 1) if pairs is None else h + read[1][t] @ pairs
            for states, multiplied, kernel in zip(layers, inputs, recurrent, strict=True):
                z = h if multiplied is None else h @ multiplied[0] + multiplied[1]
                new.append(self._step(z + states[0] @ kernel, states))
                h = new[-1][0]
            inside = (t < lengths)[:, None]
            return t + 1, new, [tf.where(inside, pool[kind][0](h, old), old) for kind, old in zip(kinds, pooled, strict=True)]

        start = (0, [(zeros,) * self._states for _ in recurrent], [pool[kind][1] for kind in kinds])
        steps, words_of = tf.reduce_max(lengths), tf.cast(tf.maximum(lengths, 1), tf.float32)[:, None]
        _, _, pooled = tf.while_loop(lambda t, *_: t < steps, body, start)
        return [sums / words_of if kind == "mean" else sums for kind, sums in zip(kinds, pooled, strict=True)]


def _copy(layer):
    copy = type(layer).from_config(layer.get_config())
    copy.build(None)
    copy.set_weights(layer.get_weights())
    return copy


def _lstm(z, states):
    i, f, g, o = tf.split(tf.tanh(z), 4, axis=-1)
    c = (0.5 * f + 0.5) * states[1] + (0.5 * i + 0.5) * g
    return (0.5 * o + 0.5) * tf.tanh(c), c


def _rnn(z, states):
    return (tf.tanh(z),)


_STEPS = {"lstm": (_lstm, 2), "rnn": (_rnn, 1)}  # the step from its projected inputs, and the number of its states
_PARTS = ("kernel", "recurrent_kernel", "bias")


def _directions(config):
    """Paths of the cells' weights: for each direction those of its layers."""
    cell = config["cell"]
    of = "lstm_cell" if cell == "lstm" else "simple_rnn_cell"
    if config["bidirectional"]:
        return [[f"bidirectional_0/{way}_{cell}_0/{of}"] for way in ("forward", "backward")]
    return [[f"{cell}_{layer}/{of}" for layer in range(config["layers"])]]
