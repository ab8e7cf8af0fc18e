"""The colours of heat maps and words: one table, which the page and matplotlib's pictures draw from."""

# Cividis (Nunez, Anderton & Renslow 2018, PLOS ONE 13(7)): dark blue at 0, yellow at 1, for values from 0 to 1.
SHARE = (
    (0, 34, 78),
    (0, 46, 106),
    (26, 56, 111),
    (50, 67, 109),
    (67, 78, 108),
    (83, 90, 109),
    (97, 101, 111),
    (111, 112, 115),
    (125, 124, 120),
    (139, 135, 120),
    (154, 147, 118),
    (170, 160, 115),
    (187, 173, 109),
    (204, 186, 100),
    (221, 200, 88),
    (239, 215, 72),
    (254, 232, 56),
)
# PuOr (Cynthia Brewer's ColorBrewer 2.0): orange below zero, white at it, purple above.
SIGNED = (
    (179, 88, 6),
    (224, 130, 20),
    (253, 184, 99),
    (254, 224, 182),
    (247, 247, 247),
    (216, 218, 235),
    (178, 171, 210),
    (128, 115, 172),
    (84, 39, 136),
)
NEGATIVE, POSITIVE = (213, 94, 0), (0, 114, 178)  # Okabe & Ito's vermilion and blue: how words move an answer


def stops(signed):
    """Evenly spaced (red, green, blue), 0 to 255, from the lowest value to the highest; between them it is a mix."""
    return SIGNED if signed else SHARE


def css_gradient(signed):
    """The scale from left to right, as a CSS image."""
    return f"linear-gradient(90deg, {', '.join(map(css, stops(signed)))})"


def css(color):
    return f"rgb({','.join(str(round(channel)) for channel in color)})"


def colormap(signed):
    """The same scale for matplotlib. Raises ImportError without it."""
    from matplotlib.colors import LinearSegmentedColormap

    name = "seqzoo_signed" if signed else "seqzoo_share"
    return LinearSegmentedColormap.from_list(name, [[channel / 255 for channel in color] for color in stops(signed)])


def word_color(share):
    """CSS colour of a word: white at 0, vermilion at -1, blue at 1, light enough for black text."""
    end, weight = (POSITIVE if share > 0 else NEGATIVE), min(abs(share), 1) ** 0.7 * 0.75
    return css([255 + (channel - 255) * weight for channel in end])
