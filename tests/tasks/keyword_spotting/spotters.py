"""A small keyword spotter with decided answers: a model without training."""

import numpy as np

CLASSES = ("yes", "no", "silence", "unknown")


def spotter(cell="gru", units=6, seed=0, **config):
    """A `KeywordSpotter` with random weights, big enough to give answers that differ."""
    from seqzoo.tasks.keyword_spotting import KeywordSpotter

    model = KeywordSpotter({"classes": list(CLASSES), "cell": cell, "units": units, "layers": 2, "threshold": 0.4} | config)
    random = np.random.default_rng(seed)
    model.load_tensors({k: random.normal(0, 0.7, v.shape).astype(np.float32) for k, v in model.tensors().items()})
    return model


def wave(samples=4000, seed=0, loud=0.2):
    """Hiss that comes and goes, float32."""
    random = np.random.default_rng(seed)
    swell = np.interp(np.arange(samples), np.linspace(0, max(1, samples - 1), 6), random.uniform(0, 1, 6))
    return (loud * swell * random.standard_normal(samples)).clip(-1, 1).astype(np.float32)
