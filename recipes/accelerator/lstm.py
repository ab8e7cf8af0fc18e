"""Recurrent layers over right-padded sequences under JAX: cuDNN's LSTM on a GPU, a scan elsewhere.

Weights have Keras's layout: `kernel` `[features, 4 * units]`, `recurrent` `[units, 4 * units]`, `bias` `[4 * units]`, gates
i, f, c, o.
"""

import jax
import jax.numpy as jnp


def on_gpu():
    return jax.default_backend() == "gpu"


def lstm(x, lengths, directions, states=None):
    """Runs one LSTM a direction over `x`.

    Args:
        x: float32 `[batch, time, features]`.
        lengths: int32 `[batch]`, at least 1; what is beyond does not count.
        directions: one or two dicts of `kernel`, `recurrent` and `bias`; the second reads from a row's last valid step back.
        states: `(h, c)` to begin with, each `[directions, batch, units]`; default zeros.

    Returns:
        outputs `[batch, time, directions * units]`, zero beyond `lengths`, and the final `(h, c)`.
    """
    units = directions[0]["recurrent"].shape[0]
    if states is None:
        states = (jnp.zeros((len(directions), x.shape[0], units), x.dtype),) * 2
    if on_gpu():
        return _cudnn(x, lengths, directions, states, units)
    found = [_scan(x, lengths, of, (states[0][i], states[1][i]), i == 1) for i, of in enumerate(directions)]
    outputs = jnp.concatenate([y for y, _ in found], -1)
    return outputs, tuple(jnp.stack([of[part] for _, of in found]) for part in (0, 1))


def rnn(x, lengths, weights):
    """Runs a tanh RNN over `x`: outputs `[batch, time, units]`, zero beyond `lengths`."""
    projected = jnp.swapaxes(x @ weights["kernel"] + weights["bias"], 0, 1)

    def step(h, z):
        h = jnp.tanh(z + h @ weights["recurrent"])
        return h, h

    begin = jnp.zeros((x.shape[0], weights["recurrent"].shape[0]), x.dtype)
    outputs = jnp.swapaxes(jax.lax.scan(step, begin, projected, unroll=8)[1], 0, 1)
    return jnp.where(_valid(x, lengths), outputs, 0)


def _cudnn(x, lengths, directions, states, units):
    from jax.experimental.rnn import lstm as cudnn

    matrices = [of[name].T.ravel() for of in directions for name in ("kernel", "recurrent")]
    biases = [part for of in directions for part in (of["bias"], jnp.zeros_like(of["bias"]))]  # cuDNN has two of each
    y, h, c = cudnn(
        x,
        *states,
        jnp.concatenate([*matrices, *biases]),
        lengths,
        x.shape[-1],
        units,
        1,
        0.0,
        len(directions) == 2,
    )
    return y, (h, c)


def _scan(x, lengths, weights, states, backward):
    valid = _valid(x, lengths)
    projected = x @ weights["kernel"] + weights["bias"]

    def step(carry, of):
        h, c = carry
        z, here = of
        i, f, g, o = jnp.split(z + h @ weights["recurrent"], 4, -1)
        cell = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        hidden = jax.nn.sigmoid(o) * jnp.tanh(cell)
        h, c = jnp.where(here, hidden, h), jnp.where(here, cell, c)
        return (h, c), jnp.where(here, h, 0)

    over = (jnp.swapaxes(projected, 0, 1), jnp.swapaxes(valid, 0, 1))
    final, outputs = jax.lax.scan(step, states, over, reverse=backward)  # padding passes the state on
    return jnp.swapaxes(outputs, 0, 1), final


def _valid(x, lengths):
    return (jnp.arange(x.shape[1])[None] < lengths[:, None])[:, :, None]
