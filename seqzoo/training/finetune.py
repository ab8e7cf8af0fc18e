"""A classifier's network made ready for `seqzoo.training.fit.fit`."""

import keras

from seqzoo.training.adversarial import AdversarialTraining
from seqzoo.training.discriminative import DiscriminativeAdamW, depths_of
from seqzoo.training.schedule import warm_cosine


def prepare(network, steps, learning_rate, clip=1.0, weight_decay=0.0, decay=1.0, thaw_steps=0, adversarial=0.0):
    """Compiles a classifier's network: a tenth of the steps warm up, then a cosine to zero.

    Args:
        network: `keras.Model` whose last layer is a sigmoid of one unit or a softmax.
        steps: whole number, of the whole training.
        learning_rate: peak, of the last layer.
        clip: greatest norm of the whole gradient.
        weight_decay: as for AdamW.
        decay, thaw_steps: see `DiscriminativeAdamW`; 1 and 0 train all layers alike.
        adversarial: strength of `AdversarialTraining`, 0 for none.

    Returns:
        A compiled `keras.Model` to train; afterwards use `network`, whose weights it shares.
    """
    rate = warm_cosine(learning_rate, steps, steps // 10)
    options = {"weight_decay": weight_decay, "global_clipnorm": clip}
    if decay == 1 and not thaw_steps:
        optimizer = keras.optimizers.AdamW(rate, **options)
    else:
        optimizer = DiscriminativeAdamW(rate, depths_of(network), decay, thaw_steps, **options)
    several = network.output_shape[-1] > 1
    trained = AdversarialTraining(network, adversarial) if adversarial else network
    # bfloat16 is fast on a CPU only outside of XLA, see seqzoo.kernels.bfloat16.
    half = keras.backend.backend() == "tensorflow" and any(layer.compute_dtype == "bfloat16" for layer in network.layers)
    trained.compile(
        optimizer,
        loss="sparse_categorical_crossentropy" if several else "binary_crossentropy",
        jit_compile=False if half or adversarial else "auto",
    )
    return trained
