"""Forecasts of weights that are fitted again as time goes on, each judged on days that its fit has not seen.

Beside a model's own weights, fitted to all days before the test part, a folder may hold `FILE`: for each later year of the
test part weights fitted in the same way to all days before that year. With them the figures of a yearly refit are computed
again without training.
"""

import numpy as np
import safetensors.numpy

from seqzoo.tasks import task_of

FILE = "walk_forward.safetensors"


def dump_years(weights):
    """The bytes of `FILE` from a dict: first day, such as "2019-01-01", to a model's tensors by name."""
    every = {f"{day}/{name}": np.asarray(value, np.float32) for day, of in weights.items() for name, value in of.items()}
    return safetensors.numpy.save(every)


def load_years(data):
    """What `dump_years` was given, from the file's bytes, by rising day."""
    found = {}
    for name, value in sorted(safetensors.numpy.load(data).items()):
        day, _, name = name.partition("/")
        found.setdefault(day, {})[name] = value
    return found


def walk_forward(model, weights, examples):
    """Forecasts `[n, k]` of examples, each from the last weights that were fitted before its target day.

    Args:
        model: a forecaster; its own weights are used before the first day of `weights`.
        weights: dict as `load_years` gives it.
        examples: `seqzoo.data.stock_examples.Examples`.
    """
    days = np.array(sorted(weights), "datetime64[D]")
    fit = np.searchsorted(days, examples.day, side="right")  # 0: the model's own
    forecasts = np.empty((len(examples), len(model.outputs)))
    for place in np.unique(fit):
        now = examples.where(fit == place)
        of = model
        if place:
            of = task_of(model).copy(model)
            of.load_tensors(weights[str(days[place - 1])])
        forecasts[fit == place] = of.predict_features(now.sequence, now.anchor)
    return forecasts
