"""What people reported of data sets and their sources, one test for each report, its number in the name."""

import configparser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_datasets_11212_what_tfds_imports_is_declared():
    """tensorflow/datasets#11212: tensorflow-datasets imports importlib_resources without requiring it; our extra does."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    names = [line.split(">=")[0] for line in setup["options.extras_require"]["data"].split()]
    assert {"tensorflow-datasets", "importlib_resources"} <= set(names)


@pytest.mark.parametrize("level_first", [True, False])
def test_yfinance_2193_columns_with_a_level_of_tickers_are_prices(level_first):
    """ranaroussi/yfinance#2193: one ticker's prices came with a second level of columns, in another order."""
    pandas = pytest.importorskip("pandas", reason="stock series need the extra `stocks`")
    from seqzoo.data import check_prices
    from tests.stock_prices import frame

    plain = frame(20)
    given = plain[["Close", "High", "Low", "Open", "Volume"]]
    pairs = [(name, "TSLA") if level_first else ("TSLA", name) for name in given]
    given = given.set_axis(pandas.MultiIndex.from_tuples(pairs, names=["Price", "Ticker"][:: 1 if level_first else -1]), axis=1)
    pandas.testing.assert_frame_equal(check_prices(given), check_prices(plain))


def test_yfinance_2308_no_adjusted_close_is_needed():
    """ranaroussi/yfinance#2308: Adj Close went from what is downloaded. Close is what counts, with or without it."""
    pandas = pytest.importorskip("pandas", reason="stock series need the extra `stocks`")
    from seqzoo.data import check_prices
    from tests.stock_prices import frame

    plain = frame(20)
    pandas.testing.assert_frame_equal(check_prices(plain.assign(**{"Adj Close": plain["Close"] / 2})), check_prices(plain))
