"""Things checked: whether each holds, and the figures or the reason."""

import math
from typing import NamedTuple

from seqzoo.tasks.task import NotMadeError
from seqzoo.zoo.integrity import ModelIntegrityError


class Check(NamedTuple):
    """One thing that was checked, whether it holds, and the figures or the reason.

    What was not checked has `made` False, does not count as wrong, and `detail` says why.
    """

    name: str
    ok: bool
    detail: str
    made: bool = True


class Checks(list):
    """The checks made so far, in their order.

    Args:
        report: called as report(name, None) when a check begins and as report(name, check) when it is made.
    """

    def __init__(self, report=None):
        super().__init__()
        self.report = report or (lambda name, check: None)

    def note(self, name, ok, detail, made=True):
        self.append(Check(name, ok, detail, made))
        self.report(name, self[-1])

    def leave_out(self, name, why):
        """Say that a thing is not checked."""
        self.note(name, True, why, made=False)

    def attempt(self, name, check):
        """Run a check, which returns `(value, detail)` or raises, and note it; gives back the value or None.

        One that raises `seqzoo.tasks.task.NotMadeError` is left out: it has neither passed nor failed.

        Where `detail` is None, only a failure is noted: the checks of the value follow.
        """
        self.report(name, None)
        try:
            value, detail = check()
        except NotMadeError as why:
            self.leave_out(name, str(why))
            return None
        except Exception as error:  # whatever goes wrong (TensorFlow has error types of its own), it has failed
            self.note(name, False, str(error) or type(error).__name__)
            return None
        if detail is not None:
            self.note(name, True, detail)
        return value

    def figures(self, split, stated, measure, suffix=""):
        """Measure some figures (`measure()` gives a dict) and compare each that is `stated`, as check_figure does."""
        received = self.attempt(f"{split} figures{suffix}", lambda: (measure(), None))
        if received is None:
            return
        for figure, value in received.items():
            self.attempt(f"{split} {figure}{suffix}", lambda f=figure, v=value: check_figure(stated[f], v))
        for figure in sorted(set(stated) - set(received)):
            self.leave_out(f"{split} {figure}{suffix}", "not computed again: another program made it")

    def fingerprint(self, split, stated, received):
        """Compare the fingerprint of a split of the data."""
        self.attempt(f"{split} data", lambda: _same_fingerprint(stated, received))

    def seeds(self, card, key, measured):
        """The shipped seed's figure is the test split's; the figures of other weights and programs are only named."""
        metrics, seed = card["metrics"], str(card["seed"])
        others = sorted(set(metrics.get("seeds", {})) - {seed})
        if seed in metrics.get("seeds", {}) and "test" in measured:
            test, stated = metrics["test"][key], metrics["seeds"][seed]
            self.attempt(f"seed {seed} is the one here", lambda: check_figure(stated, test))
        left = [f"{name} figures" for name in metrics if name not in (*measured, "seeds")]
        left += [f"seed {other}" for other in others] + ["baselines"] * bool(card["baselines"])
        left += ["search"] * bool(card["search"])
        if left:
            text = f"{', '.join(left)}: of other weights or programs; the card's commands make them"
            self.leave_out("not computed again", text)

    @staticmethod
    def compare(stated, received):
        """`check_figure`, for the tasks."""
        return check_figure(stated, received)


def _same_fingerprint(split, received):
    if split["fingerprint"] != received:
        raise ModelIntegrityError(f"The card states the fingerprint {split['fingerprint']}. Received: {received}")
    return True, f"{split['examples']:,} examples, fingerprint {received[:12]}..."


def check_figure(stated, received):
    """(True, the figure) where it is the stated one to its last digit; else raises ModelIntegrityError."""
    decimals = len(repr(float(stated)).partition(".")[2])
    # Half a unit of the last digit, and the float32 noise between machines.
    if not math.isclose(stated, received, rel_tol=0, abs_tol=0.5 * 10**-decimals + 1e-6):
        raise ModelIntegrityError(f"The card states {stated}. Received: {received:.{min(decimals, 7)}f}")
    return True, f"{received:,} as stated" if isinstance(stated, int) else f"{received:.{min(decimals, 7)}f} as stated"
