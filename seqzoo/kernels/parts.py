"""A batch cut into equal parts along its rows, padded to sizes of which there are few."""

import tensorflow as tf

# A part of fewer rows takes as long, so cutting further would gain nothing.
_FEWEST_ROWS = 4
# 1, 2, 4, 8, 12, ... 64, 72, ... 128, 144, ...: multiples of 4 and of an eighth of the power of two below.
_SIZES = [1, 2, 4, *(size for n in range(20) for k in range(8, 16) if (size := k << n) % 4 == 0)]


class Parts:
    """Cuts tensors [batch, ...] into at most `number` parts, and joins what was computed from them.

    A batch that the graph knows is cut into equal parts. Of one that it doesn't, the size of the parts is rounded up,
    and those that would hold nothing but padding are not computed.

    Args:
        inputs: tensor `[batch, time, ...]`, for its sizes.
        number: of parts.
        length_known: keep the time as it is, rather than round it up.
        batch_known: keep the batch as it is, in one part.
    """

    def __init__(self, inputs, number, length_known, batch_known=False):
        self.batch, self.time = inputs.shape[0], tf.shape(inputs)[1]
        if self.batch is not None:
            self.rows = max(-(-self.batch // number), min(self.batch, _FEWEST_ROWS), 1)
            self.number = max(-(-self.batch // self.rows), 1)
        else:
            self.batch, self.number = tf.shape(inputs)[0], number
            rows = tf.maximum(-(-self.batch // number), tf.minimum(self.batch, _FEWEST_ROWS))
            self.rows = self.batch if batch_known else _round_up(rows)
        self.batch_fits = batch_known or isinstance(self.rows, int) and self.rows * self.number == self.batch
        self.length_fits = length_known
        self.length = self.time if length_known else _round_up(self.time)

    def same(self, tensors):
        """The same tensors for every part."""
        return [tensors] * self.number

    def cut(self, tensors, time=False, front=False):
        """A list with the nested `tensors` of each part. With `time` their second axis is padded, maybe in front."""
        missing, extra = self.number * self.rows - self.batch, self.length - self.time
        time = time and not self.length_fits

        def pad(tensor):
            if self.batch_fits and not time:
                return tensor
            paddings = [[0, missing]]
            paddings += [[extra, 0] if front else [0, extra]] if time else []
            return tf.pad(tensor, paddings + [[0, 0]] * (len(tensor.shape) - len(paddings)))

        if tensors is None:
            return self.same(None)
        padded = tf.nest.map_structure(pad, tensors)
        if self.number == 1:
            return [padded]
        bounds = [(k * self.rows, (k + 1) * self.rows) for k in range(self.number)]
        return [tf.nest.map_structure(lambda t, start=start, end=end: t[start:end], padded) for start, end in bounds]

    def join(self, pieces, time=False, front=False):
        """The nested tensors of all parts as one, without the padding."""

        def join(*tensors):
            whole = tensors[0] if len(tensors) == 1 else tf.concat(tensors, 0)
            if not self.batch_fits:
                whole = whole[: self.batch]
            if not time or self.length_fits:
                return whole
            return whole[:, self.length - self.time :] if front else whole[:, : self.time]

        return tf.nest.map_structure(join, *pieces)

    def sum(self, pieces):
        """The nested tensors of all parts, added up."""
        return tf.nest.map_structure(lambda *tensors: tf.add_n(tensors), *pieces)

    def call(self, function, *arguments):
        """Call a concrete function with the arguments of each part. Returns for each output the list of its parts."""

        def results(k, given):
            if k == 0 or isinstance(self.rows, int):
                return function(*given)
            return tf.cond(k * self.rows < self.batch, lambda: function(*given), lambda: self._nothing(function))

        return tuple(zip(*(results(k, given) for k, given in enumerate(zip(*arguments, strict=True))), strict=True))

    def _nothing(self, function):
        """What the function would return for no rows."""

        def zeros(spec):
            # Unknown sizes are those of the batch, which comes first where parts are joined, and of time.
            sizes = [self.length if size is None else size for size in spec.shape]
            return tf.zeros([0, *sizes[1:]] if spec.shape.rank and spec.shape[0] is None else sizes, spec.dtype)

        return tf.nest.map_structure(zeros, function.structured_outputs)


def rounded(batch, number, time):
    """(rows, time) of a part, as `Parts` rounds them where the graph knows neither batch nor time."""
    rows = max(-(-batch // number), min(batch, _FEWEST_ROWS))
    return tuple(next((size for size in _SIZES if size >= exact), exact) for exact in (rows, time))


def _round_up(size):
    sizes = tf.constant(_SIZES)
    return tf.maximum(size, tf.reduce_min(tf.where(sizes >= size, sizes, _SIZES[-1])))
