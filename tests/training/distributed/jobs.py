"""What the workers of the tests do; every function runs in a process of its own."""

import json
import sys
import time

import keras
import numpy as np
from keras import ops

import seqzoo
from seqzoo.training.alone import Alone
from seqzoo.training.batches import LengthBatches, ShuffledBatches, part_of, share_of
from seqzoo.training.distributed import mirrored, multiworker
from seqzoo.training.fit import fit
from tests.training.networks import Silent

WORDS, SIZE, STEPS = 40, 4, 56


def uncompiled():
    """From here on the recurrences of this process run as the same operations, without XLA."""
    from seqzoo.kernels import compiled

    compiled._worth_compiling = lambda *_: False


def impatient():
    """What takes this process seconds of waiting for the others takes a fraction: they are all on this machine."""
    from seqzoo.training.distributed import watch

    watch.INTERVAL, watch.LAST_RESORT = 0.5, 12.0


def workers_of(kind):
    if kind == "mirrored":
        import tensorflow as tf

        (cpu,) = tf.config.list_physical_devices("CPU")
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    return {"alone": Alone, "mirrored": mirrored, "multiworker": multiworker}[kind]()


class Noted:
    """Batches that remember which rows were read of them; `pause` seconds for each."""

    def __init__(self, batches, pause=0.0):
        self.batches, self.pause, self.read = batches, pause, []

    def __len__(self):
        return len(self.batches)

    def __getattr__(self, name):
        return getattr(self.batches, name)

    def rows(self, epoch):
        return self.batches.rows(epoch)

    def batch(self, rows, epoch):
        time.sleep(self.pause)
        self.read.append(np.asarray(rows).tolist())
        return self.batches.batch(rows, epoch)

    def share(self, rows, epoch, part, parts):
        time.sleep(self.pause)
        self.read.append(np.asarray(part_of(rows, part, parts)).tolist() if np.ndim(rows) else None)
        return share_of(self.batches, rows, epoch, part, parts)


def uniform(seed):
    return keras.initializers.RandomUniform(-0.5, 0.5, seed=seed)


def tagged():
    """A label for each word, of sentences of many lengths: every replica's mask counts another number of steps."""
    random = np.random.default_rng(0)
    sequences = [random.integers(2, WORDS, 1 + n % 15).astype(np.int32) for n in random.permutation(64)]

    class Tagged(LengthBatches):
        def _padded(self, rows, beside, epoch):
            ids, _ = super()._padded(rows, beside, epoch)
            return ids, (ids % 2).astype(np.float32)[:, :, None]

    return Tagged(sequences, np.zeros(64), 8, 1, multiple=16, pool=2)


def tagger(rows):
    ids = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(WORDS, SIZE, mask_zero=True, embeddings_initializer=uniform(1))(ids)
    x = seqzoo.LSTM(5, return_sequences=True, kernel_initializer=uniform(2), recurrent_initializer=uniform(3))(x)
    x = keras.layers.Dense(1, "sigmoid", kernel_initializer=uniform(4), kernel_regularizer=keras.regularizers.L2(1e-3))(x)
    model = keras.Model(ids, x)
    rate = keras.optimizers.schedules.CosineDecay(0.0, STEPS - 5, warmup_target=0.05, warmup_steps=5)
    # A norm that clips: it has to be that of the whole gradient.
    model.compile(keras.optimizers.AdamW(rate, weight_decay=0.01, global_clipnorm=0.05), loss="binary_crossentropy")
    return model


def numbers():
    random = np.random.default_rng(1)
    x = random.normal(size=(64, 6, 3)).astype(np.float32)
    return ShuffledBatches(x, x.sum((1, 2))[:, None] / 5, 8, 2)


def stateful(rows):
    """States go on from batch to batch; the loss is a function that gives one number."""
    x = keras.Input((6, 3), batch_size=rows)
    y = seqzoo.GRU(4, stateful=True, kernel_initializer=uniform(5), recurrent_initializer=uniform(6))(x)
    model = keras.Model(x, keras.layers.Dense(1, kernel_initializer=uniform(7))(y))
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), loss=lambda y, p: ops.mean(ops.square(y - p)))
    return model


def stream():
    from seqzoo.data.word_stream import WordStream

    random = np.random.default_rng(2)
    texts = [random.integers(1, WORDS, 60).astype(np.int32) for _ in range(16)]
    return WordStream(texts, WORDS, 8, 8, 0, 5, 7)


def next_word(rows):
    from seqzoo.data.vocabulary import Vocabulary
    from seqzoo.tasks.text_generation.model import LanguageModel
    from seqzoo.tasks.text_generation.training import NextWordTraining, mean_loss

    vocabulary = Vocabulary.build([" ".join("abcdefghijklmnopqrstuvwxyz"[n // 20] * (1 + n % 20) for n in range(WORDS))], WORDS)
    config = {"vocabulary_size": len(vocabulary), "embedding_size": 4, "units": 5, "seed": 1}
    model = LanguageModel(config, vocabulary)
    trained = NextWordTraining(model, rows, 5)
    trained.compile(keras.optimizers.AdamW(0.02, global_clipnorm=0.5), loss=mean_loss)
    return trained


def sorted_texts():
    random = np.random.default_rng(3)
    return LengthBatches([random.integers(2, WORDS, 5).astype(np.int32) for _ in range(64)], np.arange(64) % 2, 8, 3, multiple=8)


def plain(rows):
    """Quickly traced, with dropout."""
    ids = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(WORDS, SIZE, embeddings_initializer=uniform(8))(ids)
    x = keras.layers.Dropout(0.3, seed=3)(ops.mean(x, 1))
    model = keras.Model(ids, keras.layers.Dense(1, "sigmoid", kernel_initializer=uniform(9))(x))
    model.compile(keras.optimizers.Adam(0.02), loss="binary_crossentropy", jit_compile=False)
    return model


def adversarial(rows):
    """A `train_step` of its own, with two passes."""
    from seqzoo.training.adversarial import AdversarialTraining

    ids = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(WORDS, SIZE, embeddings_initializer=uniform(8), name="embedding")(ids)
    x = keras.layers.Dense(1, "sigmoid", kernel_initializer=uniform(9))(ops.mean(x, 1))
    trained = AdversarialTraining(keras.Model(ids, x), 0.5)
    trained.compile(keras.optimizers.Adam(0.02), loss="binary_crossentropy", jit_compile=False)
    return trained


KINDS = {
    "tagger": (tagger, tagged),
    "stateful": (stateful, numbers),
    "next_word": (next_word, stream),
    "adversarial": (adversarial, sorted_texts),
    "plain": (plain, sorted_texts),
}


def train(kind, output, models, run=None, pause=0.0, every=10, epochs=7):
    """Train models one after the other; what comes out is written for the test to compare."""
    found = {}
    try:
        with workers_of(kind) as workers:
            for name in models:
                build, data = KINDS[name]
                batches = Noted(data(), pause)
                with workers.scope():
                    model = build(8 // workers.replicas)
                folder = run and workers.run_folder(run, {"model": name})
                training = Traced(workers)
                history = fit(model, batches, epochs, folder, None, every, Silent() if not run else None, training)
                found[name] = {
                    "weights": [np.asarray(v.value) for v in model.trainable_variables],
                    "loss": [figures["loss"] for figures in history],
                    "read": batches.read,
                    "traffic": training.made.traffic if workers.several else None,
                    "traces": training.made._step._function.experimental_get_tracing_count() if workers.several else None,
                }
    except (ConnectionError, KeyboardInterrupt) as error:
        print(f"error: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    arrays = {f"{name}/{n}": value for name in found for n, value in enumerate(found[name].pop("weights"))}
    np.savez(f"{output}.npz", **arrays)
    with open(f"{output}.json", "w") as file:
        json.dump(found, file)


class Traced:
    """Workers that keep the training they made."""

    def __init__(self, workers):
        self.workers = workers

    def __getattr__(self, name):
        return getattr(self.workers, name)

    def training(self, model):
        self.made = self.workers.training(model)
        return self.made


class Mask(keras.layers.Layer):
    """Dropout of ones, which it remembers."""

    def __init__(self, rows):
        super().__init__()
        self.seed = keras.random.SeedGenerator(7)
        self.kept = self.add_weight(shape=(rows, 32), trainable=False, initializer="zeros", name="kept")
        self.row_variables = [self.kept]

    def call(self, x, training=False):
        self.kept.assign(keras.random.dropout(ops.ones_like(self.kept), 0.5, seed=self.seed))
        return x + 0 * ops.sum(self.kept)


def talk(output):
    """Everything that workers tell each other, and what they refuse."""
    found = {}
    with multiworker() as workers:
        me = workers.index
        found["exchanged"] = [text.decode() for text in workers.exchange(b"from %d" % me * (1 + 3000 * me))]
        found["broadcast"] = workers.broadcast(b"the chief's" if me == 0 else b"").decode()
        rows = list(range(7))
        found["over_all"] = workers.over_all(lambda part: np.array([[row, me] for row in part], np.float64), rows).tolist()
        found["none"] = workers.over_all(lambda part: np.zeros((len(part), 2)), []).shape
        found["made"] = workers.on_chief(lambda: {"by": me})
        from seqzoo.training.distributed import workers as module

        real = module.versions()
        for name, change in {
            "same": {},
            "version": {"keras": "0.0.1"},
            "argument": {"units": 8},
            "data": {"train": "f" * 8},
        }.items():
            change = change if me else {}
            module.versions = lambda change=change, name=name: real | (change if name == "version" else {})
            try:
                workers.agree(
                    {"units": 4} | (change if name == "argument" else {}), {"train": "e"} | (change if name == "data" else {})
                )
                found[name] = None
            except ValueError as error:
                found[name] = str(error)
        try:
            workers.on_chief(lambda: 1 / 0)
        except (ZeroDivisionError, ConnectionAbortedError) as error:
            found["failed"] = f"{type(error).__name__}: {error}"
        found["masks"] = masks(workers)
        found["statistics"] = statistics(workers)
    with open(output, "w") as file:
        json.dump(found, file)


def masks(workers):
    """What dropout drew on every replica in two steps."""
    with workers.scope():
        x = keras.Input((1,))
        model = keras.Model(x, keras.layers.Dense(1)(Mask(4 // workers.replicas)(x)))
        model.compile("sgd", loss="mse")
    training, data = workers.training(model), ShuffledBatches(np.ones((4, 1), np.float32), np.ones((4, 1), np.float32), 4)
    training.step(data, np.arange(4), 0, lambda: False)
    training.step(data, np.arange(4), 0, lambda: False)
    (kept,) = training._step.whole_rows().values()
    return kept.tolist()


def statistics(workers):
    """The moving mean of a BatchNormalization that has seen 0 and 2 on one replica, 4 and 6 on the other."""
    with workers.scope():
        model = keras.Sequential([keras.Input((1,)), keras.layers.BatchNormalization(momentum=0.0)])
        model.compile("sgd", loss="mse")
    data = ShuffledBatches(np.array([[0], [2], [4], [6]], np.float32), np.ones((4, 1), np.float32), 4)
    workers.training(model).step(data, np.arange(4), 0, lambda: False)
    return np.asarray(model.layers[0].moving_mean.value).tolist()


def alone_mask(output):
    """What one process drew first and second for two rows."""
    layer = Mask(2)
    for _ in range(2):
        layer(np.zeros((1, 1), np.float32), training=True)
    np.save(output, np.asarray(layer.kept.value))


def lonely():
    """A worker whose fellow never comes."""
    multiworker(start_timeout=3)


def fails():
    """One worker has an error of its own, before the other's next collective operation."""
    with multiworker() as workers:
        if workers.index == 1:
            raise ValueError("this one has a reason")
        time.sleep(300)


def recipe(module, arguments):
    import importlib

    return importlib.import_module(module).main(arguments)


def recipe_by_name(module, arguments):
    """As on the command line, with its errors in one line."""
    import importlib

    from recipes.shared.command import run

    return run(importlib.import_module(module).main, arguments)
