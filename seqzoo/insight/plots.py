"""Traces and gradients as pictures; each function gives a matplotlib figure, and a PNG file when asked."""

import os
from typing import TYPE_CHECKING

import numpy as np

from seqzoo.insight.colors import colormap
from seqzoo.insight.fields import FIELDS, ordered, unit_order, value_range
from seqzoo.insight.figures import BLACK, BLUE, GREEN, ORANGE, PURPLE, new_figure, save_png

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from seqzoo.insight.gradients import GradientFlows
    from seqzoo.insight.observe import ByLayer

MOST_NAMES = 60  # along an axis; more can't be read


def plot_gates(traces: "ByLayer", row: int = 0, path: str | os.PathLike | None = None) -> "Figure":
    """Heat maps of gates and states, units against steps; one column for each layer.

    Args:
        traces: from `trace_gates`.
        row: which input of the batch.
        path: PNG file to write, or None.

    Returns:
        `matplotlib.figure.Figure`.

    Raises:
        ValueError: for a row that is not in the batch, a file name that does not end in .png.
        ImportError: without matplotlib.
    """
    length = _length(traces, row, next(iter(traces.values())).hidden)
    columns = [(name, trace, ordered(trace)) for name, trace in traces.items()]
    height = max(len(names) for _, _, names in columns)
    width = float(np.clip(length * 0.16, 5, 14)) * len(columns)
    figure = new_figure(width, 1.7 * height + 1)
    grid = figure.subplots(height, len(columns), squeeze=False)
    for column, (layer, trace, names) in enumerate(columns):
        order = unit_order(trace, row, length - 1)
        for axis in grid[len(names) :, column]:
            axis.remove()
        for axis, name in zip(grid[: len(names), column], names, strict=True):
            values = getattr(trace, name)[row, :length][:, order].T
            low, high = value_range(name, values)
            image = axis.imshow(
                values,
                aspect="auto",
                interpolation="nearest",
                origin="lower",
                vmin=low,
                vmax=high,
                cmap=colormap(FIELDS[name].signed),
            )
            figure.colorbar(image, ax=axis, pad=0.01)
            axis.set_title(f"{layer}: {FIELDS[name].title} ({FIELDS[name].meaning})", fontsize=9)
            axis.set_ylabel("unit")
            axis.set_xticks([])
        _name_steps(grid[len(names) - 1, column], traces.steps and traces.steps[row], length)
    if path is not None:
        save_png(figure, path)
    return figure


def plot_gradient_flow(flows: "GradientFlows", row: int | None = None, path: str | os.PathLike | None = None) -> "Figure":
    """Norm of dL/dh_t (solid) and dL/dc_t (dashed) against the step, on a logarithmic axis; a colour a layer.

    Args:
        flows: from `gradient_flow`.
        row: which input of the batch; None: the root of the mean square over all of them.
        path: PNG file to write, or None.

    Returns, Raises: as `plot_gates`.
    """
    if row is not None:
        length = _length(flows, row, next(iter(flows.values())).hidden)
    else:
        length = next(iter(flows.values())).hidden.shape[1]
    figure = new_figure(float(np.clip(length * 0.16, 6, 14)), 4)
    axis = figure.subplots()
    for (layer, flow), color in zip(flows.items(), [BLUE, ORANGE, GREEN, PURPLE, BLACK] * len(flows), strict=False):
        for values, symbol, style in ((flow.hidden, "h", "o-"), (flow.cell, "c", "s--")):
            if values is None:
                continue
            norms = np.sqrt((values**2).mean(axis=0)) if row is None else values[row]
            norms = np.where(norms > 0, norms, np.nan)[:length]  # a logarithm has no zero
            label = f"{layer}: |dL/d{symbol}_t|"
            axis.semilogy(range(length), norms, style, color=color, markersize=3, label=label)
    axis.set_ylabel("gradient norm")
    axis.grid(alpha=0.3)
    axis.legend()
    _name_steps(axis, flows.steps and row is not None and flows.steps[row], length)
    if path is not None:
        save_png(figure, path)
    return figure


def _length(results, row, values):
    """Number of steps of one row without the padding at its end."""
    if not 0 <= row < len(values):
        raise ValueError(f"`row` must lie between 0 and {len(values) - 1}. Received: {row!r}")
    if results.valid is None or not results.valid[row].any():
        return values.shape[1]
    return min(values.shape[1], int(np.flatnonzero(results.valid[row])[-1]) + 1)


def _name_steps(axis, names, length):
    if names and length <= MOST_NAMES:
        axis.set_xticks(range(length), [_printable(name) for name in names[:length]], rotation=90, fontsize=7)
        return
    axis.set_xticks(np.unique(np.linspace(0, length - 1, min(length, 11)).astype(int)))
    axis.set_xlabel("step")


def _printable(name):
    return str(name).replace("$", r"\$")  # matplotlib reads $ as mathematics
