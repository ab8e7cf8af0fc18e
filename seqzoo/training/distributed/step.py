"""One training step of a `keras.Model` on several replicas, the same numbers as one process has on the whole batch."""

import contextlib
import threading

import keras
import numpy as np
import tensorflow as tf

from seqzoo.training.batches import share_of
from seqzoo.training.distributed.losses import over_all_replicas, swapped
from seqzoo.training.rows import row_variables

STRIDE = 0x9E3779B9  # between the seeds of two replicas; the first has that of one process


class DistributedStep:
    """Trains a compiled model that was made within `Workers.scope()`.

    Every replica takes its share of the rows of a batch through the model's `train_step`; gradients are summed over all before
    the optimizer clips and applies them (Keras's own `apply` sums after clipping), those of embeddings as `tf.IndexedSlices`.
    Dropout differs by replica: each draws with a seed of its own, a function of the model's seed and the replica's number.

    What else a step changes: the carried states of stateful layers, and of variables in a model's `row_variables`, stay each
    replica's own, being those of its rows; other floating variables (BatchNormalization's) become the mean over the replicas,
    whole numbers those of the first.

    Args:
        model: compiled `keras.Model`, its optimizer built.
        workers: `seqzoo.training.distributed.Workers`.

    Raises:
        ValueError: model or optimizer was made outside of the scope, or a step changes a variable that the model does not have.
    """

    def __init__(self, model, workers):
        strategy = workers.strategy
        if model.distribute_strategy is not strategy:
            raise ValueError(
                "The model must be built and compiled within `with workers.scope():`. Received: one from outside of it"
            )
        self.model, self.workers, self.strategy = model, workers, strategy
        self.optimizers = [model.optimizer, *filter(None, [getattr(model.optimizer, "inner_optimizer", None)])]
        self.row_variables = row_variables(model)
        weights = {id(variable) for variable in model.weights}
        rows = {id(variable) for variable in self.row_variables}
        self.seeds = [v for v in model.variables if id(v) not in weights]
        trained = {id(v) for v in model.trainable_variables}
        self.others = [v for v in model.weights if id(v) not in rows | trained]
        self.carried = [self._of_rows(np.concatenate([np.asarray(v.value)] * workers.replicas)) for v in self.row_variables]
        self.traffic = {}  # bytes that a replica gives to a step's reductions, by kind; known after the first step
        self._caught = threading.local()  # the replicas of one process are traced in threads
        self._gather = tf.function(workers.gather, autograph=False)
        self._function = tf.function(self._step, autograph=False, reduce_retracing=True)

    def step(self, batches, rows, epoch, asked=lambda: False):
        """The loss over all replicas on these rows, float, and whether `asked()`, to stop, was true on any worker."""
        count = self.workers.replicas

        def share(context):
            inputs, targets = share_of(batches, rows, epoch, context.replica_id_in_sync_group, count)
            return tf.nest.map_structure(tf.convert_to_tensor, (inputs, targets))

        stop = float(asked())
        asked = self.strategy.experimental_distribute_values_from_function(lambda _: tf.constant(stop))
        data = self.strategy.experimental_distribute_values_from_function(share)
        with self.workers.watched():
            loss, asked, self.carried = self._function(data, asked, self.carried)
            return float(loss), float(asked) > 0

    def whole_rows(self):
        """{row variable: its rows on all replicas, one after the other}."""
        with self.workers.watched():
            gathered = self._gather(self.carried) if self.carried else []
        return {id(v): np.asarray(value) for v, value in zip(self.row_variables, gathered, strict=True)}

    def take_rows(self, whole):
        """Continue from what `whole_rows` gave."""
        self.carried = [self._of_rows(whole[id(variable)]) for variable in self.row_variables]

    def _of_rows(self, whole):
        size = len(whole) // self.workers.replicas

        def share(context):
            start = context.replica_id_in_sync_group * size
            return tf.constant(whole[start : start + size])

        values = self.strategy.experimental_distribute_values_from_function(share)
        local = self.strategy.experimental_local_results(values)
        return local[0] if len(local) == 1 else values  # as a step gives them: another kind of value would be traced anew

    def _step(self, data, asked, carried):
        with over_all_replicas(), swapped(self.model.optimizer, "apply", self._catch):
            # Traced apart from what applies them, so that `apply` is Keras's again there.
            found = self.strategy.run(self._gradients, args=(data, asked, carried))
        with contextlib.ExitStack() as stack:  # they are summed: Keras's optimizers would do it once more
            for optimizer in self.optimizers:
                stack.enter_context(swapped(optimizer, "_all_reduce_sum_gradients", list))
            self.strategy.run(self._apply, args=(found["gradients"],))
        for variable, value in zip([*self.seeds, *self._means, *self._firsts], found["state"], strict=True):
            variable.assign(self._local(value))
        return self._local(found["loss"]), self._local(found["asked"]), found["carried"]

    def _local(self, value):
        return self.strategy.experimental_local_results(value)[0]

    def _gradients(self, data, asked, carried):
        """A replica's part of a step, and the sums over all."""
        context = tf.distribute.get_replica_context()
        mine = tf.cast(context.replica_id_in_sync_group, tf.int64)
        shift = tf.stack([mine * STRIDE, 0])  # a seed is a number and a count of draws
        given = [(seed, seed.value + tf.cast(shift, seed.dtype)) for seed in self.seeds]
        given += [(variable, tf.zeros_like(variable.value)) for variable in self.model.metrics_variables]
        given += zip(self.row_variables, carried, strict=True)
        self._caught.gradients = None
        with keras.StatelessScope(given) as scope:
            for variable in self.model.trainable_variables:  # regularizers ask the scope for them
                scope.add_update((variable, variable.value))
            logs = self.model.train_step(data)
        pairs = self._caught.gradients
        if pairs is None:
            raise ValueError(
                f"`train_step` must apply gradients with the model's optimizer. Received: {type(self.model).__name__}"
            )
        self._check_known(scope)

        def now(variable):
            value = scope.get_current_value(variable)
            return variable.value if value is None else value

        changed = [v for v in self.others if scope.get_current_value(v) is not None]
        self._means = [v for v in changed if "float" in v.dtype]
        self._firsts = [v for v in changed if "float" not in v.dtype]
        first = tf.cast(tf.equal(mine, 0), tf.int32)
        loss = tf.reshape(tf.cast(logs["loss"], tf.float32), [])
        gradients = [gradient for gradient, _ in pairs if gradient is not None]
        means = [now(v) / context.num_replicas_in_sync for v in self._means]
        firsts = [tf.cast(now(v), tf.int32) * first for v in self._firsts]
        # The numbers go with the gradients, in one message.
        given = [loss / context.num_replicas_in_sync, tf.cast(asked, tf.float32), *means, *firsts, *gradients]
        self.traffic = _bytes(given)
        given = [g if isinstance(g, tf.IndexedSlices) else tf.identity(g) for g in given]  # an argument has no device
        loss, asked, *summed = context.all_reduce("SUM", given)
        means, firsts = summed[: len(means)], summed[len(means) : len(means) + len(firsts)]
        summed = iter(summed[len(means) + len(firsts) :])
        seeds = [now(seed) - tf.cast(shift, seed.dtype) for seed in self.seeds]
        return {
            "loss": loss,
            "asked": asked,
            "gradients": [None if gradient is None else next(summed) for gradient, _ in pairs],
            "state": [*seeds, *means, *(tf.cast(value, v.dtype) for v, value in zip(self._firsts, firsts, strict=True))],
            "carried": [tf.identity(now(variable)) for variable in self.row_variables],
        }

    def _catch(self, gradients, trainable_variables=None):
        """Stands in for the optimizer's `apply`."""
        if self._caught.gradients is not None:
            raise ValueError("`train_step` must apply gradients once in a step. Received: a second time")
        variables = self.model.trainable_variables if trainable_variables is None else trainable_variables
        self._caught.gradients = list(zip(gradients, variables, strict=True))
        self._variables = [variable for _, variable in self._caught.gradients]

    def _apply(self, gradients):
        self.model.optimizer.apply(gradients, self._variables)

    def _check_known(self, scope):
        known = [*self.model.variables, *self.model.metrics_variables, *self.row_variables]
        unknown = set(scope.state_mapping) - {id(variable) for variable in known}
        if unknown:
            raise ValueError(
                "A step may change variables and seeds of the model's own layers only: give every random operation a "
                f"keras.random.SeedGenerator that is an attribute of a layer. Received: {len(unknown)} others changed"
            )


def _bytes(values):
    """{"dense", "sparse"} bytes of what is reduced; sparse is None where the number of rows is only known as it runs."""
    dense = sum(np.prod(v.shape) * v.dtype.size for v in values if not isinstance(v, tf.IndexedSlices))
    sparse = 0
    for value in values:
        if isinstance(value, tf.IndexedSlices):
            size = value.values.shape.num_elements()
            rows = value.indices.shape.num_elements()
            known = None not in (size, rows, sparse)
            sparse = sparse + size * value.values.dtype.size + rows * value.indices.dtype.size if known else None
    return {"dense": int(dense), "sparse": sparse}
