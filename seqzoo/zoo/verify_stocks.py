"""The figures of a forecaster's card, computed again from the prices."""

from pathlib import Path

import numpy as np

from seqzoo.data.stock_examples import CalendarSplit, make_examples
from seqzoo.data.stocks import load_stocks
from seqzoo.zoo.checks import Check, check_figure, check_fingerprint, try_check
from seqzoo.zoo.phone_stocks import check_stock_figures
from seqzoo.zoo.stock_aside import aside_figures, load_aside
from seqzoo.zoo.stock_figures import measure_forecaster


def figure_checks(model, data_dir, folder):
    """Checks of the data's fingerprints and of every figure that the card states for validation and test.

    Args:
        model: a forecaster from `load_pretrained`.
        data_dir: folder with the CSV files; None for a model of the sample.
        folder: the model's, where its .tflite files lie.
    """
    data, metrics, checks = model.card["data"], model.card["metrics"], []
    series = load_stocks("sample" if data_dir is None else "files", data_dir, data["tickers"])
    split = CalendarSplit(**data["calendar"])
    parts = make_examples(series, split)
    for name, stated in data["splits"].items():
        found = series.fingerprint(*split.bounds(name))
        try_check(checks, f"{name} data", lambda stated=stated, found=found: check_fingerprint(stated, found))
    measured = sorted({"validation", "test"} & set(metrics))
    if not measured:
        checks.append(
            Check("figures", False, "The card states none that can be computed again from this data")
        )
    for name in measured:
        received = measure_forecaster(model, series, split, parts[name])
        for figure, value in received.items():
            stated = metrics[name].get(figure)
            try_check(checks, f"{name} {figure}", lambda s=stated, v=value: check_figure(s, v))
    for name, stated in sorted(model.card.get("phone", {}).items()):
        data = np.asarray(model.golden["inputs"]), series, split, parts["test"]
        try_check(
            checks,
            f"test figures, {name}",
            lambda name=name, stated=stated, data=data: check_stock_figures(folder / name, stated, *data),
        )
    for of in model.card.get("aside", []):
        checks += _aside_checks(model, of, data_dir)
    return checks


def _aside_checks(model, of, data_dir):
    """Of one series kept aside; no more than a note where the folder does not hold it."""
    name, checks = f"{of['ticker']} {of['first']} to {of['last']}", []
    if of["source"] == "files" and not (Path(data_dir or ".") / f"{of['ticker']}.csv").is_file():
        return [Check(name, True, f"not computed: {data_dir} has no {of['ticker']}.csv")]
    place = (of[key] for key in ("source", "ticker", "first", "last"))
    train_end = model.card["data"]["calendar"]["train_end"]
    found = try_check(
        checks, name, lambda: (aside_figures(model, load_aside(*place, train_end, data_dir)), "prices read")
    )
    for figure, value in (found or {}).items():
        stated = of["figures"][figure]
        try_check(checks, f"{name} {figure}", lambda s=stated, v=value: check_figure(s, v))
    return checks
