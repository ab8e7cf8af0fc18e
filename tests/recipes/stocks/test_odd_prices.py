"""The recipe behind the rule for days without a range: it flattens the days that it says, and reports what comes of it."""

import numpy as np
import pytest

from recipes.stocks import odd_prices
from tests.stock_prices import frame


def test_the_days_named_are_flattened_and_no_others():
    windows = frame(250)[["Open", "High", "Low", "Close", "Volume"]].to_numpy()[None]
    days = np.zeros((1, 250), bool)
    days[0, [3, 200]] = True
    found = odd_prices.still(windows, days)
    assert (found[0, [3, 200], :4] == windows[0, [3, 200], 3:4]).all()
    np.testing.assert_array_equal(found[~days], windows[~days])
    assert found[0, 3, 4] == windows[0, 3, 4]


def test_the_report(tmp_path, capsys):
    frame(400, start="2018-01-01").to_csv(tmp_path / "ABC.csv")
    odd_prices.main(["--data-dir", str(tmp_path), "--every", "10"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Volatility of stock-volatility-lstm, as a share of what it was, over 16 years of 1 series"
    medians = [float(line[32:].split()[2]) for line in lines[2:6]]
    assert medians == sorted(medians, reverse=True) and 0.8 < medians[0] < 1 and medians[3] < 0.6
    assert 0.8 < float(lines[7][32:].split()[2]) < 1.25  # no volumes
    assert lines[8].startswith("From 2018-01-01 on") and "% by series" in lines[8]


def test_another_kind_of_model(tmp_path):
    frame(300).to_csv(tmp_path / "ABC.csv")
    with pytest.raises(ValueError, match="must forecast a volatility. Received: stock-quantiles-lstm"):
        odd_prices.main(["--data-dir", str(tmp_path), "--model", "stock-quantiles-lstm"])
