"""The pictures of `recipes.memory.vanishing_gradients`."""

import numpy as np

from seqzoo.insight.figures import BLACK, BLUE, GREEN, ORANGE, PURPLE, new_figure

WINDOW = 25  # steps over which curves are averaged


def activations():
    """tanh and sigmoid, and their slopes."""
    x = np.linspace(-6, 6, 401)
    sigmoid = 1 / (1 + np.exp(-x))
    figure = new_figure(9, 3.4)
    left, right = figure.subplots(1, 2)
    left.plot(x, np.tanh(x), "-", color=ORANGE, label="tanh(x)")
    left.plot(x, sigmoid, "--", color=BLUE, label="sigmoid(x)")
    right.plot(x, 1 - np.tanh(x) ** 2, "-", color=ORANGE, label="tanh'(x), at most 1")
    right.plot(x, sigmoid * (1 - sigmoid), "--", color=BLUE, label="sigmoid'(x), at most 1/4")
    left.set_title("What a unit answers")
    right.set_title("What it lets through of a gradient")
    for axis, label in ((left, "output"), (right, "derivative")):
        _finish(axis, "input x", label)
    return figure


def cells(found):
    """Gradient norm against distance from the last step, at the start (left) and after training (right)."""
    figure = new_figure(11, 4.4)
    axes = figure.subplots(1, 2, sharey=True)
    for axis, (when, flows) in zip(axes, found.items(), strict=False):
        lines = (
            ("rnn", "hidden", "o-", ORANGE, "RNN, |dL/dh|"),
            ("rnn", "tight_bound", ":", ORANGE, "RNN, bound with tanh's slopes"),
            ("rnn", "bound", "--", BLACK, "RNN, bound of singular values alone"),
            ("lstm", "hidden", "s-", BLUE, "LSTM, |dL/dh|"),
            ("lstm", "cell", "^-", GREEN, "LSTM, |dL/dc|"),
        )
        for cell, name, style, color, label in lines:
            values = flows[cell][name]
            axis.semilogy(values / flows[cell]["cell" if name == "cell" else "hidden"][0], style, color=color, label=label, ms=3)
        accuracy = "".join(f", {c.upper()} {f['accuracy']:.0%} right" for c, f in flows.items() if "accuracy" in f)
        axis.set_title({"start": "At the start", "trained": f"After training{accuracy}"}[when])
        _finish(axis, "steps before the end", "gradient norm, 1 at the last step")
    low = min(np.min(f[n][f[n] > 0] / f[n][0]) for flows in found.values() for f in flows.values() for n in ("hidden",))
    axes[0].set_ylim(max(low / 10, 1e-16), 1e4)
    return figure


def clipping(found):
    """Loss (left) and norm of the gradient before clipping (right) by step."""
    figure = new_figure(11, 3.8)
    left, right = figure.subplots(1, 2)
    for (name, run), color, style in zip(found.items(), (ORANGE, BLUE), ("-", "--"), strict=False):
        left.plot(_smooth(run["loss"]), style, color=color, label=name)
        right.semilogy(run["norm"], style, color=color, label=name, lw=0.8)
    right.axhline(1.0, color=BLACK, lw=1, ls=":", label="clipping threshold")
    left.set_title("RNN under gradient descent with momentum")
    _finish(left, "training step", "cross-entropy loss (nats)")
    _finish(right, "training step", "gradient norm before clipping")
    return figure


def forget_bias(found):
    """Gradient norm at the start (left) and accuracy in training (right) of LSTMs that differ in b_f alone."""
    figure = new_figure(11, 3.8)
    left, right = figure.subplots(1, 2)
    for (bias, run), color, style in zip(found.items(), (ORANGE, BLUE, PURPLE), ("-", "--", "-."), strict=False):
        share = 1 / (1 + np.exp(-bias))
        label = f"forget bias {bias} (gate {share:.2f})"
        left.semilogy(run["cell"] / run["cell"][0], style, color=color, label=label)
        right.plot(_smooth(run["measure"]), style, color=color, label=label)
    left.set_title("LSTM at the start")
    right.set_title("LSTM in training")
    right.axhline(0.25, color=BLACK, lw=1, ls=":", label="guessing")
    _finish(left, "steps before the end", "|dL/dc|, 1 at the last step")
    _finish(right, "training step", "accuracy")
    return figure


def _smooth(values):
    """Means over a window; a diverged run stays visible as a gap."""
    return np.convolve(values, np.ones(WINDOW) / WINDOW, mode="valid")


def _finish(axis, x, y):
    axis.set_xlabel(x)
    axis.set_ylabel(y)
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8)
