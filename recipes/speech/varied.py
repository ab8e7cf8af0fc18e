"""What makes recordings of a few speakers sound as by others: for words that are to be known from anybody."""

import numpy as np

FRAME = 160  # samples
CUT, BELOW = 0.5, (8.0, 30.0)  # how often words lose what is so many dB below their loudest, at their beginning, end or both
MIXED, PULL = 0.5, 0.4  # how often a scene's bands are moved towards another's; both of the beta distribution of how far
ROOMS = 1.7  # how much more rooms differ
SPEED = 0.25  # of the logarithm of a word's speed, both ways
MASKED, BANDS, ROWS = 2, 7, 6  # how often bands may be masked; bands, and rows, at most that are masked together


def cut(samples, place, random):
    """Where a word begins and ends, and how much before and behind it is heard, when a recording has kept what is loud of it.

    Recordings are often cut so, and without its "s" a "six" begins with a vowel.

    Args:
        samples: float `[n]`. place: (first, last, before, after), in samples. random: `numpy.random.Generator`.

    Returns:
        (first, last, before, after); as they were half of the time.
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


def mixed(rows, random):
    """Scenes `[batch, time, bands]` whose bands have a mean and a deviation between their own and another scene's.

    Zhou et al., "Domain generalization with MixStyle", 2021, along frequency: what a microphone, a room and a voice do to a whole
    scene is then no sign of what is said. A scene keeps most of its own.
    """
    batch = len(rows)
    mean, deviation = rows.mean(axis=1, keepdims=True), rows.std(axis=1, keepdims=True) + 0.3
    other, own = random.permutation(batch), random.beta(PULL, PULL, (batch, 1, 1))
    own = np.maximum(own, 1 - own)
    own[random.random(batch) >= MIXED] = 1
    means, deviations = (own * of + (1 - own) * of[other] for of in (mean, deviation))
    return ((rows - mean) / deviation * deviations + means).astype(np.float32)
