"""WAV files for tests."""

import wave

import numpy as np


def write_wave(file, samples, rate=8000, channels=1, width=2):
    """Write samples, whole numbers of 16 bits or the bytes of any width, to a path or an open file."""
    with wave.open(file if hasattr(file, "write") else str(file), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(rate)
        out.writeframes(samples if isinstance(samples, bytes) else np.asarray(samples).astype("<i2").tobytes())
