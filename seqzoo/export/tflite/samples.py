"""What a file is calibrated and checked with: given or made-up inputs, and the model's answers to them."""

import keras
import numpy as np
import tensorflow as tf

from seqzoo.export.tflite.calibration import items_of, rows_of, texts_of
from seqzoo.export.tflite.lengths import usable_lengths
from seqzoo.export.tflite.loops import scoped
from seqzoo.kernels import portable

BATCH = 64


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
        return source.task.at_length(made, time_steps)
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
    # Small ids are those of frequent words: rare ones alone, one after the other, are no text, and a long state strays on them.
    return np.exp(random.uniform(0, np.log(max(2, min(sizes))), shape)).astype(dtype)


def given_inputs(source, calibration, time_steps):
    """`calibration` as `sample_inputs` gives it: a list of texts, or a list of dicts of arrays with a
    batch of one; what a sample is, the task says (texts, prices).

    Args:
        source: `Source`.
        calibration: as for `export_tflite`.
        time_steps: the length that every sample must have; any when None.

    Raises:
        TypeError: for another thing than `calibration.FORMS`, of texts for a text model.
        ValueError: if it is empty, or a sample has another shape than the model's inputs.
    """
    items = items_of(calibration)
    if source.task.samples_are_raw:
        samples = source.task.samples_of(source, texts_of(items))
    else:
        items = source.task.at_length(source.task.samples_of(source, items), time_steps)
        samples = [row for item in items for row in rows_of(source, item, time_steps)]
    if not samples:
        raise ValueError("`calibration` must hold at least one sample. Received: none")
    return samples


def expected_outputs(source, inputs, time_steps):
    """What the Keras model answers: a list of dicts of arrays by output name, one row per sample."""
    if (answers := source.task.expected(source, inputs, time_steps)) is not None:
        return answers
    names, groups = [name for name, *_ in source.inputs], {}
    for place, sample in enumerate(inputs):
        groups.setdefault(tuple(sample[name].shape for name in names), []).append(place)
    found, answer = [None] * len(inputs), _answering(source, [inputs[places[0]] for places in groups.values()])
    for places in groups.values():
        for start in range(0, len(places), BATCH):
            batch = places[start : start + BATCH]
            values = answer([np.concatenate([inputs[place][name] for place in batch]) for name in names])
            for row, place in enumerate(batch):
                found[place] = {output: value[row : row + 1] for output, value in zip(source.outputs, values, strict=True)}
    return found


def _answering(source, samples):
    """A function from a list of batches to a list of arrays: the network compiled once for every size, or, where it then
    answers otherwise than Keras does at once (or cannot be traced so), as Keras does.
    """

    def eagerly(values):
        return [np.asarray(x) for x in keras.tree.flatten(source.call(values))]

    def one_by_one(values):
        parts = [eagerly([value[row : row + 1] for value in values]) for row in range(len(values[0]))]
        return [np.concatenate(part) for part in zip(*parts, strict=True)]

    try:
        specs = [tf.TensorSpec([None, *shape], dtype) for _, dtype, shape in source.inputs]
        traced = tf.function(lambda *values: keras.tree.flatten(source.call(list(values))), specs, autograph=False)
        with portable(), scoped(source.network):  # nothing is compiled anew for every length
            traced = traced.get_concrete_function()

        def compiled(values):
            return [x.numpy() for x in traced(*[tf.constant(value) for value in values])]

        lengths = sorted(samples, key=lambda sample: sum(value.size for value in sample.values()))
        for sample in {id(of): of for of in (lengths[0], lengths[-1])}.values():
            values = [sample[name] for name, *_ in source.inputs]
            # As many rows as nothing else has: a layer that takes rows for steps would be right by chance.
            rows = next(n for n in range(2, 99) if not any(n in value.shape for value in values))
            batch = compiled([np.concatenate([value] * rows) for value in values])
            for one, many in zip(eagerly(values), batch, strict=True):
                np.testing.assert_allclose(many, np.concatenate([one] * rows), rtol=1e-5, atol=1e-5)
    except Exception:  # of shapes, of batches of one alone, of layers that compute with NumPy: they have no common type
        return one_by_one
    return compiled
