import builtins
import os

import numpy as np
import pytest

from seqzoo.training.curves import plot_curves

HISTORY = [
    {"epoch": 1, "loss": 0.7, "validation_loss": 0.6, "validation_accuracy": 0.7},
    {"epoch": 2, "loss": 0.4, "validation_loss": 0.5, "validation_accuracy": 0.8},
]
TRAINING_ONLY = [{"epoch": figures["epoch"], "loss": figures["loss"]} for figures in HISTORY]


def pixels(path):
    from matplotlib.image import imread

    assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    return imread(path)


@pytest.mark.parametrize("history, width", [(HISTORY, 1080), (HISTORY[:1], 1080), (TRAINING_ONLY, 600), ([], 600)])
def test_a_picture_of_whatever_was_measured(tmp_path, history, width):
    plot_curves(history, tmp_path / "curves.png")
    picture = pixels(tmp_path / "curves.png")
    assert picture.shape[:2] == (432, width)
    assert len(np.unique(picture.reshape(-1, picture.shape[2]), axis=0)) > 10
    assert os.listdir(tmp_path) == ["curves.png"]


def test_the_curves_are_those_of_the_history(tmp_path, monkeypatch):
    from matplotlib.axes import Axes

    drawn, plot = {}, Axes.plot

    def noted(self, x, y, *arguments, label, **options):
        drawn[label, len(drawn)] = (list(x), list(y))
        return plot(self, x, y, *arguments, label=label, **options)

    monkeypatch.setattr(Axes, "plot", noted)
    plot_curves(HISTORY, tmp_path / "curves.png")
    assert drawn == {
        ("training", 0): ([1, 2], [0.7, 0.4]),
        ("validation", 1): ([1, 2], [0.6, 0.5]),
        ("validation", 2): ([1, 2], [0.7, 0.8]),
    }


def test_without_matplotlib_the_error_says_what_to_install(tmp_path, monkeypatch):
    importing = builtins.__import__

    def without(name, *arguments):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return importing(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"pip install 'seqzoo\[plot\]'"):
        plot_curves(HISTORY, tmp_path / "curves.png")
    assert not os.listdir(tmp_path)
