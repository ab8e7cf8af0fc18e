"""One thing checked: whether it holds, and the figures or the reason."""

import math
from typing import NamedTuple

from seqzoo.zoo.integrity import ModelIntegrityError


class Check(NamedTuple):
    """One thing that was checked, whether it holds, and the figures or the reason."""

    name: str
    ok: bool
    detail: str


def try_check(checks, name, check):
    """Run one check, which returns `(value, detail)` or raises, and note it; gives back the value or None."""
    try:
        value, detail = check()
        checks.append(Check(name, True, detail))
        return value
    except Exception as error:  # whatever goes wrong (TensorFlow has error types of its own), it has failed
        checks.append(Check(name, False, str(error) or type(error).__name__))
        return None


def check_fingerprint(split, received):
    if split["fingerprint"] != received:
        raise ModelIntegrityError(
            f"The card states the fingerprint {split['fingerprint']}. Received: {received}"
        )
    return True, f"{split['examples']:,} examples, fingerprint {received[:12]}..."


def check_figure(stated, received):
    decimals = len(repr(float(stated)).partition(".")[2])
    # Half a unit of the last digit, and the float32 noise between machines.
    if not math.isclose(stated, received, rel_tol=0, abs_tol=0.5 * 10**-decimals + 1e-6):
        raise ModelIntegrityError(f"The card states {stated}. Received: {received:.{min(decimals, 7)}f}")
    return True, f"{received:,} as stated" if isinstance(
        stated, int
    ) else f"{received:.{min(decimals, 7)}f} as stated"
