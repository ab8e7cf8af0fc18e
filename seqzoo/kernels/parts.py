"""A batch cut into equal parts along its rows, padded to sizes of which there are few."""

import tensorflow as tf

# A part of fewer rows takes as long, so cutting further would gain nothing.
_FEWEST_ROWS = 4
# 1, 2, 4, 8, 12, ... 64, 72, ... 128, 144, ...: multiples of 4 and of an eighth of the power of two below.
_SIZES = [1, 2, 4, *(size for n in range(20) for k in range(8, 16) if (size := k << n) % 4 == 0)]


class Parts:
    """Cuts tensors [batch, ...] into `number` parts, and joins what was computed from them.

    Args:
        inputs: tensor `[batch, time, ...]`, for its sizes.
        number: of parts; those that would hold nothing but padding are not computed.
        length_known: keep the time as it is, rather than round it up.
        batch_known: keep the batch as it is, in one part.
    """

    def __init__(self, inputs, number, length_known, batch_known=False):
        self.number = number
        self.batch, self.time = tf.shape(inputs)[0], tf.shape(inputs)[1]
        rows = tf.maximum(-(-self.batch // number), tf.minimum(self.batch, _FEWEST_ROWS))
        self.rows = self.batch if batch_known else _round_up(rows)
        self.length = self.time if length_known else _round_up(self.time)

    def same(self, tensors):
        """The same tensors for every part."""
        return [tensors] * self.number

    def cut(self, tensors, time=False, front=False):
        """A list with the nested `tensors` of each part. With `time` their second axis is padded, maybe in front."""
        extra = self.length - self.time

        def pad(tensor):
            paddings = [[0, self.number * self.rows - self.batch]]
            paddings += [[extra, 0] if front else [0, extra]] if time else []
            return tf.pad(tensor, paddings + [[0, 0]] * (len(tensor.shape) - len(paddings)))

        if tensors is None:
            return self.same(None)
        padded = tf.nest.map_structure(pad, tensors)
        bounds = [(k * self.rows, (k + 1) * self.rows) for k in range(self.number)]
        return [tf.nest.map_structure(lambda t: t[start:end], padded) for start, end in bounds]

    def join(self, pieces, time=False, front=False):
        """The nested tensors of all parts as one, without the padding."""

        def join(*tensors):
            whole = tf.concat(tensors, 0)[: self.batch]
            if not time:
                return whole
            return whole[:, self.length - self.time :] if front else whole[:, : self.time]

        return tf.nest.map_structure(join, *pieces)

    def sum(self, pieces):
        """The nested tensors of all parts, added up."""
        return tf.nest.map_structure(lambda *tensors: tf.add_n(tensors), *pieces)

    def call(self, function, *arguments):
        """Call a concrete function with the arguments of each part. Returns for each output the list of its parts."""

        def results(k, given):
            if k == 0:
                return function(*given)
            return tf.cond(k * self.rows < self.batch, lambda: function(*given), lambda: self._nothing(function))

        return tuple(zip(*(results(k, given) for k, given in enumerate(zip(*arguments)))))



    def _nothing(self, function):
        """What the function would return for no rows."""

        def zeros(spec):
            # Unknown sizes are those of the batch, which comes first where parts are joined, and of time.
            sizes = [self.length if size is None else size for size in spec.shape]
            return tf.zeros([0, *sizes[1:]] if spec.shape.rank and spec.shape[0] is None else sizes, spec.dtype)

        return tf.nest.map_structure(zeros, function.structured_outputs)


def _round_up(size):
    sizes = tf.constant(_SIZES)
    return tf.maximum(size, tf.reduce_min(tf.where(sizes >= size, sizes, _SIZES[-1])))
