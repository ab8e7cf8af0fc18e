"""`calibration` in the forms in which people have it, among them TensorFlow's `representative_dataset`, as single samples."""

import itertools

import numpy as np

MOST = 10_000  # samples that are read: a data set may go on for ever
FORMS = (
    "a list, an array or a tf.data.Dataset of samples or batches, or a function or generator that gives them; each an array, "
    "a list of the inputs in the model's order, or a dict of them by name"
)


def items_of(calibration):
    """What a caller's `calibration` goes over, a list; leaves are NumPy arrays where they were tensors.

    Raises:
        TypeError: for what is none of `FORMS`.
    """
    if callable(calibration) and not hasattr(calibration, "element_spec"):
        calibration = calibration()
    if isinstance(calibration, (str, bytes)):
        raise TypeError(f"`calibration` must be {FORMS}; wrap a single text in a list. Received: {calibration!r:.80}")
    if isinstance(calibration, dict) or hasattr(calibration, "columns"):
        calibration = [calibration]  # one batch; one table of prices
    try:
        items = iter(calibration)
    except TypeError:
        raise TypeError(f"`calibration` must be {FORMS}. Received: {type(calibration).__name__}") from None
    return [_as_numpy(item) for item in itertools.islice(items, MOST)]


def texts_of(items):
    """The texts in a list of texts, of batches of them, of `[batch]`, or of pairs (texts, labels)."""
    found = []
    for item in items:
        item = item[0] if isinstance(item, tuple) and item else item
        item = item.tolist() if isinstance(item, np.ndarray) else item
        if isinstance(item, list):
            found += texts_of(item)
        else:
            found.append(item.decode("utf-8", "surrogateescape") if isinstance(item, bytes) else item)
    return found


def rows_of(source, item, time_steps):
    """Every row of a sample or batch as a dict of arrays with a batch of one.

    Args:
        source: `Source`.
        item: one of what `items_of` gives.
        time_steps: the length that a sample must have; any when None.

    Raises:
        TypeError: for what holds no inputs of the model, or no numbers as they are. ValueError: for other names, another shape,
        or numbers that are not finite.
    """
    given = _by_name(source, item)
    arrays = {name: _checked(name, dtype, shape, given[name], time_steps) for name, dtype, shape in source.inputs}
    counts = {len(value) for value in arrays.values()}
    if len(counts) > 1:
        raise ValueError(f"The inputs of a batch must have as many rows. Received: {', '.join(map(str, sorted(counts)))}")
    return [{name: value[row : row + 1] for name, value in arrays.items()} for row in range(counts.pop())]


def _by_name(source, item):
    names = [name for name, *_ in source.inputs]
    rank = len(source.inputs[0][2])
    if isinstance(item, tuple) and item and (isinstance(item[0], dict) or len(names) > 1 and _is_list_of(item[0], names)):
        item = item[0]  # (inputs, targets)
    if len(names) == 1 and isinstance(item, tuple) and item and _rank(item[0]) in (rank, rank + 1):
        item = item[0]
    elif len(names) == 1 and isinstance(item, list) and item and _rank(item) not in (rank, rank + 1):
        item = item[0] if _rank(item[0]) in (rank, rank + 1) else item
    if not isinstance(item, dict):
        if len(names) > 1 and not _is_list_of(item, names):
            raise TypeError(
                f"Samples must be dicts with {', '.join(names)}, or lists of these {len(names)}. Received: {type(item).__name__}"
            )
        item = dict(zip(names, item if len(names) > 1 else [item], strict=True))
    if set(item) != set(names):
        raise ValueError(f"A sample must have {', '.join(names)}. Received: {', '.join(map(str, item))}")
    return item


def _is_list_of(item, names):
    return isinstance(item, (list, tuple)) and len(item) == len(names)


def _rank(value):
    try:
        return np.ndim(value)
    except ValueError:  # a list of arrays of several shapes
        return None


def _checked(name, dtype, shape, value, time_steps):
    """An input's rows `[n, ...]`."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"Samples of `{name}` must be arrays. Received: a list of several shapes") from None
    if array.dtype.kind not in "biuf":
        raise TypeError(f"Samples of `{name}` must be numbers. Received: {array.dtype}")
    received = list(array.shape)
    array = array[None] if array.ndim == len(shape) else array
    wanted = [time_steps or "time" if size is None else size for size in shape]
    fits = len(wanted) == array.ndim - 1 and all(
        size == of or (size == "time" and of > 0) for size, of in zip(wanted, array.shape[1:], strict=True)
    )
    if not fits:
        text = ", ".join(map(str, wanted))
        raise ValueError(f"Samples of `{name}` must have shape [{text}], or [n, {text}]. Received: {received}")
    with np.errstate(over="ignore", invalid="ignore"):
        cast = array.astype(dtype)
    if not (np.isfinite(array).all() and np.isfinite(cast).all()):
        raise ValueError(f"Samples of `{name}` must be finite, in {cast.dtype} too. Received: NaN, infinity or beyond its range")
    if not np.issubdtype(cast.dtype, np.floating) and not np.array_equal(cast, array):
        raise TypeError(f"Samples of `{name}` must be whole numbers of {cast.dtype}. Received: {array.dtype}")
    return cast


def _as_numpy(value):
    if isinstance(value, dict):
        return {name: _as_numpy(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        parts = [_as_numpy(part) for part in value] if any(hasattr(part, "numpy") for part in value) else list(value)
        return parts if isinstance(value, list) else tuple(parts)
    value = value.numpy() if hasattr(value, "numpy") else value
    return value.item() if isinstance(value, np.generic) and value.dtype.kind in "SUO" else value
