"""The workers of a training, each a process with one device or several, and what they tell each other."""

import contextlib
import json

import numpy as np
import tensorflow as tf

from seqzoo.training.batches import part_of
from seqzoo.training.distributed.folders import ChiefFolder, FollowedFolder
from seqzoo.training.distributed.watch import Watch, WorkerLost
from seqzoo.training.run_folder import RunFolder, versions

SIZES = 4096  # messages are padded to so many bytes, or twice as many and so on


class Workers:
    """Processes that train one model together; made by `multiworker` and `mirrored`.

    ```python
    with multiworker() as workers:
        workers.agree({"learning_rate": 1e-3}, data={"train": fingerprint})
        with workers.scope():
            model = ...
            model.compile(...)
        fit(model, batches, epochs, workers.run_folder("runs/a", arguments), workers=workers)
    ```

    Attributes:
        strategy: `tf.distribute.Strategy`.
        count, index: number of processes, and which of them this is.
        replicas: number of devices on all of them; a batch's rows are divided evenly among these.
        chief: bool, whether this one writes.
    """

    several = True

    def __init__(self, strategy, cluster=None, abort=None):
        self.strategy, self.cluster = strategy, cluster
        self.count, self.index = (len(cluster.members), cluster.index) if cluster else (1, 0)
        self.replicas = strategy.num_replicas_in_sync
        self.chief = self.index == 0
        self._watch = Watch(cluster, abort) if self.count > 1 else None
        self._gathered = tf.function(lambda value: self.gather([value])[0], autograph=False)
        self._summed = tf.function(self._sum_of, autograph=False)

    def __repr__(self):
        return f"<Workers {self.index + 1} of {self.count}, {self.replicas} replicas, {type(self.strategy).__name__}>"

    def __enter__(self):
        if self._watch:
            self._watch.start()
        return self

    def __exit__(self, kind, error, traceback):
        if not self._watch:
            return
        try:
            if error is not None:
                with self._watch.translated():
                    raise error
            else:
                self._part()
        finally:
            self._watch.stop()

    def _part(self):
        """Wait for the others, so that none takes another's end for a loss. Whoever is here has done its work."""
        with contextlib.suppress(WorkerLost):
            self._gather(np.zeros(1, np.int32))

    def watched(self):
        """Within it the loss of a worker becomes `WorkerLost`."""
        return self._watch.translated() if self._watch else contextlib.nullcontext()

    def scope(self):
        """Within it the model is built and compiled; its variables are then the same on all replicas."""
        return self.strategy.scope()

    def name(self, index):
        """The name of a worker in messages."""
        return str(self.cluster.members[index]) if self.cluster else "worker 0"

    def agree(self, arguments, data=None):
        """Refuse to train unless every worker was started with the same arguments, data and package versions as the chief.

        Args:
            arguments, data: dicts of plain JSON values; `data` says what was read, such as a SHA-256 by split.

        Raises:
            ValueError: on every worker, naming those that differ, in what, and from what.
        """
        mine = {"version of": versions(), "argument": arguments, "data fingerprint of": data or {}}
        found = [json.loads(text) for text in self.exchange(json.dumps(mine).encode())]
        refused = [f"{self.name(n)} with {', '.join(odd)}" for n, its in enumerate(found) if (odd := _differing(found[0], its))]
        if refused:
            raise ValueError(
                f"Every worker must have the same packages, arguments and data as the chief, {self.name(0)}. "
                f"Received: {'; '.join(refused)}"
            )

    def exchange(self, message):
        """What every worker gives, in order: bytes in, a list of bytes out."""
        if self.count == 1:
            return [message]
        sizes = self._gather(np.array([len(message)], np.int32))[:, 0]
        rows = self._gather(_padded(message, int(sizes.max())))
        return [row.tobytes()[:size] for row, size in zip(rows, sizes, strict=True)]

    def broadcast(self, message):
        """What the chief gives, bytes; the others' is not looked at."""
        if self.count == 1:
            return message
        size = int(self._sum(np.array([len(message)], np.int32))[0])
        return self._sum(_padded(message if self.chief else b"", size)).tobytes()[:size]

    def on_chief(self, function):
        """Call a function without arguments on the chief; what it returns, plain JSON, is returned everywhere.

        Raises:
            ConnectionAbortedError: on the other workers, with the text of what the function raises on the chief.
        """
        error, answer = None, {}
        if self.chief:
            try:
                answer = {"value": function()}
            except Exception as caught:
                error, answer = caught, {"error": str(caught) or type(caught).__name__}
        answer = json.loads(self.broadcast(json.dumps(answer).encode()))
        if error is not None:
            raise error
        if "error" in answer:
            raise ConnectionAbortedError(f"The chief, {self.name(0)}, has stopped: {answer['error']}")
        return answer["value"]

    def over_all(self, function, rows):
        """`function(rows)`, to which every worker contributes its share.

        Args:
            function: of a part of `rows`, not empty; gives an array with one entry a row, always of the same dtype and shape.
            rows: list or array, the same on all workers.

        Returns:
            array of all rows, in their order, the same on all workers.
        """
        ends = [len(rows) * n // self.count for n in range(self.count + 1)]
        mine, found = rows[ends[self.index] : ends[self.index + 1]], None
        if len(mine):
            found = np.asarray(function(mine))
        forms = self.exchange(b"" if found is None else json.dumps([str(found.dtype), found.shape[1:]]).encode())
        dtype, shape = json.loads(max(forms, key=len) or b'["float32", []]')  # a worker without rows has none
        each = self.exchange(b"" if found is None else np.ascontiguousarray(found).tobytes())
        return np.concatenate([np.frombuffer(data, dtype).reshape(-1, *shape) for data in each])

    def share(self, rows):
        """This worker's part of rows that are the same number for all."""
        return part_of(rows, self.index, self.count)

    def run_folder(self, path, arguments):
        """The run's `RunFolder` on the chief, a `FollowedFolder` on the others, which write nothing."""
        folder = None

        def make():
            nonlocal folder
            folder = RunFolder(path, arguments)
            return folder.arguments

        kept = self.on_chief(make)
        if self._watch:
            self._watch.folder = path
        return ChiefFolder(folder, self) if self.chief else FollowedFolder(path, kept, self)

    def training(self, model):
        """What `seqzoo.training.fit.fit` takes its steps with."""
        from seqzoo.training.distributed.training import DistributedTraining

        return DistributedTraining(model, self)

    def _gather(self, numbers):
        """int32 `[n]` of every worker, as `[workers, n]`."""
        local = self.replicas // self.count
        with self.watched():
            given = self.strategy.experimental_distribute_values_from_function(lambda _: tf.constant(numbers[None]))
            return np.asarray(self._gathered(given))[::local]

    def _sum(self, numbers):
        """int32 `[n]` of the chief, added to the zeros of all others."""

        def value(context):
            first = context.replica_id_in_sync_group == 0
            return tf.constant(numbers if first else np.zeros_like(numbers))

        with self.watched():
            given = self.strategy.experimental_distribute_values_from_function(value)
            return np.asarray(self._summed(given))

    def gather(self, values):
        """A list of one value of every replica each, joined along the first axis; made for a `tf.function`."""

        def on_replica(*own):
            context = tf.distribute.get_replica_context()
            # An argument has no device, which TensorFlow wants to know.
            return [context.all_gather(tf.identity(value), axis=0) for value in own]

        found = self.strategy.run(on_replica, args=tuple(values))
        return [self.strategy.experimental_local_results(value)[0] for value in found]

    def _sum_of(self, value):
        def on_replica(own):
            return tf.distribute.get_replica_context().all_reduce("SUM", tf.identity(own))

        return self.strategy.experimental_local_results(self.strategy.run(on_replica, args=(value,)))[0]


def _padded(message, size):
    """A message as int32, with zeros behind; of few lengths, for each of which TensorFlow makes a graph."""
    length = SIZES
    while length < size:
        length *= 2
    return np.frombuffer(message.ljust(length, b"\0"), np.int32)


def _differing(chief, its):
    """What a worker has otherwise than the chief, in words."""
    return [
        f"{kind} {name} {its[kind].get(name)!r} (the chief: {chief[kind].get(name)!r})"
        for kind in chief
        for name in sorted({*chief[kind], *its[kind]})
        if chief[kind].get(name) != its[kind].get(name)
    ]
