"""Steps of Adam under JAX, with a mean of the weights."""

import math
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

AVERAGED = 0.998  # of the mean of the weights, how much stays at each step


class Effort(NamedTuple):
    """How long a stage may take: about so many seconds, or so many steps."""

    seconds: float
    steps: int | None = None

    def steps_of(self, each, spent):
        """How many steps of `each` seconds there are when `spent` seconds are over."""
        return self.steps or max(20, int((self.seconds - spent) / each))


class Trainer:
    """Steps of Adam on one loss or another, with a mean of the weights that is what is kept.

    A step is compiled once for each loss, whatever the learning rate and the number of steps.

    Args:
        weights: dict of trees of arrays.
        slower: `{key of weights: what divides the learning rate there}`; as a rule what lies deeper moves less (Howard & Ruder
            2018, arXiv:1801.06146).
    """

    def __init__(self, weights, slower=None):
        self.slower = slower or {}
        self.optimizer, self._compiled = optax.chain(optax.clip_by_global_norm(1.0), optax.scale_by_adam(b2=0.99)), {}
        self.begin(weights, 1, 0.0)

    def begin(self, weights, total, learning_rate):
        """Begin with `weights` (kept as they are) a run of `total` steps."""
        self.weights, self.mean = jax.tree.map(jnp.copy, weights), jax.tree.map(jnp.copy, weights)
        self.state, self.steps, self.total, self.learning_rate = self.optimizer.init(self.weights), 0, total, learning_rate

    def rate(self):
        """A tenth of the steps, or 100, warm up; then a cosine to zero."""
        warm = max(1, min(100, self.total // 10))
        if self.steps < warm:
            return self.learning_rate * (self.steps + 1) / warm
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * (self.steps - warm) / max(1, self.total - warm)))

    def step(self, name, slope, *data):
        """One step along what `slope(weights, *data)` gives: ((loss, dict), the loss's gradient); `name` stands for the function.

        Of a plain loss `slope_of(loss)` is that function.
        """
        if name not in self._compiled:
            self._compiled[name] = jax.jit(partial(self._step, slope), donate_argnums=(0, 1, 2))
        # The mean forgets its beginning quickly, then slowly.
        keep = np.float32(min(AVERAGED, (1 + self.steps) / (10 + self.steps)))
        rate = np.float32(self.rate())
        self.weights, self.state, self.mean, found = self._compiled[name](self.weights, self.state, self.mean, keep, rate, *data)
        self.steps += 1
        return found

    def _step(self, slope, weights, state, mean, keep, rate, *data):
        (value, parts), gradients = slope(weights, *data)
        updates, state = self.optimizer.update(gradients, state)
        weights = {
            name: jax.tree.map(partial(_moved, rate / self.slower.get(name, 1.0)), tree, updates[name])
            for name, tree in weights.items()
        }
        mean = jax.tree.map(lambda a, b: keep * a + (1 - keep) * b, mean, weights)
        return weights, state, mean, parts | {"loss": value}


def _moved(rate, of, update):
    return of - rate * update


def slope_of(loss):
    """What gives ((loss, dict), gradient by the first argument), of a function that gives a number or (number, dict)."""

    def with_parts(*data):
        found = loss(*data)
        return found if isinstance(found, tuple) else (found, {})

    return jax.value_and_grad(with_parts, has_aux=True)
