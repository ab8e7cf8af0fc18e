"""What all pictures share: colours that everybody can tell apart, and PNG files that are whole or absent."""

import io
from pathlib import Path

from seqzoo.files import write_atomically

# Okabe & Ito's palette: told apart with any kind of colour vision.
BLUE, ORANGE, GREEN, PURPLE, BLACK = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000"
CELL_COLORS = {"rnn": ORANGE, "lstm": BLUE, "gru": GREEN}


def new_figure(width, height):
    """An empty matplotlib `Figure` in inches, free of any window system; notebooks show it as a picture.

    Raises:
        ImportError: without matplotlib; install `seqzoo[plot]`.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("Pictures need matplotlib: pip install 'seqzoo[plot]'") from error

    class NotebookFigure(Figure):
        def _repr_png_(self):
            return png(self)

    return NotebookFigure(figsize=(width, height), layout="constrained")


def png(figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=120)
    return buffer.getvalue()


def save_png(figure, path):
    """Write a figure as PNG. Raises ValueError unless the name ends in .png, OSError if it can't be written."""
    if Path(path).suffix.lower() != ".png":
        raise ValueError(f"Pictures are written as PNG: give a name that ends in .png. Received: {path}")
    write_atomically(path, png(figure))
