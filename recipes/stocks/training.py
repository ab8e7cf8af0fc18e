"""Train one forecaster on the series of a calendar split; used by `recipes.stocks.forecast`."""


def train(task, arguments, parts, run):
    """Train a forecaster; gives it back, calibrated, with the figures of every epoch.

    Args:
        task: "volatility" or "quantiles".
        arguments: the recipe's, with `cell`, `units`, `layers`, `dropout`, `seed`, `epochs`, `batch_size`,
            `learning_rate`, `weight_decay` and `clip`.
        parts: dict of `Examples` from `make_examples`. Weights come from `train`, the calibration from
        `validation`;
            `test` is not read.
        run: `RunFolder` for checkpoints.
    """
    import keras
    import numpy as np

    from seqzoo.tasks.stock_forecasting.heads import QuantileForecaster, VolatilityForecaster
    from seqzoo.training.batches import ShuffledBatches
    from seqzoo.training.fit import fit
    from seqzoo.training.schedule import warm_cosine

    forecaster = {"volatility": VolatilityForecaster, "quantiles": QuantileForecaster}[task]
    model = forecaster({name: getattr(arguments, name) for name in ("cell", "units", "layers", "dropout", "seed")})
    examples = parts["train"]
    batches = ShuffledBatches(
        examples.sequence, model.targets(examples), min(arguments.batch_size, len(examples)), arguments.seed
    )
    steps = arguments.epochs * len(batches)
    rate = warm_cosine(arguments.learning_rate, steps, steps // 10)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=arguments.weight_decay, global_clipnorm=arguments.clip)
    model.network.compile(optimizer, loss=model.loss)
    print(
        f"{task}: {arguments.cell.upper()} with {model.count_parameters():,} parameters, {len(examples):,} "
        "training "
        f"examples, {len(batches)} steps an epoch"
    )

    def validate(_):
        target = model.targets(parts["validation"])
        losses = model.loss(target, model.raw_outputs(parts["validation"].sequence))
        return {"validation_loss": float(np.mean(losses))}

    history = fit(model.network, batches, arguments.epochs, run, validate, arguments.checkpoint_every)
    return model.calibrated(parts["validation"]) if task == "quantiles" else model, history
