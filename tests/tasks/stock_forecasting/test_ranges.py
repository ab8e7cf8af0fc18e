"""Days on which nothing moved: how many a forecast bears, what is said of them, and that no implausible answer leaves."""

import numpy as np
import pytest

import seqzoo
from seqzoo.data.price_windows import COLUMNS, STEPS, WINDOW
from seqzoo.data.prices import PriceDataError, PriceDataWarning
from seqzoo.data.stocks import load_stocks
from seqzoo.insight import explain, trace_gates
from seqzoo.tasks import task_of
from seqzoo.tasks.stock_forecasting.heads import QuantileForecaster, VolatilityForecaster
from seqzoo.tasks.stock_forecasting.outputs import check_plausible
from seqzoo.tasks.stock_forecasting.preprocess import checked_windows
from tests.stock_prices import frame

FRAME = frame(340)
ZOO = seqzoo.list_pretrained("stock-*")


def still(rows, table=FRAME):
    """The table, with Open = High = Low = Close in the given rows."""
    new = table.copy()
    for row in rows:
        new.iloc[row, :3] = new.iloc[row, 3]
    return new


ALONE = still(range(len(FRAME)))


@pytest.mark.parametrize("name", ZOO)
def test_closes_alone_get_no_answer_from_a_model_of_the_zoo(name):
    model = seqzoo.load_pretrained(name)
    told = r"High must be above Low on at least 225 of the 250 days.*High equal to Low on 250 of the 250 days to 2016-04-20: "
    told += "2015-05-07, 2015-05-08, 2015-05-11, ... 2016-04-20"
    with pytest.raises(PriceDataError, match=told):
        model.forecast(ALONE)
    for ask in (lambda: explain(model, ALONE), lambda: trace_gates(model, ALONE), lambda: model.forecast(ALONE, "2016-01-01")):
        with pytest.raises(PriceDataError, match="High must be above Low"):
            ask()
    with pytest.raises(PriceDataError, match="row 249 of window 0"):
        model.predict(ALONE[list(COLUMNS)].to_numpy()[None, -WINDOW:])


EARLY, LATE = range(-WINDOW, -STEPS), range(-STEPS, 0)


@pytest.mark.parametrize(
    "rows, message",
    [
        ([*EARLY[:19], *LATE[:6]], None),
        ([*EARLY[:20], *LATE[:6]], "at least 225 of the 250 days that a forecast looks back on.*on 26 of the 250 days"),
        (
            LATE[:7],
            "at least 54 of the 60 last days.*on 7 of the 60 days to 2016-04-20: 2016-01-28, 2016-01-29, 2016-02-01, ... 2016",
        ),
        (range(-340, -WINDOW), None),
    ],
)
def test_a_tenth_of_the_days_may_be_without_a_range(rows, message):
    table, model = still(rows), VolatilityForecaster({"units": 2})
    windows = table[list(COLUMNS)].to_numpy()
    if message is None:
        assert np.isfinite(model.forecast(table).to_numpy()).all()
        assert checked_windows(windows).shape == (1, WINDOW, 5)
        return
    with pytest.raises(PriceDataError, match=message):
        model.forecast(table)
    with pytest.raises(PriceDataError, match="High must be above Low.* to row 249: row "):
        checked_windows(windows)


def test_a_few_such_days_are_told_of_once():
    with pytest.warns(PriceDataWarning, match="on 2 of the last 60 days, 2016-04-19, 2016-04-20; .* too low") as caught:
        VolatilityForecaster({"units": 2}).forecast(still([-1, -2, -200]))
    assert len(caught) == 1


def test_the_recipes_rule_is_the_same(tmp_path):
    still(range(0, 340, 11)).to_csv(tmp_path / "ABC.csv")
    still(range(0, 340, 9)).to_csv(tmp_path / "XYZ.csv")
    with pytest.warns(PriceDataWarning, match="XYZ.csv: High equals Low on 11 % of the days.*left out"):
        assert list(load_stocks("files", tmp_path).frames) == ["ABC"]


@pytest.mark.parametrize("kind", [VolatilityForecaster, QuantileForecaster])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 80.0, -80.0])
def test_an_answer_that_cannot_be_is_an_error(kind, value, monkeypatch):
    model = kind({"units": 2})
    count = len(model.raw_outputs(np.zeros((1, STEPS, 11), np.float32))[0])
    monkeypatch.setattr(model, "raw_outputs", lambda sequence: np.full((len(sequence), count), value, np.float32))
    with pytest.raises(PriceDataError, match="must be finite and in keeping with the year's largest move"):
        model.forecast(FRAME)


def test_what_is_plausible():
    window = FRAME[list(COLUMNS)].to_numpy()[None, -WINDOW:]
    names = VolatilityForecaster.outputs
    for good in (1e-4, 1e-7, 1.0):
        check_plausible(np.array([[good, 100 * np.sqrt(252 * good)]]), window, names)
    for bad in (0.0, 1e-14, 1e4, np.nan):
        with pytest.raises(PriceDataError, match="Received: variance .* in window 0"):
            check_plausible(np.array([[bad, 100 * np.sqrt(252 * bad)]]), window, names)
    with pytest.raises(PriceDataError, match="q05 -"):
        check_plausible(np.array([[-50, -1, 0, 1, 50.0]]), window, QuantileForecaster.outputs)


def test_prices_of_every_size_but_none_that_cannot_be():
    windows = FRAME[list(COLUMNS)].to_numpy()
    for factor in (1e-10, 1e10):
        assert len(checked_windows(windows * [factor, factor, factor, factor, 1])) == 1
    for factor in (1e-310, 1e200):
        with pytest.raises(PriceDataError, match="must be at (least|most) 1e"):
            checked_windows(windows * factor)


def test_rows_that_are_not_read_are_not_spoken_of(recwarn):
    """A split of long ago, which nobody adjusted for, does not touch a forecast of today."""
    table, model = FRAME.copy(), VolatilityForecaster({"units": 2})
    table.iloc[:40, :4] *= 2.0
    assert len(model.forecast(table)) == 1 and not [w for w in recwarn if issubclass(w.category, PriceDataWarning)]
    table.iloc[:120, :4] *= 2.0
    with pytest.raises(PriceDataError, match="looks like a split"):
        model.forecast(table)


def test_explain_says_once_what_it_warns_of(tmp_path):
    table = still([-3])
    table.iloc[-7, 0] = table["High"].iloc[-7] * 1.01
    table[::-1].to_csv(tmp_path / "ABC.csv")
    model = VolatilityForecaster({"units": 2})
    with pytest.warns(PriceDataWarning) as caught:
        explain(model, task_of(model).read_argument(str(tmp_path / "ABC.csv")))
    told = [str(w.message) for w in caught if issubclass(w.category, PriceDataWarning)]
    assert len(told) == 3 and all(text.startswith(str(tmp_path / "ABC.csv")) for text in told)
    for part, text in zip(("newest day is first", "line 8 ", "on 1 of the last 60 days"), told, strict=True):
        assert part in text
