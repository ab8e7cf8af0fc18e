"""A language model of each direction over shared word vectors, which are its last layer too, under JAX.

The forward one foretells the next word, the backward one the word before. What a classifier begins with is their word
vectors and layers (Dai & Le 2015, arXiv:1511.01432; tied last layer: Press & Wolf 2017, arXiv:1608.05859).
"""

import time

import jax
import jax.numpy as jnp
import numpy as np

from .lstm import lstm
from .network import UNKNOWN, begin, known
from .trainer import Trainer, slope_of

ROWS, STEPS = 512, 96
FORETOLD = 12000  # words; the others count as the unknown one there, of so many scores each costs as much as the LSTM
CALMER = 0.6  # of a classifier's dropout, which has fewer texts to learn from


def begin_language(form, key):
    weights, keys = begin(form, key), jax.random.split(key, 3)
    down = [
        0.5 / form.units**0.5 * jax.random.normal(keys[i], (form.units, form.embedding_size))
        for i in range(len(weights["directions"]))
    ]
    return {
        "embedding": 2 * weights["embedding"],
        "directions": weights["directions"],
        "down": down,
        "bias": jnp.zeros(min(FORETOLD, form.vocabulary_size)),
    }


def loss_of(form, weights, states, ids, key):
    """Mean cross-entropy per word of each direction over one stretch; `ids` int32 `[directions, rows, steps + 1]`, the second
    direction's reversed. Gives the states too, which the next stretch begins with."""
    losses, after, keys = [], [], jax.random.split(key, 2 * len(ids))
    for way, of in enumerate(ids):
        of = known(form, of)
        x = weights["embedding"][of[:, :-1]]
        into, out = 1 - CALMER * form.embedding_dropout, 1 - CALMER * form.dropout
        kept = jax.random.bernoulli(keys[2 * way], into, (x.shape[0], 1, x.shape[2]))
        lengths = jnp.full(len(of), of.shape[1] - 1, jnp.int32)
        y, (h, c) = lstm(jnp.where(kept, x / into, 0), lengths, [weights["directions"][way]], states[way])
        kept = jax.random.bernoulli(keys[2 * way + 1], out, (y.shape[0], 1, y.shape[2]))
        down = jnp.where(kept, y / out, 0) @ weights["down"][way]
        scores = jnp.einsum(
            "rte,ve->rtv",
            down.astype(jnp.bfloat16),
            weights["embedding"][:FORETOLD].astype(jnp.bfloat16),
            preferred_element_type=jnp.bfloat16,
        )
        targets = jnp.where(of < scores.shape[-1], of, UNKNOWN)[:, 1:]
        losses.append(_cross_entropy(scores, weights["bias"], targets))
        after.append(jax.lax.stop_gradient((h, c)))
    return jnp.stack(losses).mean(), (jnp.stack(losses), after)


def _cross_entropy(scores, bias, targets):
    scores = scores.astype(jnp.float32) + bias
    return (jax.nn.logsumexp(scores, -1) - jnp.take_along_axis(scores, targets[:, :, None], -1)[..., 0]).mean()


def train_language(form, stream, effort, learning_rate, key, log, rows=ROWS, steps=STEPS):
    """Trains as long as `effort` says.

    Args:
        form: `Form`; one direction if it is not bidirectional.
        stream: uint16 `[words]`, texts with a 0 between each.

    Returns:
        Weights as `network.begin` gives them, but for the head.
    """
    ways = 1 + form.bidirectional
    weights = begin_language(form, key)
    rows = min(rows, max(1, len(stream) // (4 * steps)))
    per_row = len(stream) // rows
    streams = [stream, stream[::-1]][:ways]
    data = jnp.stack([jnp.asarray(np.ascontiguousarray(of[: per_row * rows]).reshape(rows, per_row)) for of in streams])
    stretches = (per_row - 1) // steps

    def loss(weights, states, data, at, key):
        ids = jax.lax.dynamic_slice(data, (0, 0, at), (ways, rows, steps + 1)).astype(jnp.int32)
        value, (losses, states) = loss_of(form, weights, states, ids, key)
        return value, {"losses": losses, "states": states}

    slope = slope_of(loss)
    zero = [(jnp.zeros((1, rows, form.units)),) * 2 for _ in range(ways)]
    trainer, begun = Trainer(weights), time.time()
    jax.block_until_ready(trainer.step("language", slope, zero, data, 0, key))
    log(f"language: compiled in {time.time() - begun:.1f} s")
    count, since = 20, time.time()
    for place in range(count):
        found = trainer.step("language", slope, zero, data, place % stretches * steps, key)
    jax.block_until_ready(found)
    each = (time.time() - since) / count
    total = effort.steps_of(each, time.time() - begun)
    log(f"language: {1000 * each:.1f} ms a step, {total} steps, {total / stretches:.2f} epochs")
    trainer.begin(weights, total, learning_rate)
    recent, begun = [], time.time()
    for place in range(total):
        if place % stretches == 0:
            states = zero
        found = trainer.step("language", slope, states, data, place % stretches * steps, jax.random.fold_in(key, place))
        states = found["states"]
        recent.append(found["losses"])
        if (place + 1) % max(1, total // 10) == 0:
            perplexities = np.exp(np.mean([np.asarray(of) for of in recent[-50:]], 0))
            log(f"language: step {place + 1}, {time.time() - begun:.0f} s, perplexities {perplexities.round(1).tolist()}")
            recent = []
    weights = trainer.weights
    return {"embedding": weights["embedding"], "directions": weights["directions"]}
