"""Samples that decide no scale, so that the error that an 8-bit file states is one on inputs that it has not seen."""

import warnings

FEW = 32  # samples; chosen, not measured: with a handful the scales follow chance
SHARE, MOST = 4, 64  # one in so many is held out, and no more than so many
MOST_CHECKED = 256


def hold_out(samples):
    """Places of the samples that no scale is taken from: every `SHARE`th, at least one of two; none of a single one."""
    places = list(range(1, len(samples), SHARE))
    return places[:: max(1, -(-len(places) // MOST))]


def to_check(count, held):
    """Places of the samples that a finished file is run on: those held out, and of the others `MOST_CHECKED` spread evenly."""
    others = sorted(set(range(count)) - set(held))
    return sorted({*held, *others[:: max(1, -(-len(others) // MOST_CHECKED))]})


def warn_of_few(count):
    """Warn where an 8-bit file's scales come from fewer than `FEW` samples."""
    if count < FEW:
        warnings.warn(
            f"The scales of an 8-bit file need at least {FEW} typical samples: what goes beyond the few is cut off. Give more "
            f"as `calibration` (one in {SHARE} is held out to measure the error). Received: {count}",
            stacklevel=4,
        )
