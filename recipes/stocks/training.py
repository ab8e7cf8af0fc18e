"""Train one forecaster on the series of a calendar split; used by `recipes.stocks.forecast`."""

from argparse import Namespace
from dataclasses import replace

import numpy as np

from seqzoo.data.market_windows import beside_state, without
from seqzoo.training.batches import ShuffledBatches

from ..shared.distribution import ordinary
from .merge import merge

NEWTON_STEPS = 8
RIDGE = 1e-3


class AbsentBatches(ShuffledBatches):
    """`ShuffledBatches` of wide features in which a share of the rows sees no market, no VIX, or neither.

    Which rows, is drawn anew each epoch: of the share `absent` one half sees neither, and a quarter lacks one of the two each.
    """

    def __init__(self, inputs, targets, batch_size, seed=0, absent=0.4):
        super().__init__(inputs, targets, batch_size, seed)
        self.absent = absent
        self._drawn = (None, None)  # epoch, a number in [0, 1) for each row

    def batch(self, rows, epoch):
        """Inputs and targets of these rows in this epoch."""
        if self._drawn[0] != epoch:
            random = np.random.Generator(np.random.PCG64([self.seed, epoch, 1]))
            self._drawn = epoch, random.random(len(self.inputs))
        drawn, whole = self._drawn[1][rows], self.absent
        neither, no_market = drawn < whole / 2, drawn < 3 * whole / 4
        inputs, targets = super().batch(rows, epoch)
        return without(inputs, no_market, neither | ((drawn < whole) & ~no_market)), targets


def train(task, arguments, parts, run, workers=None):
    """`train_one`; with `arguments.members` the mean of so many networks with seeds of their own, see `merge`.

    Of each epoch the figures are then means over the members; one more row has the validation loss of them all as one. A
    member's checkpoints lie in a folder of `run`.
    """
    from seqzoo.training.alone import Alone

    workers = workers or Alone()
    if not arguments.members:
        return train_one(task, arguments, parts, run, workers)
    models, histories = [], []
    for member in range(arguments.members):
        if workers.chief:
            print(f"Member {member + 1} of {arguments.members}:", flush=True)
        own = Namespace(**{**vars(arguments), "seed": arguments.members * arguments.seed + member})
        folder = workers.run_folder(run.path / f"member-{member}", {**run.arguments, "member": member}) if run else None
        model, history = train_one(task, own, parts, folder, workers)
        models.append(model)
        histories.append(history)
    model = merge([*models])
    model._config = replace(model._config, seed=arguments.seed)
    history = [{key: float(np.mean([row[key] for row in rows])) for key in rows[0]} for rows in zip(*histories, strict=True)]
    if arguments.fit != "all":
        history.append({"members": len(models), **validation_loss(model, parts)})
        if workers.chief:
            print(f"All as one: validation_loss {history[-1]['validation_loss']:.4f}")
    return model, history


def validation_loss(model, parts, workers=None):
    """The mean loss on the validation part, as a row of the history has it."""
    sequence = parts["validation"].sequence
    raw = workers.over_all(model.raw_outputs, sequence) if workers else model.raw_outputs(sequence)
    losses = model.loss(model.targets(parts["validation"]), raw)
    return {"validation_loss": float(np.mean(losses))}


def train_one(task, arguments, parts, run, workers):
    """Train a forecaster; gives it back, calibrated, with the figures of every epoch.

    Args:
        task: "volatility" or "quantiles".
        arguments: the recipe's, with `cell`, `units`, `layers`, `dropout`, `seed`, `epochs`, `batch_size`,
            `learning_rate`, `weight_decay`, `clip`, `members`, `market`, `vix`, `absent`, `start` and `fit`.
        parts: dict of `Examples` from `make_examples`. Weights come from `train` (with `fit` "all" from `validation` too), the
            calibration from `validation`; `test` is not read.
        run: `RunFolder` for checkpoints, or None.
        workers: those that train it together, or `seqzoo.training.alone.Alone`.
    """
    import keras

    from seqzoo.tasks.stock_forecasting.heads import QuantileForecaster, VolatilityForecaster
    from seqzoo.training.fit import fit
    from seqzoo.training.schedule import warm_cosine

    forecaster = {"volatility": VolatilityForecaster, "quantiles": QuantileForecaster}[task]
    config = {name: getattr(arguments, name) for name in ("cell", "units", "layers", "dropout", "seed")}
    wide = arguments.market is not None or arguments.vix is not None
    with workers.scope():
        model = forecaster(config | ({"market": True} if wide else {}))
    examples, everything = parts["train"], arguments.fit == "all"
    if everything:
        examples = type(examples)(*map(np.concatenate, zip(examples, parts["validation"], strict=True)))
    targets, size = model.targets(examples), min(arguments.batch_size, len(examples))
    if arguments.start == "har":
        start_at_har(model, examples.sequence, targets)
    if wide:
        batches = AbsentBatches(examples.sequence, targets, size, arguments.seed, arguments.absent)
    else:
        batches = ShuffledBatches(examples.sequence, targets, size, arguments.seed)
    steps = arguments.epochs * len(batches)
    rate = warm_cosine(arguments.learning_rate, steps, steps // 10)
    with workers.scope():
        optimizer = keras.optimizers.AdamW(rate, weight_decay=arguments.weight_decay, global_clipnorm=arguments.clip)
        model.network.compile(optimizer, loss=model.loss)
    if workers.chief:
        print(
            f"{task}: {arguments.cell.upper()} with {model.count_parameters():,} parameters, {len(examples):,} "
            "training "
            f"examples, {len(batches)} steps an epoch"
        )
    now = ordinary(model, workers)
    validate = None if everything else lambda _: validation_loss(now(), parts, workers)
    history = fit(model.network, batches, arguments.epochs, run, validate, arguments.checkpoint_every, workers=workers)
    model = now()
    return model.calibrated(parts["validation"]) if task == "quantiles" else model, history


def start_at_har(model, sequence, target):
    """Begin at a HAR model: the head's line through the last day's features is fitted, what it takes of the state is 0.

    What the network then learns is a correction (Reisenhofer, Bayer & Hautsch, "HARNet", 2022, begin in this way). The line
    is fitted by Newton's method to QLIKE, with and without a market where the model can see one.

    Args:
        model: `VolatilityForecaster`, untrained.
        sequence, target: its inputs `[n, steps, features]` and targets `[n, 1]`.
    """
    last = np.asarray(sequence[:, -1:], np.float64)
    seen = [last]
    if model.takes_market:
        seen += [without(last, True, True), without(last, market=True), without(last, vix=True)]
    weights = np.repeat([1.0, 0.5, 0.25, 0.25][: len(seen)], len(last))
    terms = np.concatenate([beside_state(of[:, 0], np) for of in seen])
    terms = np.concatenate([terms, np.ones((len(terms), 1))], axis=1)
    wanted = np.tile(np.asarray(target, np.float64)[:, 0], len(seen))
    ridge = RIDGE * np.eye(terms.shape[1])
    scaled = terms * weights[:, None]
    line = np.linalg.solve(scaled.T @ terms + ridge, scaled.T @ wanted)
    line[-1] += model.head_bias[0]  # from the geometric mean, where QLIKE would begin too steep, to the mean
    for _ in range(NEWTON_STEPS):
        ratio = np.exp(wanted - terms @ line)
        line -= np.linalg.solve((scaled * ratio[:, None]).T @ terms + ridge, scaled.T @ (1 - ratio))
    tensors = model.tensors()
    kernel = np.zeros_like(tensors["head/kernel"])
    kernel[-len(line) + 1 :, 0] = line[:-1]
    model.load_tensors(tensors | {"head/kernel": kernel, "head/bias": line[-1:].astype(np.float32)})
