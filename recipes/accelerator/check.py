"""Whether what a compiler makes of the networks computes what they say, at the sizes that are trained.

XLA's fused kernels can be wrong without a word, for some shapes on some GPUs (github.com/jax-ml/jax/issues/39486 and 40588): a
network then learns around the fault and answers otherwise wherever else it runs. So nothing is trained before this is right.
"""

import jax
import jax.numpy as jnp
import numpy as np

from .lstm import difference
from .mixed import mixed
from .network import begin, embed, logits

FAR = 0.02  # tensor cores round to 10 bits


def apart(function, *data):
    """The greatest difference between what a function gives when it is compiled whole and when it is computed step by step,
    relative to the greatest value, over all its arrays."""
    found = jax.tree.leaves(jax.jit(function)(*data))
    with jax.disable_jit():
        expected = jax.tree.leaves(function(*data))
    pairs = [(np.asarray(a, np.float64), np.asarray(b, np.float64)) for a, b in zip(found, expected, strict=True)]
    return max(float(np.abs(a - b).max() / max(np.abs(b).max(), 1e-9)) for a, b in pairs)


def check(forms, rows, length, log):
    """Log how far cuDNN's LSTM is from a scan, and compiled answers and gradients from those computed step by step.

    Args:
        forms: `{name: Form}`.
        rows: reviews in a batch with labels, and without.
        length: words of each at most; some are shorter.

    Raises:
        RuntimeError: they are further than rounding explains.
    """
    found = {}
    labelled, unlabelled = rows
    random = np.random.default_rng(0)
    lengths = jnp.asarray(random.integers(length // 4, length + 1, labelled + unlabelled), jnp.int32)
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

        def slope(weights, ids, lengths, labels, still=still):
            def loss(of):
                return mixed(still, of, ids, lengths, labels, labelled, jax.random.key(1), 1.0, 0.5)[0]

            return jax.value_and_grad(loss)(weights)

        if form.cell == "lstm":
            found[f"{name}'s LSTM, of cuDNN and of a scan,"] = difference(form.embedding_size, form.units, lengths)
        found[f"{name}'s answers"] = apart(answer, weights, ids, lengths)
        found[f"{name}'s gradients"] = apart(slope, weights, ids, lengths, labels)
    said = {name: f"{name} {value:.2g} apart" for name, value in found.items()}
    log(f"compiled, against step by step: {', '.join(said.values())}")
    if wrong := [said[name] for name, value in found.items() if value > FAR]:
        raise RuntimeError(
            "What is compiled here computes something else than step by step; try another version of jax, or XLA_FLAGS of "
            f"https://github.com/jax-ml/jax/issues/39486. Received: {', '.join(wrong)}"
        )
