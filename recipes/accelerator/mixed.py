"""What a classifier learns from: labels, labels beside misleading vectors, and texts without labels.

Cross-entropy, adversarial loss, entropy and virtual adversarial loss (Miyato, Dai & Goodfellow 2017,
arXiv:1605.07725; their sum: Sachan, Zaheer & Salakhutdinov 2019, arXiv:2009.05007). A move's length follows the words'.
"""

import jax
import jax.numpy as jnp

from .network import embed, logits

MOVE = 0.3  # of a word's mean length


def cross_entropy(scores, labels):
    """Binary, of log odds, per text."""
    return jnp.logaddexp(0, scores) - labels * scores


def entropy(scores):
    p = jax.nn.sigmoid(scores)
    return cross_entropy(scores, p)


def moved(vectors, towards, lengths, strength):
    """A move of all vectors of a text along `towards`, of `strength` times their mean length."""
    valid = (jnp.arange(vectors.shape[1])[None] < lengths[:, None])[:, :, None]
    length = jnp.sqrt(jnp.square(vectors).sum(-1, keepdims=True))
    mean = (valid * length).sum(1, keepdims=True) / lengths[:, None, None]
    towards = jnp.where(valid, towards, 0)
    norm = jnp.sqrt(jnp.square(towards).sum((1, 2), keepdims=True))
    return jax.lax.stop_gradient(strength * mean * towards / jnp.maximum(norm, 1e-20))


def supervised(form, weights, ids, lengths, labels, key, adversarial=True):
    """Cross-entropy, and beside it that of misleading vectors: a mean over texts. Labels may be soft."""
    keys = jax.random.split(key, 3)

    def clean(weights, vectors):
        return cross_entropy(logits(form, weights, vectors, lengths, keys[1]), labels)

    vectors = embed(form, weights, ids, keys[0])
    if not adversarial:
        return clean(weights, vectors).mean()
    fixed, still = jax.lax.stop_gradient((weights, vectors))
    towards = jax.grad(lambda of: clean(fixed, of).mean())(still)
    misled = vectors + moved(still, towards, lengths, MOVE)
    loss = cross_entropy(logits(form, weights, misled, lengths, keys[2]), labels)
    return clean(weights, vectors).mean() + loss.mean()


def mixed(form, weights, ids, lengths, labels, labelled, key, own, taught):
    """Of the first `labelled` texts cross-entropy and adversarial loss, of the others entropy and virtual adversarial loss.

    Args:
        labels: float `[batch]`; of the texts without one, what a teacher thinks.
        own: scales what texts without labels teach by what the network itself thinks of them.
        taught: how much their labels count, from 0 to 1: their cross-entropy stands in the place of so much entropy.

    Returns:
        (the sum, dict of its parts).
    """
    keys = jax.random.split(key, 2)
    fixed = jax.lax.stop_gradient(weights)
    still = embed(form, fixed, ids, keys[0])
    # Of two classes every such direction is that of the log odds, or its opposite: one gradient serves all texts.
    # Dropout is off, so what changes the answer is the move alone.
    answer, back = jax.vjp(lambda of: logits(form, fixed, of, lengths), still)
    rising = back(jnp.ones_like(answer))[0]
    believed = jnp.concatenate([labels[:labelled] - 0.5, answer[labelled:]])
    move = moved(still, jnp.where(believed > 0, -1.0, 1.0)[:, None, None] * rising, lengths, MOVE)
    answer = jax.lax.stop_gradient(jax.nn.sigmoid(answer[labelled:]))
    vectors = embed(form, weights, ids, keys[0])
    scores = logits(form, weights, jnp.concatenate([vectors, vectors + move]), jnp.concatenate([lengths, lengths]), keys[1])
    clean, misled = jnp.split(scores, 2)
    losses = {
        "cross-entropy": cross_entropy(clean[:labelled], labels[:labelled]).mean(),
        "adversarial": cross_entropy(misled[:labelled], labels[:labelled]).mean(),
        "taught": cross_entropy(clean[labelled:], labels[labelled:]).mean(),
        "entropy": entropy(clean[labelled:]).mean(),
        "virtual adversarial": (cross_entropy(misled[labelled:], answer) - entropy_of(answer)).mean(),
    }
    without = taught * losses["taught"] + own * ((1 - taught) * losses["entropy"] + losses["virtual adversarial"])
    return losses["cross-entropy"] + losses["adversarial"] + without, losses


def entropy_of(p):
    p = jnp.clip(p, 1e-7, 1 - 1e-7)
    return -(p * jnp.log(p) + (1 - p) * jnp.log1p(-p))
