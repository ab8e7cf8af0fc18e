"""An epoch of Keras's own `fit` on the zoo's IMDB classifier, with our recurrent layer and with Keras's."""

import json
import time

from .layer_peers import KERAS


def measured(name="imdb-lstm", reviews=2048, rounds=3):
    """Median seconds of an epoch: `{"seqzoo": ..., "keras": ..., "keras, jit_compile": ...}`, taken in turn.

    The texts are random words, as many as IMDB's reviews have: lognormal with a median of 180, at most what the
    model takes. The first epoch of each, which compiles, does not count.
    """
    import statistics

    import keras
    import numpy as np

    import seqzoo
    from seqzoo.training.batches import LengthBatches

    model = seqzoo.load_pretrained(name)
    config = model.config
    random = np.random.default_rng(0)
    lengths = np.clip(random.lognormal(np.log(180), 0.6, reviews), 10, config["max_tokens"]).astype(int)
    texts = [random.integers(2, config["vocabulary_size"], length).astype("int32") for length in lengths]
    batches = LengthBatches(texts, random.integers(0, 2, reviews), 32, window=256)

    class Epoch(keras.utils.PyDataset):
        def __init__(self):
            super().__init__()
            self.rows = batches.rows(0)

        def __len__(self):
            return len(batches)

        def __getitem__(self, index):
            return batches.batch(self.rows[index])

    def compiled(network, jit_compile):
        network.compile(keras.optimizers.Adam(), "binary_crossentropy", jit_compile=jit_compile)
        return network

    networks = {
        "seqzoo": compiled(model.network, "auto"),
        "keras": compiled(with_keras_layers(model.network), "auto"),
        "keras, jit_compile": compiled(with_keras_layers(model.network), True),
    }
    times = {peer: [] for peer in networks}
    for _ in range(rounds + 1):
        for peer, network in networks.items():
            start = time.perf_counter()
            network.fit(Epoch(), shuffle=False, verbose=0)
            times[peer].append(time.perf_counter() - start)
    return {peer: statistics.median(of[1:]) for peer, of in times.items()}


def with_keras_layers(network):
    """The same network, its weights too, with Keras's recurrent layers."""
    import keras

    import seqzoo

    theirs = {getattr(seqzoo, cell.upper()): getattr(keras.layers, name) for cell, name in KERAS.items()}

    def clone(layer):
        kind = theirs.get(type(layer))
        if kind is None:
            return layer.__class__.from_config(layer.get_config())
        return kind(layer.units, return_sequences=layer.return_sequences, go_backwards=layer.go_backwards, name=layer.name)

    copy = keras.models.clone_model(network, clone_function=clone)
    copy.set_weights(network.get_weights())
    return copy


if __name__ == "__main__":
    from seqzoo.quiet import import_tensorflow

    import_tensorflow()
    print(json.dumps(measured()))
