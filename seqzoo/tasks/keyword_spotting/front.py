"""The front end in NumPy: what `seqzoo.layers.LogMel` computes, hop by hop and without TensorFlow."""

import numpy as np

RATE, HOP = 8000, 160  # samples a second, samples a step of 20 ms


def in_hops(sound, lead, tail, hop=HOP):
    """float32 `[time, hop]` of sound `[samples]`, with so many hops of silence before and behind it."""
    found = np.zeros((steps_of(len(sound), lead, tail, hop), hop), np.float32)
    found.reshape(-1)[lead * hop :][: len(sound)] = sound
    return found


def steps_of(samples, lead, tail, hop=HOP):
    """How many hops `in_hops` makes of so many samples."""
    return lead + -(-samples // hop) + tail


def filters(window, bands, lower, upper, rate=RATE, warp=None):
    """Weights of a power spectrum's bins in the mel bands, float32 `[bins, bands]`; `warp` moves the bands' edges in Hz."""
    mel = 1127 * np.log1p(np.fft.rfftfreq(window, 1 / rate) / 700)
    edges = np.linspace(1127 * np.log1p(lower / 700), 1127 * np.log1p(upper / 700), bands + 2)
    if warp is not None:
        edges = 1127 * np.log1p(warp(700 * np.expm1(edges / 1127)) / 700)
    found = np.stack([np.interp(mel, edges[k : k + 3], (0, 1, 0), left=0, right=0) for k in range(bands)], axis=1)
    found[0] = 0
    return found.astype(np.float32)


def hann(window):
    """The periodic Hann window, float32 `[window]`."""
    return np.square(np.sin(np.pi * np.arange(window) / window)).astype(np.float32)


class Front:
    """Sound to log-mel rows.

    Args:
        window, bands, lower, upper, floor: as for `seqzoo.layers.LogMel`.
    """

    def __init__(self, window, bands, lower, upper, floor):
        self.window, self.floor = window, np.float32(floor)
        self.hann, self.filters = hann(window), filters(window, bands, lower, upper)

    def start(self):
        """What comes before the first hop: zeros float32 `[window - HOP]`."""
        return np.zeros(self.window - HOP, np.float32)

    def __call__(self, sound, before):
        """(rows float32 `[time, bands]` of sound float32 `[time * HOP]`, what comes before the next hop)."""
        joined = np.concatenate([before, sound])
        frames = np.lib.stride_tricks.sliding_window_view(joined, self.window)[::HOP] if len(sound) else joined[:0].reshape(0, 1)
        spectrum = np.fft.rfft(frames * self.hann, self.window, axis=-1)
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        return np.log(power.astype(np.float32) @ self.filters + self.floor), joined[len(joined) - len(before) :]
