"""The figures of a forecaster's card, computed again from the prices."""

from pathlib import Path

import numpy as np

from seqzoo.data.price_windows import COLUMNS, windows_of
from seqzoo.data.stock_examples import CalendarSplit, make_examples
from seqzoo.data.stocks import load_stocks
from seqzoo.tasks.stock_forecasting.aside import aside_figures, load_aside
from seqzoo.tasks.stock_forecasting.figures import measure_forecaster
from seqzoo.tasks.stock_forecasting.phone import check_phone_figures
from seqzoo.tasks.stock_forecasting.readme import HEADLINES


def check_figures(checks, subject):
    """Check the data's fingerprints and every figure that the card states for validation and test.

    Args:
        checks: `seqzoo.zoo.checks.Checks`, which take them.
        subject: `Subject`, a forecaster; its `data_dir` holds the CSV files.
    """
    model = subject.model
    data, metrics = model.card["data"], model.card["metrics"]
    series = load_stocks("sample" if subject.data_dir is None else "files", subject.data_dir, data["tickers"])
    split = CalendarSplit(**data["calendar"])
    parts = make_examples(series, split)
    for name, stated in data["splits"].items():
        checks.fingerprint(name, stated, series.fingerprint(*split.bounds(name)))
    measured = sorted({"validation", "test"} & set(metrics))
    if not measured:
        checks.note("figures", False, "The card states none that can be computed again from this data")
    for name in measured:
        checks.figures(name, metrics[name], lambda name=name: measure_forecaster(model, series, split, parts[name]))
    if subject.served is not None and "test" in measured:
        test = parts["test"]
        checks.figures(
            "test",
            metrics["test"],
            lambda: measure_forecaster(model, series, split, test, served_forecasts(subject.served, series, test)),
            ", SavedModel",
        )
    for name, stated in sorted(model.card.get("phone", {}).items()):
        given = np.asarray(model.golden["inputs"]), series, split, parts["test"]
        checks.attempt(
            f"test figures, {name}",
            lambda name=name, stated=stated, given=given: check_phone_figures(subject, name, stated, *given),
        )
    for of in model.card.get("aside", []):
        _aside_checks(checks, model, of, subject.data_dir)
    checks.seeds(model.card, HEADLINES[model.task][0], measured)


def served_forecasts(served, series, examples):
    """A SavedModel's forecasts `[n, k]` of examples, from the raw prices of `series` that they were made of."""
    found = {}
    for ticker in np.unique(examples.ticker):
        frame = series.frames[ticker]
        days = frame.index.to_numpy().astype("datetime64[D]")
        rows = np.flatnonzero(examples.ticker == ticker)
        ends = np.searchsorted(days, examples.asof[rows])
        forecasts = served(windows_of(frame[list(COLUMNS)].to_numpy(np.float64), ends))
        found.update(zip(rows.tolist(), forecasts, strict=True))
    return np.stack([found[row] for row in range(len(examples))])


def _aside_checks(checks, model, of, data_dir):
    """Of one series kept aside; no more than a note where the folder does not hold it."""
    name = f"{of['ticker']} {of['first']} to {of['last']}"
    if of["source"] == "files" and not (Path(data_dir or ".") / f"{of['ticker']}.csv").is_file():
        checks.leave_out(name, f"not computed: {data_dir} has no {of['ticker']}.csv")
        return
    place = (of[key] for key in ("source", "ticker", "first", "last"))
    train_end = model.card["data"]["calendar"]["train_end"]
    found = checks.attempt(name, lambda: (aside_figures(model, load_aside(*place, train_end, data_dir)), "prices read"))
    for figure, value in (found or {}).items():
        stated = of["figures"][figure]
        checks.attempt(f"{name} {figure}", lambda s=stated, v=value: checks.compare(s, v))
