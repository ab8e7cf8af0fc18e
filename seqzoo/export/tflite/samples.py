"""What a file is calibrated and checked with: given or made-up inputs, and the model's answers to them."""

import keras
import numpy as np

from seqzoo.export.tflite.lengths import usable_lengths


def sample_inputs(source, time_steps, seed=0, repeats=1):
    """Inputs to calibrate and check with when the caller gave none: list of texts, or of arrays by name.

    Args:
        source: `Source`.
        time_steps: the length of every sample, or None for many lengths.
        seed: of the random numbers.
        repeats: how many samples of each length are made up.
    """
    random = np.random.default_rng(seed)
    if (made := source.task.sample_inputs(source, random)) is not None:
        return made
    sizes = [layer.input_dim for layer in source.network._flatten_layers() if isinstance(layer, keras.layers.Embedding)]
    open_time = time_steps is None and any(None in shape for *_, shape in source.inputs)
    lengths = usable_lengths(source) if open_time else 4 * [time_steps]
    return [
        {
            name: _random(dtype, (1, *[length if size is None else size for size in shape]), sizes, random)
            for name, dtype, shape in source.inputs
        }
        for length in repeats * lengths
    ]


def _random(dtype, shape, sizes, random):
    if not np.issubdtype(np.dtype(dtype), np.integer):
        return random.normal(size=shape).astype(dtype)
    if not sizes:
        raise ValueError(
            "Whole numbers as input need `calibration` samples, or an Embedding that says their range. Received: neither"
        )
    return random.integers(1, min(sizes), shape).astype(dtype)


def given_inputs(source, calibration, time_steps):
    """`calibration` as `sample_inputs` gives it: a list of texts, or a list of dicts of arrays with a
    batch of one; what a sample is, the task says (texts, prices).

    Args:
        source: `Source`.
        calibration: as for `export_tflite`.
        time_steps: the length that every sample must have; any when None.

    Raises:
        TypeError: if it is no list of texts for a text model, no list of arrays (or dicts of arrays) for
        another. ValueError: if it is empty, or a sample has another shape than the model's inputs.
    """
    samples = source.task.samples_of(source, calibration)
    if not source.task.samples_are_raw:
        samples = [_batch_of_one(source, sample, time_steps) for sample in samples]
    if not samples:
        raise ValueError("`calibration` must hold at least one sample. Received: none")
    return samples


def _batch_of_one(source, sample, time_steps):
    names = [name for name, *_ in source.inputs]
    if not isinstance(sample, dict):
        if len(names) > 1:
            raise TypeError(f"Samples must be dicts with {', '.join(names)}. Received: {type(sample).__name__}")
        sample = {names[0]: sample}
    if set(sample) != set(names):
        raise ValueError(f"A sample must have {', '.join(names)}. Received: {', '.join(map(str, sample))}")
    arrays = {}
    for name, dtype, shape in source.inputs:
        arrays[name] = np.asarray(sample[name], dtype)[None]
        wanted = [time_steps or "time" if size is None else size for size in shape]
        received = list(arrays[name].shape[1:])
        fits = len(wanted) == len(received) and all(
            size == of or (size == "time" and of > 0) for size, of in zip(wanted, received, strict=True)
        )
        if not fits:
            text = ", ".join(map(str, wanted))
            raise ValueError(f"Samples of `{name}` must have shape [{text}]. Received: {received}")
        if not np.isfinite(arrays[name]).all():
            raise ValueError(f"Samples of `{name}` must be finite. Received: NaN or infinity")
    return arrays


def expected_outputs(source, inputs, time_steps):
    """What the Keras model answers: dict of arrays by output name, one row per sample."""
    if (answers := source.task.expected(source, inputs, time_steps)) is not None:
        return answers
    results = [source.call([sample[name] for name, *_ in source.inputs]) for sample in inputs]
    flat = [[np.asarray(x) for x in keras.tree.flatten(result)] for result in results]
    return [dict(zip(source.outputs, values, strict=True)) for values in flat]
