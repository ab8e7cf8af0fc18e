"""Raw input to the exact arrays that a .tflite file takes. Imports no TensorFlow."""

import numpy as np


class Preprocessor:
    """From raw input to what a file takes, and from what it gives to an answer. This one passes arrays on.

    Args:
        sidecar: dict as `seqzoo.export.tflite.sidecar.read_sidecar` gives it.
    """

    def __init__(self, sidecar):
        self.sidecar = sidecar

    def __call__(self, inputs):
        """Cut raw input into batches of the file's size.

        Args:
            inputs: an array `[n, ...]`, or for several inputs a list of arrays in the sidecar's order or a dict by name.

        Returns:
            An iterator of (dict of arrays by input name, number of rows that are not filling), and a function from the
            file's answers to all rows to the answer for the caller.

        Raises:
            TypeError, ValueError: for inputs that the file cannot take.
        """
        return self.array_batches(inputs), lambda answers: answers

    def array_batches(self, inputs):
        """Batches of arrays that are what the file takes."""
        arrays = check_arrays(self.sidecar, inputs)
        count, size = len(next(iter(arrays.values()))), self.sidecar["batch_size"]
        for start in range(0, count, size):
            picked = np.minimum(np.arange(start, start + size), count - 1)
            yield {name: array[picked] for name, array in arrays.items()}, min(size, count - start)


def unwrapped(item):
    """`x` of `[x]`, or of `(x, targets)`: a sample as a data set gives it."""
    paired = isinstance(item, tuple) and len(item) > 1
    return item[0] if paired or (isinstance(item, (list, tuple)) and len(item) == 1) else item


def check_arrays(sidecar, inputs):
    """Raw arrays as a dict by input name, of the dtype that the file takes.

    Raises:
        ValueError: for a missing or unknown input, another shape, or values that are not finite.
        TypeError: for a dtype that cannot be cast without loss.
    """
    specs = {spec["name"]: spec for spec in sidecar["inputs"]}
    if not isinstance(inputs, dict):
        several = isinstance(inputs, (list, tuple)) and len(specs) > 1
        given = inputs if several else [inputs]
        if len(given) != len(specs):
            raise ValueError(f"The inputs must be {', '.join(specs)}, in this order or by name. Received: {len(given)}")
        inputs = dict(zip(specs, given, strict=True))
    if set(inputs) != set(specs):
        raise ValueError(f"The inputs must be {', '.join(specs)}. Received: {', '.join(map(str, inputs)) or 'none'}")
    arrays = {name: _check_array(specs[name], inputs[name]) for name in specs}
    counts = {len(array) for array in arrays.values()}
    if len(counts) > 1:
        raise ValueError(f"All inputs must have as many rows. Received: {', '.join(map(str, sorted(counts)))}")
    return arrays


def _check_array(spec, value):
    wanted = np.dtype(spec["dtype"])
    try:
        array = np.asarray(value)
    except ValueError:  # NumPy's own words say nothing of the input
        raise ValueError(
            f"`{spec['name']}` must be an array, or lists of equal lengths: pad rows that differ, or give them one by one. "
            "Received: lists of unequal lengths"
        ) from None
    shape = ["n", *["time" if size is None else size for size in spec["shape"][1:]]]
    fits = array.ndim == len(shape) and all(
        size == of or (size == "time" and of >= 1) for size, of in zip(shape[1:], array.shape[1:], strict=True)
    )
    if not fits:
        text = ", ".join(map(str, shape))
        raise ValueError(f"`{spec['name']}` must have shape [{text}]. Received: shape {list(array.shape)}")
    if not np.can_cast(array.dtype, wanted, "same_kind") or (wanted.kind == "i" and array.dtype.kind not in "iu"):
        raise TypeError(f"`{spec['name']}` must be {wanted} or what casts to it. Received: {array.dtype}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError(f"`{spec['name']}` must be finite. Received: NaN or infinity")
    with np.errstate(over="ignore"):
        cast = array.astype(wanted)
    if wanted.kind in "iu" and not np.array_equal(cast, array):
        limits = np.iinfo(wanted)
        far = array.max() if array.max() > limits.max else array.min()
        raise ValueError(f"`{spec['name']}` must lie within {limits.min}..{limits.max} ({wanted}). Received: {far}")
    if wanted.kind == "f" and not np.isfinite(cast).all():
        far = array.flat[np.argmax(np.abs(array))]
        raise ValueError(f"`{spec['name']}` must lie within {np.finfo(wanted).max:.4g} ({wanted}). Received: {far:.4g}")
    return cast
