"""Whether what a compiler makes of the networks computes what they say, at the sizes that are trained.

XLA's fused kernels can be wrong without a word, for some shapes on some GPUs (github.com/jax-ml/jax/issues/39486 and 40588): a
network then learns around the fault and answers otherwise wherever else it runs. So nothing is trained before this is right.
"""

import jax
import jax.numpy as jnp
import numpy as np

from .classifier import MOST, answers
from .mixed import mixed
from .network import begin, embed, logits

# Tensor cores round to 10 bits. Of the gradient a rounding may turn the move of a text or two the other way round.
FAR, FAR_GRADIENT = 0.03, 0.25


def distance(found, expected):
    """The length of the difference of two arrays, relative to the second one's."""
    found, expected = (np.asarray(of, np.float64).ravel() for of in (found, expected))
    return float(np.linalg.norm(found - expected) / max(np.linalg.norm(expected), 1e-9))


def from_compiling(function, *data):
    """How far what a function gives when it is compiled whole is from what it gives step by step: the greatest `distance` of
    its arrays, single numbers left out: what nearly cancels out in them is rounding."""
    found = jax.tree.leaves(jax.jit(function)(*data))
    with jax.disable_jit():
        expected = jax.tree.leaves(function(*data))
    return float(np.max([distance(a, b) for a, b in zip(found, expected, strict=True) if b.size > 1]))  # NaN is the greatest


def check_known(form, weights, texts, expected, words, log):
    """Compare the answers of a network that was trained elsewhere with those it gave there.

    Args:
        texts: `Texts`, the first of which it was asked.
        expected: float `[n]`, its probabilities of those.
        words: of longer texts than so many it was asked about a part; they don't count.

    Raises:
        RuntimeError: they are further than rounding explains.
    """
    whole = texts.lengths[: len(expected)] <= min(words, MOST)
    found = answers(form, weights, texts)[: len(expected)]
    _judge({"answers known from elsewhere": distance(found[whole], expected[whole])}, log)


def check(forms, rows, length, log):
    """Log how far compiled answers and gradients are from those computed step by step.

    Args:
        forms: `{name: Form}`; that of a bidirectional teacher has a gradient for each direction's own answer.
        rows: reviews in a batch with labels, and without.
        length: words of each at most; some are shorter.

    Raises:
        RuntimeError: they are further than rounding explains.
    """
    found = {}
    labelled, unlabelled = rows
    random = np.random.default_rng(0)
    lengths = jnp.asarray(random.integers(max(1, length // 4), length + 1, labelled + unlabelled), jnp.int32)
    labels = jnp.asarray(random.random(labelled + unlabelled), jnp.float32)
    for name, form in forms.items():
        ids = random.integers(2, form.vocabulary_size, (labelled + unlabelled, length)).astype(np.int32)
        ids = jnp.asarray(np.where(np.arange(length) < np.asarray(lengths)[:, None], ids, 0))
        weights = begin(form, jax.random.key(0))
        # As large as they become, so that every part of the network counts.
        weights |= {"embedding": 5 * weights["embedding"], "head": jax.tree.map(lambda of: 10 * of, weights["head"])}
        still = form._replace(word_dropout=0.0, embedding_dropout=0.0, dropout=0.0)

        def answer(weights, ids, lengths, still=still):
            return logits(still, weights, embed(still, weights, ids), lengths)

        def slope(weights, ids, lengths, labels, still=still, apart=name == "teacher" and form.bidirectional):
            return mixed(still, weights, ids, lengths, labels, labelled, jax.random.key(1), 1.0, 0.5, apart)

        found[f"{name}'s answers"] = from_compiling(answer, weights, ids, lengths)
        found[f"{name}'s gradients"] = from_compiling(slope, weights, ids, lengths, labels)
    _judge(found, log)


def _judge(found, log):
    said = {name: f"{name} {value:.2g} apart" for name, value in found.items()}
    log(f"compiled, against what it should be: {', '.join(said.values())}")
    far = {name: FAR_GRADIENT if name.endswith("gradients") else FAR for name in found}
    if wrong := [said[name] for name, value in found.items() if not value < far[name]]:
        raise RuntimeError(
            "What is compiled here computes something else than it should; try another version of jax, or XLA_FLAGS of "
            f"https://github.com/jax-ml/jax/issues/39486. Received: {', '.join(wrong)}"
        )
