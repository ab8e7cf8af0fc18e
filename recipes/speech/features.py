"""Log-mel bands in NumPy, many at a time, as `seqzoo.layers.LogMel` computes them; training needs no gradient of them."""

from functools import partial

import numpy as np

from seqzoo.tasks.keyword_spotting.front import filters, hann

# Lengths of vocal tracts, as factors of the frequencies that a band takes (Jaitly & Hinton, "Vocal tract length perturbation
# (VTLP) improves speech recognition", 2013).
TRACTS = np.exp(np.linspace(-0.18, 0.18, 19))
KNEE = 3000.0  # Hz; above it frequencies are moved less, so that none leaves the spectrum


def warped(frequencies, factor, nyquist=4000.0):
    """Frequencies in Hz times a factor, up to a knee; from there in a straight line to the highest one."""
    knee = KNEE * min(factor, 1.0)
    beyond = nyquist - (nyquist - knee) / (nyquist - knee / factor) * (nyquist - frequencies)
    return np.where(frequencies <= knee / factor, frequencies * factor, beyond)


class Features:
    """`LogMel` with the same arguments, at steps of the sound that need not be equal.

    Args:
        settings: dict of the arguments of `LogMel`, without a name.
    """

    def __init__(self, settings):
        self.settings = settings
        self.window, self.hop, self.floor = settings["window"], settings["hop"], settings["floor"]
        self.filters = filters(self.window, *(settings[name] for name in ("bands", "lower", "upper")))  # [bins, bands]
        bands, lower, upper = (settings[name] for name in ("bands", "lower", "upper"))
        self.warped = np.stack([filters(self.window, bands, lower, upper, warp=partial(warped, factor=of)) for of in TRACTS])
        bins = len(self.filters)
        angles = 2 * np.pi * (np.outer(np.arange(self.window), np.arange(bins)) % self.window) / self.window
        weights = hann(self.window)[:, None]
        self.transform = np.concatenate([weights * np.cos(angles), weights * np.sin(angles)], axis=1).astype(np.float32)

    def power(self, sound, ends, tracts=None):
        """Energy in bands float32 `[batch, time, bands]`.

        Args:
            sound: float32 `[batch, samples]`.
            ends: int `[batch, time]`, where each window ends; before the sound are zeros.
            tracts: int `[batch]`, places in `TRACTS`; None for the bands of `LogMel`.
        """
        padded = np.pad(sound, ((0, 0), (self.window, 0)))  # which moves all ends to where windows begin
        windows = np.lib.stride_tricks.sliding_window_view(padded, self.window, axis=1)
        frames = windows[np.arange(len(sound))[:, None], ends]
        spectrum = frames.reshape(-1, self.window) @ self.transform  # quicker than a transform of each
        np.square(spectrum, out=spectrum)
        half = spectrum.shape[1] // 2
        energy = spectrum[:, :half] + spectrum[:, half:]
        if tracts is None:
            return (energy @ self.filters).reshape(*ends.shape, -1)
        return energy.reshape(*ends.shape, -1) @ self.warped[tracts]

    def __call__(self, sound):
        """float32 `[batch, time, bands]` of sound float32 `[batch, samples]`, samples a multiple of the hop."""
        ends = np.arange(self.hop, sound.shape[1] + 1, self.hop)
        return np.log(self.power(sound, np.broadcast_to(ends, (len(sound), len(ends)))) + self.floor)
