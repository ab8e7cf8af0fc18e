"""What a classifier learns from: labels, labels beside misleading vectors, and texts without labels.

Cross-entropy, adversarial loss, entropy and virtual adversarial loss (Miyato, Dai & Goodfellow 2017,
arXiv:1605.07725; their sum: Sachan, Zaheer & Salakhutdinov 2019, arXiv:2009.05007). A move's length follows the words'.
"""

from functools import partial

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


def plain(form, weights, ids, lengths, labels, key):
    """Cross-entropy, a mean over texts, without misleading vectors. Labels may be soft."""
    keys = jax.random.split(key, 2)
    return cross_entropy(logits(form, weights, embed(form, weights, ids, keys[0]), lengths, keys[1]), labels).mean()


def of_clean(scores, labels, labelled, own, taught):
    """The losses of texts as they are, and their sum: `mixed` says which."""
    losses = {"cross-entropy": cross_entropy(scores[:labelled], labels[:labelled]).mean()}
    if labelled == len(scores):
        return losses["cross-entropy"], losses
    losses["taught"] = cross_entropy(scores[labelled:], labels[labelled:]).mean()
    losses["entropy"] = entropy(scores[labelled:]).mean()
    without = taught * losses["taught"] + own * (1 - taught) * losses["entropy"]
    return losses["cross-entropy"] + without, losses


def of_moved(scores, labels, labelled, own, answers):
    """The losses of misled texts, and their sum: of those without a label against what was answered before."""
    losses = {"adversarial": cross_entropy(scores[:labelled], labels[:labelled]).mean()}
    if labelled == len(scores):
        return losses["adversarial"], losses
    losses["virtual adversarial"] = (cross_entropy(scores[labelled:], answers) - entropy_of(answers)).mean()
    return losses["adversarial"] + own * losses["virtual adversarial"], losses


def mixed(form, weights, ids, lengths, labels, labelled, key, own=1.0, taught=0.0, apart=False):
    """Of the first `labelled` texts cross-entropy and adversarial loss, of the others entropy and virtual adversarial loss.

    The gradient of the texts as they are says too in which direction each is misled, so that four passes over a text do, two
    there and two back. Of two classes every such direction is that of the log odds, or its opposite; of answers `apart`
    it is that of the sum of what each would be misled along. Dropout leaves out the same of both, so that what changes an answer
    is the move alone.

    Args:
        labels: float `[batch]`; of the texts without one, what a teacher thinks.
        own: scales what texts without labels teach by what the network itself thinks of them.
        taught: how much their labels count, from 0 to 1: their cross-entropy stands in the place of so much entropy.
        apart: whether every direction of the network learns to answer for itself.

    Returns:
        ((the sum, dict of its parts), the sum's gradient with respect to the weights), the moves taken as given.
    """
    keys = jax.random.split(key, 2)
    labels = labels[:, None]

    def scores_of(weights, vectors):
        found = logits(form, weights, vectors, lengths, keys[1], apart)
        return found if apart else found[:, None]

    vectors, through_words = jax.vjp(lambda of: embed(form, of, ids, keys[0]), weights)
    scores, through = jax.vjp(scores_of, weights, vectors)
    of_scores = partial(of_clean, labels=labels, labelled=labelled, own=own, taught=taught)
    (clean, losses), slope = jax.value_and_grad(of_scores, has_aux=True)(scores)
    of_weights, of_vectors = through(slope)
    # Along the loss of each text with a label; the others away from what is believed of them.
    misleading = jnp.concatenate([slope[:labelled], -scores[labelled:]])
    turn = jnp.where((slope * misleading).sum(-1) > 0, 1.0, -1.0)[:, None, None]
    misled = vectors + moved(vectors, turn * of_vectors, lengths, MOVE)
    answers = jax.nn.sigmoid(scores[labelled:])
    scores, through = jax.vjp(scores_of, weights, misled)
    of_scores = partial(of_moved, labels=labels, labelled=labelled, own=own, answers=answers)
    (other, more), slope = jax.value_and_grad(of_scores, has_aux=True)(scores)
    more_of_weights, more_of_vectors = through(slope)
    (of_words,) = through_words(of_vectors + more_of_vectors)
    gradient = jax.tree.map(lambda *parts: sum(parts), of_weights, more_of_weights, of_words)
    return (clean + other, losses | more), gradient


def entropy_of(p):
    p = jnp.clip(p, 1e-7, 1 - 1e-7)
    return -(p * jnp.log(p) + (1 - p) * jnp.log1p(-p))
