"""A text classifier as a function of its weights, under JAX: the network of `seqzoo.tasks.text_classification`."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from .forms import names
from .lstm import lstm, rnn

UNKNOWN = 1


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
    head = {"kernel": 0.01 * jax.random.normal(next(keys), (features, 1)), "bias": jnp.zeros(1)}
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


def logits(form, weights, vectors, lengths, key=None, apart=False):
    """Log odds of positive `[batch]`, computed from a text's vectors; or `apart` what each direction says `[batch, directions]`,
    whose mean that is."""
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
    parts = form.pooling.split("_")
    pooled = [pooled[part]() for part in parts]
    keys = [None] * len(parts) if key is None else jax.random.split(key, len(parts))
    pooled = [_drop(of, form.dropout, drawn, of.shape) for of, drawn in zip(pooled, keys, strict=True)]
    # A product a part: joined to one matrix they were fused wrongly on an H200 under JAX 0.11.2.
    ways = len(weights["directions"]) if apart else 1
    features = [of for part in pooled for of in jnp.split(part, ways, 1)]
    rows = jnp.split(weights["head"]["kernel"], len(features))
    products = [(of @ by)[:, 0] for of, by in zip(features, rows, strict=True)]
    if not apart:
        return sum(products) + weights["head"]["bias"]
    return ways * jnp.stack([sum(products[way::ways]) for way in range(ways)], 1) + weights["head"]["bias"]


def _drop(x, rate, key, shape):
    if key is None or not rate:
        return x
    return jnp.where(jax.random.bernoulli(key, 1 - rate, shape), x / (1 - rate), 0)


def named(form, weights):
    """The weights under the names of the Keras network, as NumPy arrays."""
    return {name: np.asarray(_at(weights, way)) for name, way in names(form).items()}


def unnamed(form, tensors):
    """Weights of the tensors that `named` gives."""
    weights = {"directions": [{} for _ in range(1 + form.bidirectional)], "head": {}}
    for name, way in names(form).items():
        _at(weights, way[:-1])[way[-1]] = jnp.asarray(tensors[name], jnp.float32)
    return weights


def _at(tree, way):
    for step in way:
        tree = tree[step]
    return tree
