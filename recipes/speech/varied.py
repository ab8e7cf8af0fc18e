"""What makes recordings of a few speakers sound as by others: for words that are to be known from anybody."""

import numpy as np

FRAME = 160  # samples
CUT, BELOW = 0.6, (8.0, 30.0)  # how often words lose what is so many dB below their loudest, at their beginning, end or both


def cut(samples, place, random):
    """Where a word begins and ends, and how much before and behind it is heard, when a recording has kept what is loud of it.

    Recordings are often cut so, and without its "s" a "six" begins with a vowel.

    Args:
        samples: float `[n]`. place: (first, last, before, after), in samples. random: `numpy.random.Generator`.

    Returns:
        (first, last, before, after); often as they were.
    """
    first, last, before, after = place
    count = len(samples) // FRAME
    if random.random() >= CUT or count < 5:
        return place
    level = 10 * np.log10(np.square(samples[: count * FRAME].reshape(count, FRAME)).mean(axis=1) + 1e-9)
    loud = np.flatnonzero(level >= level.max() - random.uniform(*BELOW))
    where = random.integers(3)
    if where != 1:
        first, before = max(first, int(loud[0]) * FRAME), 0
    if where != 0:
        last, after = min(last, int(loud[-1] + 1) * FRAME), 0
    return first, last, before, after


def recorded(samples, noises, random):
    """A word as by another microphone in another place, so that neither tells which word it is: `[n]`, as loud.

    Args:
        samples: float `[n]`. noises: `recipes.speech.noises.Noises`. random: `numpy.random.Generator`.
    """
    level = np.sqrt(np.mean(np.square(samples)) + 1e-9)
    if random.random() < 0.6:
        spectrum = np.fft.rfft(samples, -(-len(samples) // 512) * 512)  # a length that is quick
        knots = int(random.integers(3, 10))
        decibels = np.interp(np.linspace(0, 1, len(spectrum)), np.linspace(0, 1, knots), random.normal(0, 6, knots))
        samples = np.fft.irfft(spectrum * 10 ** (decibels / 20))[: len(samples)]
        samples = samples * (level / np.sqrt(np.mean(np.square(samples)) + 1e-9))
    if random.random() < 0.5:
        samples = samples + noises.stretch(len(samples), random) * (level * 10 ** (-random.uniform(3, 40) / 20))
    return samples
