"""What a file is calibrated and checked with: given or made-up inputs, and the model's answers to them."""

import keras
import numpy as np

from seqzoo.data.price_windows import WINDOW, window_features
from seqzoo.data.vocabulary import Vocabulary
from seqzoo.export.tflite.prices import checked_windows


def sample_inputs(source, time_steps, seed=0):
    """Inputs to calibrate and check with when the caller gave none: list of texts, or of arrays by name.

    Args:
        source: `Source`.
        time_steps: the length of every sample, or None for many lengths.
        seed: of the random numbers.
    """
    random = np.random.default_rng(seed)
    if source.text is not None:
        return _sample_texts(source.text, random)
    if source.prices is not None:
        return _sample_windows(random)
    sizes = [layer.input_dim for layer in source.network._flatten_layers() if isinstance(layer, keras.layers.Embedding)]
    lengths = 4 * [time_steps] if time_steps else [1, 2, 7, 30]
    return [
        {
            name: _random(dtype, (1, *[length if size is None else size for size in shape]), sizes, random)
            for name, dtype, shape in source.inputs
        }
        for length in lengths
    ]


def _sample_texts(classifier, random):
    words = classifier.vocabulary.words[2:]
    longest = classifier.config["max_tokens"]
    texts = ["", words[0], "?", words[-1] + " unheardofword " + words[0]]
    for length in np.geomspace(2, longest + 5, 12).astype(int):
        # Frequent words often, rare ones sometimes, as in text.
        picked = np.exp(random.uniform(0, np.log(len(words)), length)).astype(int) - 1
        texts.append(" ".join(words[i] for i in picked))
    return texts


def _random(dtype, shape, sizes, random):
    if not np.issubdtype(np.dtype(dtype), np.integer):
        return random.normal(size=shape).astype(dtype)
    if not sizes:
        raise ValueError("Whole numbers as input need `calibration` samples, or an Embedding that says their range")
    return random.integers(1, min(sizes), shape).astype(dtype)


def given_inputs(source, calibration, time_steps):
    """`calibration` as `sample_inputs` gives it: a list of texts, or a list of dicts of arrays with a
    batch of one. For a forecaster prices [250, 5] are samples too.

    Args:
        source: `Source`.
        calibration: as for `export_tflite`.
        time_steps: the length that every sample must have; any when None.

    Raises:
        TypeError: if it is no list of texts for a text model, no list of arrays (or dicts of arrays) for
        another. ValueError: if it is empty, or a sample has another shape than the model's inputs.
    """
    if source.text is not None:
        from seqzoo.data.vocabulary import checked_texts

        samples = list(checked_texts(calibration))
    else:
        samples = []
        for sample in calibration:
            if not isinstance(sample, dict):
                if len(source.inputs) > 1:
                    names = ", ".join(name for name, *_ in source.inputs)
                    raise TypeError(f"Samples must be dicts with {names}. Received: {type(sample).__name__}")
                if source.prices is not None:
                    sample = _features(checked_windows(sample)[-1])[0]
                sample = {source.inputs[0][0]: sample}
            samples.append(_batch_of_one(source, sample, time_steps))
    if not samples:
        raise ValueError("`calibration` must hold at least one sample. Received: none")
    return samples


def _batch_of_one(source, sample, time_steps):
    names = [name for name, *_ in source.inputs]
    if set(sample) != set(names):
        raise ValueError(f"A sample must have {', '.join(names)}. Received: {', '.join(map(str, sample))}")
    arrays = {}
    for name, dtype, shape in source.inputs:
        arrays[name] = np.asarray(sample[name], dtype)[None]
        wanted = [time_steps or "time" if size is None else size for size in shape]
        received = list(arrays[name].shape[1:])
        fits = len(wanted) == len(received) and all(
            size == of or (size == "time" and of > 0) for size, of in zip(wanted, received)
        )
        if not fits:
            text = ", ".join(map(str, wanted))
            raise ValueError(f"Samples of `{name}` must have shape [{text}]. Received: {received}")
    return arrays


def expected_outputs(source, inputs, time_steps):
    """What the Keras model answers: dict of arrays by output name, one row per sample."""
    if source.text is None:
        results = [
            source.network(
                [sample[name] for name, *_ in source.inputs] if len(sample) > 1 else next(iter(sample.values())),
                training=False,
            )
            for sample in inputs
        ]
        flat = [[np.asarray(x) for x in keras.tree.flatten(result)] for result in results]
        return [dict(zip(source.outputs, values)) for values in flat]
    longest = min(source.text.config["max_tokens"], time_steps or source.text.config["max_tokens"])
    rows = source.text.vocabulary.encode_list(inputs, longest)
    return [{"probability": source.text.predict_ids(Vocabulary.pad([row]))} for row in rows]


def _sample_windows(random):
    """Features of random walks, calm and wild, with a crash or a leap among their last days: dicts as for
    `sample_inputs`.
    """
    found = []
    for volatility in (0.003, 0.01, 0.02, 0.05):
        moves = random.standard_t(4, WINDOW) * volatility
        moves[-random.integers(1, 40)] *= 5
        close = 100 * np.exp(np.cumsum(moves))
        opened = close * np.exp(random.normal(0, volatility / 2, WINDOW))
        high = np.maximum(opened, close) * np.exp(np.abs(random.normal(0, volatility, WINDOW)))
        low = np.minimum(opened, close) * np.exp(-np.abs(random.normal(0, volatility, WINDOW)))
        volume = random.integers(10**5, 10**6, WINDOW)
        found.append({"sequence": _features(np.stack([opened, high, low, close, volume], axis=1))})
    return found


def _features(window):
    return window_features(np.asarray(window, np.float64)[None])[0].astype(np.float32)
