"""Backgrounds of what is said: hiss, rumble, a band, hum, what comes and goes, and recorded ones."""

import numpy as np


class Noises:
    """Backgrounds: hiss, rumble, a band, hum, and what comes and goes; made once, and a random stretch of one taken each time.

    Args:
        random: `numpy.random.Generator`.
        recorded: int16 arrays; they give half of them, each four at most.
        count: how many there are.
    """

    LENGTH = 1 << 16  # samples of each

    def __init__(self, random, recorded=(), count=96):
        heard = [of for of in recorded if np.ptp(of) for _ in range(4)]
        if len(heard) > count // 2:
            heard = [heard[place] for place in random.permutation(len(heard))[: count // 2]]
        sounds = [self._stretch(of, random) for of in heard]
        self.sounds = np.stack([*sounds, *(self._make(random) for _ in range(count - len(sounds)))])

    def _stretch(self, recorded, random):
        start = int(random.integers(max(1, len(recorded) - self.LENGTH)))
        sound = np.resize(recorded[start:], self.LENGTH).astype(np.float32)
        return sound / np.sqrt(np.mean(np.square(sound)) + 1e-9)

    def _make(self, random):
        length = self.LENGTH
        spectrum = np.fft.rfft(random.standard_normal(length))
        frequencies = np.arange(1, len(spectrum) + 1) / len(spectrum)
        kind = random.random()
        if kind > 0.3:
            spectrum *= frequencies ** -random.uniform(0, 1.2)  # towards pink and brown
        if kind > 0.7:
            spectrum *= np.exp(-np.square((frequencies - random.uniform(0.02, 0.9)) / random.uniform(0.02, 0.4)))
        sound = np.fft.irfft(spectrum, length)
        if random.random() < 0.15:
            hum = np.sin(2 * np.pi * random.choice([50, 60, 100, 120, 400]) * np.arange(length) / 8000)
            sound += hum * np.abs(sound).max() * random.uniform(0.2, 1)
        if random.random() < 0.2:
            sound *= np.interp(np.arange(length), np.linspace(0, length, 18), random.uniform(0, 1, 18))
        return (sound / np.sqrt(np.mean(np.square(sound)))).astype(np.float32)

    def stretch(self, length, random):
        """float32 `[length]` of mean square 1."""
        sound, start = random.integers(len(self.sounds)), random.integers(self.LENGTH - length)
        return self.sounds[sound, start : start + length]

    def draw(self, length, random):
        """float32 `[length]`, most often quiet, one time in eight nothing."""
        if random.random() < 0.12:
            return np.float32(0)
        return self.stretch(length, random) * np.float32(10 ** (random.uniform(-75, -22) / 20))
