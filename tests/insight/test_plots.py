"""Pictures: what is drawn, and that a file is a PNG."""

import numpy as np
import pytest

from seqzoo.insight import colors, gradient_flow, plot_gates, plot_gradient_flow, trace_gates
from tests import tiny
from tests.insight import networks

TEXTS = ["what a great $film", "dull"]


def heat_maps(figure):
    return {axis.get_title().split(" (")[0]: axis.images[0].get_array() for axis in figure.axes if axis.images}


def test_gates_of_one_text_without_its_padding(tmp_path):
    traces = trace_gates(tiny.model(layers=2), TEXTS)
    path = tmp_path / "gates.png"
    maps = heat_maps(plot_gates(traces, row=1, path=path))
    assert path.read_bytes().startswith(b"\x89PNG\r\n")
    assert len(maps) == 12
    values = traces["lstm_1"].forget[1, :1].T
    np.testing.assert_array_equal(np.sort(maps["lstm_1: forget gate f"], axis=0), np.sort(values, axis=0))


@pytest.mark.parametrize("signed", [False, True])
def test_the_page_and_matplotlib_draw_one_scale(signed):
    drawn = 255 * colors.colormap(signed)(np.linspace(0, 1, 256))[:, :3]
    table = np.array(colors.stops(signed))
    for channel in range(3):  # what report.js does between two stops
        mixed = np.interp(np.linspace(0, 1, 256), np.linspace(0, 1, len(table)), table[:, channel])
        np.testing.assert_allclose(drawn[:, channel], mixed, atol=0.5)
    (red, _, blue), (red_above, _, blue_above) = table[0], table[-1]
    assert blue > red if not signed else (red > blue and blue_above > red_above), "orange below zero, purple above"
    assert colors.css_gradient(signed).count("rgb(") == len(table)


def test_the_scale_of_shares_is_cividis():
    from matplotlib import colormaps

    places = np.linspace(0, 1, 256)
    np.testing.assert_allclose(colors.colormap(False)(places), colormaps["cividis"](places), atol=0.05)  # 17 stops of 256


def test_gates_are_drawn_in_these_colours():
    axes = [axis for axis in plot_gates(trace_gates(tiny.model(), TEXTS)).axes if axis.images]
    found = {axis.get_title().split(" (")[0].split(": ")[1]: axis.images[0].get_cmap().name for axis in axes}
    assert found["forget gate f"] == "seqzoo_share" and found["cell state c"] == "seqzoo_signed"


def test_words_are_on_the_axis_and_a_notebook_gets_a_picture():
    figure = plot_gates(trace_gates(tiny.model(cell="rnn"), TEXTS))
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["what", "a", "great", "film"]
    assert figure._repr_png_().startswith(b"\x89PNG\r\n")


def test_gradient_norms_are_the_lines(tmp_path):
    flows = gradient_flow(tiny.model(), TEXTS, [1, 0])
    (axis,) = plot_gradient_flow(flows, row=0, path=tmp_path / "flow.png").axes
    hidden, cell = axis.lines
    np.testing.assert_allclose(hidden.get_ydata(), flows["lstm_0"].hidden[0])
    np.testing.assert_allclose(cell.get_ydata(), flows["lstm_0"].cell[0])
    assert axis.get_yscale() == "log" and axis.get_ylabel() == "gradient norm"
    (axis,) = plot_gradient_flow(flows).axes
    np.testing.assert_allclose(axis.lines[0].get_ydata()[0], np.sqrt((flows["lstm_0"].hidden[:, 0] ** 2).mean()))


def test_models_without_words():
    model = networks.stacked("GRU")
    assert len(heat_maps(plot_gates(trace_gates(model, networks.sequences()), row=2))) == 8


def test_refusals(tmp_path):
    traces = trace_gates(tiny.model(), TEXTS)
    with pytest.raises(ValueError, match="between 0 and 1. Received: 2"):
        plot_gates(traces, row=2)
    with pytest.raises(ValueError, match="ends in .png"):
        plot_gates(traces, path=tmp_path / "gates.jpg")
    with pytest.raises(FileNotFoundError):
        plot_gates(traces, path=tmp_path / "no" / "gates.png")
