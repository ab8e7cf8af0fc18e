"""A text classifier as a function of its weights, under JAX: the network of `seqzoo.tasks.text_classification`."""

import math

import jax
import jax.numpy as jnp

from .lstm import lstm, rnn

UNKNOWN = 1
CELLS = {"lstm": "lstm_cell", "rnn": "simple_rnn_cell"}  # as Keras names them


def begin(form, key):
    """Untrained weights: `embedding`, `directions` (one or two) and `head`."""
    gates, keys = (4 if form.cell == "lstm" else 1), iter(jax.random.split(key, 8))
    directions = []
    for _ in range(1 + form.bidirectional):
        limit = math.sqrt(6 / (form.embedding_size + gates * form.units))
        kernel = jax.random.uniform(next(keys), (form.embedding_size, gates * form.units), minval=-limit, maxval=limit)
        recurrent = jax.nn.initializers.orthogonal()(next(keys), (form.units, gates * form.units))
        bias = jnp.zeros(gates * form.units)
        if form.cell == "lstm":
            bias = bias.at[form.units : 2 * form.units].set(1.0)  # what was kept is kept, to begin with
        directions.append({"kernel": kernel, "recurrent": recurrent, "bias": bias})
    embedding = jax.random.uniform(next(keys), (form.vocabulary_size, form.embedding_size), minval=-0.05, maxval=0.05)
    features = len(form.pooling.split("_")) * len(directions) * form.units
    head = {"kernel": 0.05 * jax.random.normal(next(keys), (features, 1)), "bias": jnp.zeros(1)}
    return {"embedding": embedding, "directions": directions, "head": head}


def known(form, ids):
    """Ids of a longer vocabulary that begins with this one's words: the others are unknown."""
    return jnp.where(ids < form.vocabulary_size, ids, UNKNOWN)


def embed(form, weights, ids, key=None):
    """Vectors `[batch, time, size]` of ids; with a key, of some words' and without some channels."""
    ids = known(form, ids)
    if key is not None and form.word_dropout:
        key, drawn = jax.random.split(key)
        dropped = jax.random.bernoulli(drawn, form.word_dropout, ids.shape)
        ids = jnp.where(dropped & (ids > 0), UNKNOWN, ids)
    vectors = weights["embedding"][ids]
    return _drop(vectors, form.embedding_dropout, key, (vectors.shape[0], 1, vectors.shape[2]))


def logits(form, weights, vectors, lengths, key=None):
    """Log odds of positive `[batch]`, computed from a text's vectors."""
    if form.cell == "rnn":
        outputs = rnn(vectors, lengths, weights["directions"][0])
    else:
        outputs, _ = lstm(vectors, lengths, weights["directions"])
    valid = (jnp.arange(outputs.shape[1])[None] < lengths[:, None])[:, :, None]
    pooled = {
        "last": lambda: jnp.take_along_axis(outputs, (lengths - 1)[:, None, None], 1)[:, 0],
        "max": lambda: jnp.where(valid, outputs, -3e38).max(1),
        "mean": lambda: outputs.sum(1) / lengths[:, None],
    }
    pooled = jnp.concatenate([pooled[part]() for part in form.pooling.split("_")], -1)
    pooled = _drop(pooled, form.dropout, key, pooled.shape)
    return (pooled @ weights["head"]["kernel"] + weights["head"]["bias"])[:, 0]


def _drop(x, rate, key, shape):
    if key is None or not rate:
        return x
    return jnp.where(jax.random.bernoulli(key, 1 - rate, shape), x / (1 - rate), 0)


def named(form, weights):
    """The weights under the names of the Keras network, as NumPy arrays."""
    found = {"embedding/embeddings": weights["embedding"]}
    for way, of in zip(("forward", "backward"), weights["directions"], strict=False):
        layer = f"{form.cell}_0"
        if form.bidirectional:
            layer = f"bidirectional_0/{way}_{layer}"
        layer = f"{layer}/{CELLS[form.cell]}"
        found |= {f"{layer}/kernel": of["kernel"], f"{layer}/recurrent_kernel": of["recurrent"], f"{layer}/bias": of["bias"]}
    return found | {"probability/kernel": weights["head"]["kernel"], "probability/bias": weights["head"]["bias"]}
