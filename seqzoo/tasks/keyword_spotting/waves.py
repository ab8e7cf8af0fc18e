"""Checked sound: what a keyword spotter hears. Imports NumPy alone."""

import numpy as np

FULL_SCALE = np.float32(32768)  # of 16-bit samples
LOUDEST = 2.0  # above it, floats are no samples from -1 to 1; what was resampled may go a little over 1
FORMS = "a one-dimensional array of samples at 8,000 Hz, float from -1 to 1 or int16"


def checked_wave(wave, empty=False):
    """Samples float32 `[n]` from -1 to 1.

    Args:
        wave: float array from -1 to 1 or int16 array, or a list of such numbers.
        empty: whether there may be none.

    Raises:
        TypeError, ValueError: for what is no such array, is empty, or holds NaN, infinity or values far beyond 1.
    """
    array = np.asarray(wave)
    if array.dtype.kind not in "iuf" or (array.dtype.kind != "f" and array.dtype != np.int16 and not isinstance(wave, list)):
        raise TypeError(f"Sound must be {FORMS}. Received: {array.dtype}")
    if array.ndim != 1:
        hint = "; mix the channels of stereo, as with sound.mean(axis=1)" if array.ndim == 2 else ""
        raise ValueError(f"Sound must be {FORMS}{hint}. Received: shape {array.shape}")
    if not len(array) and not empty:
        raise ValueError(f"Sound must be {FORMS}, at least one sample. Received: none")
    if array.dtype == np.int16:
        return array.astype(np.float32) / FULL_SCALE
    array = array.astype(np.float32)
    if not np.isfinite(array).all():
        raise ValueError(f"Sound must be {FORMS}, finite. Received: NaN or infinity at sample {_first(~np.isfinite(array))}")
    if len(array) and np.abs(array).max() > LOUDEST:
        raise ValueError(
            f"Sound must be {FORMS}; divide 16-bit values that became floats by 32768. Received: {np.abs(array).max():.6g}"
        )
    return array


def checked_waves(waves):
    """A list of `checked_wave`.

    Raises:
        TypeError: for one wave that is in no list. As `checked_wave`, naming the place in the list.
    """
    if isinstance(waves, np.ndarray) and waves.ndim == 1 or not isinstance(waves, (list, tuple, np.ndarray)):
        raise TypeError(f"`waves` must be a list, each {FORMS}. Received: {type(waves).__name__}")
    if len(waves) and np.ndim(waves[0]) == 0:
        raise TypeError(f"`waves` must be a list, each {FORMS}. Received: a list of numbers; put it in a list")
    found = []
    for place, wave in enumerate(waves):
        try:
            found.append(checked_wave(wave))
        except (TypeError, ValueError) as error:
            raise type(error)(f"waves[{place}]: {error}") from None
    return found


def _first(found):
    return int(np.flatnonzero(found)[0])
