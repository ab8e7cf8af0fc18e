"""The figures of a forecaster's card, computed again from the prices."""

from pathlib import Path

import numpy as np

from seqzoo.data.market import load_market
from seqzoo.data.market_windows import without
from seqzoo.data.price_windows import windows_of
from seqzoo.data.stock_examples import CalendarSplit, make_examples, series_rows
from seqzoo.data.stocks import load_stocks
from seqzoo.tasks.stock_forecasting.aside import aside_figures, load_aside
from seqzoo.tasks.stock_forecasting.figures import measure_forecaster, rounded
from seqzoo.tasks.stock_forecasting.phone import check_phone_figures
from seqzoo.tasks.stock_forecasting.readme import ABSENT, HEADLINES
from seqzoo.tasks.stock_forecasting.refitted import refitted_baselines
from seqzoo.tasks.stock_forecasting.scores import diebold_mariano, loss
from seqzoo.tasks.stock_forecasting.walk_forward import FILE, load_years, walk_forward


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
    beside = beside_of(checks, model.card, subject.data_dir)
    parts = make_examples(series, split, beside)
    for name, stated in data["splits"].items():
        checks.fingerprint(name, stated, series.fingerprint(*split.bounds(name)))
    measured = sorted({"validation", "test"} & set(metrics))
    if not measured:
        checks.note("figures", False, "The card states none that can be computed again from this data")
    for name in measured:
        checks.figures(name, metrics[name], lambda name=name: measure_forecaster(model, series, split, parts[name]))
    test = parts["test"]
    for key in sorted(set(ABSENT) & set(metrics)):
        less = type(test)(without(test.sequence, **ABSENT[key]), *test[1:])
        checks.figures(key, metrics[key], lambda less=less: measure_forecaster(model, series, split, less))
        measured.append(key)
    refitted = None
    if "walk_forward" in metrics:
        refitted = walk_forward(model, load_years((subject.folder / FILE).read_bytes()), test)
        checks.figures("yearly refit", metrics["walk_forward"], lambda: measure_forecaster(model, series, split, test, refitted))
        measured.append("walk_forward")
    _against_checks(checks, model, series, split, test, beside, refitted)
    if subject.served is not None and "test" in measured:
        checks.figures(
            "test",
            metrics["test"],
            lambda: measure_forecaster(model, series, split, test, served_forecasts(subject.served, series, test, beside)),
            ", SavedModel",
        )
    for name, stated in sorted(model.card.get("phone", {}).items()):
        given = np.asarray(model.golden["inputs"]), series, split, test
        checks.attempt(
            f"test figures, {name}",
            lambda name=name, stated=stated, given=given: check_phone_figures(subject, name, stated, *given),
        )
    for of in model.card.get("aside", []):
        _aside_checks(checks, model, of, subject.data_dir, beside)
    checks.seeds(model.card, HEADLINES[model.task][0], measured)


def beside_of(checks, card, data_dir):
    """`seqzoo.data.market.Beside` of a card's `market`, compared with its fingerprint; None where the card has none."""
    if (stated := card.get("market")) is None:
        return None
    beside = load_market(data_dir, stated.get("market"), stated.get("vix"))
    days = {"examples": sum(len(part) for part in (beside.market, beside.vix) if part is not None), **stated}
    checks.fingerprint("market", days, beside.fingerprint(None, card["data"]["calendar"]["test_end"]))
    return beside


def _against_checks(checks, model, series, split, test, beside, walked):
    """Of the refitted HAR models that the card states: their figures, and the t values against them."""
    stated = {b["name"]: b for b in model.card["baselines"] if b["split"] == "test" and "t" in b}
    if not stated:
        return
    mine = {"t": loss(model.task, model.predict_features(test.sequence, test.anchor), test)}
    if walked is not None:
        mine["t_walk_forward"] = loss(model.task, walked, test)
    for name, other in refitted_baselines(series, test, beside, model.task).items():
        if (of := stated.get(name)) is None:
            checks.leave_out(name, "the card does not state it")
            continue
        theirs = loss(model.task, other, test)
        found = {key: diebold_mariano(losses, theirs, test.day) for key, losses in mine.items() if key in of}
        figures = of["figures"] | {key: of[key] for key in found}
        checks.figures(
            name, figures, lambda o=other, f=found: rounded(measure_forecaster(model, series, split, test, _column(o)) | f)
        )


def _column(forecast):
    """A forecast `[n, k]` as a model's is."""
    return forecast if forecast.ndim == 2 else forecast[:, None]


def served_forecasts(served, series, examples, beside=None):
    """A SavedModel's forecasts `[n, k]` of examples, from the raw prices of `series` that they were made of."""
    found = {}
    for ticker in np.unique(examples.ticker):
        frame = series.frames[ticker]
        days = frame.index.to_numpy().astype("datetime64[D]")
        rows = np.flatnonzero(examples.ticker == ticker)
        ends = np.searchsorted(days, examples.asof[rows])
        forecasts = served(windows_of(series_rows(frame, beside), ends))
        found.update(zip(rows.tolist(), forecasts, strict=True))
    return np.stack([found[row] for row in range(len(examples))])


def _aside_checks(checks, model, of, data_dir, beside):
    """Of one series kept aside; no more than a note where the folder does not hold it."""
    name = f"{of['ticker']} {of['first']} to {of['last']}"
    if of["source"] == "files" and not (Path(data_dir or ".") / f"{of['ticker']}.csv").is_file():
        checks.leave_out(name, f"not computed: {data_dir} has no {of['ticker']}.csv")
        return
    place = (of[key] for key in ("source", "ticker", "first", "last"))
    train_end = model.card["data"]["calendar"]["train_end"]
    found = checks.attempt(name, lambda: (aside_figures(model, load_aside(*place, train_end, data_dir, beside)), "prices read"))
    for figure, value in (found or {}).items():
        stated = of["figures"][figure]
        checks.attempt(f"{name} {figure}", lambda s=stated, v=value: checks.compare(s, v))
