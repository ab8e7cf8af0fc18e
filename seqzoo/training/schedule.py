"""The learning rate of every training here: up in a straight line, then down in a cosine."""

import keras


def warm_cosine(peak, steps, warmup):
    """From zero to `peak` in the first `warmup` of `steps`, then a cosine to zero; a Keras schedule."""
    return keras.optimizers.schedules.CosineDecay(0.0, max(1, steps - warmup), warmup_target=peak, warmup_steps=warmup)
