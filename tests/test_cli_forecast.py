"""`seqzoo forecast`: what a person reads, what a program reads, files written whole, and answers before TensorFlow starts."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import seqzoo
from seqzoo import cli
from seqzoo.cli import forecast as command
from tests.price_files import LAYOUTS
from tests.stock_prices import frame

FRAME = frame(300).round(4)
VOLATILITY, QUANTILES = "stock-volatility-lstm", "stock-quantiles-lstm"


@pytest.fixture
def prices(tmp_path):
    FRAME.to_csv(tmp_path / "ABC.csv")
    return str(tmp_path / "ABC.csv")


@pytest.fixture
def no_model(monkeypatch):
    """Loading a model, which starts TensorFlow, is an error."""

    def load(name, *_):
        raise AssertionError("a model was loaded")

    monkeypatch.setattr(command, "load", load)


def ask(*arguments):
    return cli.main(["forecast", *map(str, arguments)])


def test_a_volatility_in_words(prices, capsys):
    assert ask(VOLATILITY, prices) == 0
    out, err = capsys.readouterr()
    expected = seqzoo.load_pretrained(VOLATILITY).forecast(FRAME).iloc[0]
    head, row = out.splitlines()[3:5]
    assert "(the night before is not in it)" in out and "business day" in out and not err
    assert head.split("  ")[0] == "last day" and "the day, %" in head and "a year, %" in head and "variance" in head
    day = 100 * np.sqrt(expected["variance"])
    cells = ["2016-02-24", "2016-02-25", f"{FRAME['Close'].iloc[-1]:.6g}", f"{day:.2f}", f"{expected['volatility']:.2f}"]
    assert row.split() == [*cells, f"{expected['variance']:.6g}"]
    assert all(len(line) <= 120 for line in out.splitlines())


def test_quantiles_as_prices_and_as_returns(prices, capsys):
    assert ask(QUANTILES, prices) == 0
    out = capsys.readouterr().out
    expected = seqzoo.load_pretrained(QUANTILES).forecast(FRAME).iloc[0].to_numpy()
    head, row, returns = out.splitlines()[3:6]
    assert "(the night before it is in it)" in out and head.split()[-10:] == "5 % 25 % 50 % 75 % 95 %".split()
    assert row.split()[3:] == [f"{price:,.2f}" for price in FRAME["Close"].iloc[-1] * np.exp(expected)]
    assert returns.split()[2:] == [f"{value:+.4f}" for value in expected]


def test_json_keeps_its_keys_and_has_more(prices, capsys):
    assert ask(QUANTILES, prices, "--start", "2016-02-18", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    expected = seqzoo.load_pretrained(QUANTILES).forecast(FRAME, "2016-02-18")
    assert list(found) == ["model", "forecasts", "unit", "files"] and found["model"] == QUANTILES
    rows = found["forecasts"]
    assert [row["asof"] for row in rows] == ["2016-02-18", "2016-02-19", "2016-02-22", "2016-02-23", "2016-02-24"]
    assert [row["for"] for row in rows] == ["2016-02-19", "2016-02-22", "2016-02-23", "2016-02-24", "2016-02-25"]
    np.testing.assert_allclose([[row[name] for name in expected.columns] for row in rows], expected, rtol=1e-6)
    for row in rows:
        assert row["close"] == FRAME["Close"].loc[row["asof"]] and row["file"] == prices
        for name, price in row["prices"].items():
            assert price == pytest.approx(row["close"] * np.exp(row[name]))
    assert "below it with probability 0.05" in found["unit"]["q05"]
    assert found["files"] == [{"path": prices, "assumed": [], "warnings": []}]


def test_the_day_it_is_for(tmp_path, capsys):
    """After a Friday a Monday; where Saturdays are traded the next day; inside a file its next row, whatever holidays say."""
    FRAME.iloc[:-3].to_csv(tmp_path / "week.csv")
    FRAME.drop(FRAME.index[-2]).to_csv(tmp_path / "holiday.csv")
    FRAME.set_axis(FRAME.index[0] + np.arange(300).astype("timedelta64[D]")).to_csv(tmp_path / "coin.csv")
    assert (
        ask(VOLATILITY, tmp_path / "week.csv", tmp_path / "coin.csv", tmp_path / "holiday.csv", "--start", "2015-10-26", "--json")
        == 0
    )
    rows = json.loads(capsys.readouterr().out)["forecasts"]
    last = {os.path.basename(row["file"]): (row["asof"], row["for"]) for row in rows}
    assert last["week.csv"] == ("2016-02-19", "2016-02-22") and last["coin.csv"] == ("2015-10-27", "2015-10-28")
    assert {row["asof"]: row["for"] for row in rows if "holiday" in row["file"]}["2016-02-22"] == "2016-02-24"


def test_several_files_and_an_output(prices, tmp_path, capsys):
    frame(300, seed=4).to_csv(tmp_path / "XYZ.csv")
    files = [prices, str(tmp_path / "XYZ.csv")]
    assert ask(VOLATILITY, *files) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[4:6]] == files
    assert ask(QUANTILES, *files, "--output", tmp_path / "found.csv") == 0
    assert capsys.readouterr().out == f"{tmp_path / 'found.csv'}: 2 forecasts from 2 files\n"
    assert ask(QUANTILES, *files, "--json", "--output", tmp_path / "found.json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert json.loads((tmp_path / "found.json").read_text()) == answer
    with open(tmp_path / "found.csv", newline="") as file:
        table = list(csv.DictReader(file))
    for row, other in zip(table, answer["forecasts"], strict=True):
        assert row["file"] == other["file"] and row["asof"] == other["asof"] and row["for"] == other["for"]
        assert float(row["q05"]) == other["q05"] and float(row["price_q95"]) == other["prices"]["q95"]
    before = (tmp_path / "found.csv").read_bytes()
    assert ask(QUANTILES, prices, "--output", tmp_path / "found.csv") == 2
    assert "pass --overwrite" in capsys.readouterr().err and (tmp_path / "found.csv").read_bytes() == before
    assert ask(QUANTILES, prices, "--output", tmp_path / "found.csv", "--overwrite") == 0
    assert len((tmp_path / "found.csv").read_text().splitlines()) == 2
    assert not list(tmp_path.glob("*.partial")) and not list(tmp_path.glob(".*"))


def test_a_bad_file_among_good_ones_leaves_nothing(prices, tmp_path, capsys, no_model):
    (tmp_path / "bad.csv").write_text(FRAME.reset_index().replace(FRAME["Open"].iloc[7], 0).to_csv(index=False))
    arguments = [VOLATILITY, prices, tmp_path / "bad.csv", tmp_path / "none.csv", "--output", tmp_path / "out.csv"]
    assert ask(*arguments) == 2
    out, err = capsys.readouterr()
    assert "bad.csv, line 9 (2015-01-12): Open must be" in err and "none.csv', where there is none" in err
    assert not out and err.count("\n") == 2 and not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--start", "soon"], "--start must be a date such as '2020-01-31'. Received: 'soon'"),
        (["--start", "2031-01-01"], "must reach --start"),
        (["--overwrite"], "--overwrite goes with --output"),
        (["--output", "x.txt"], "--output must name a .csv or .json file. Received: x.txt"),
        (["--output", "no/such/x.csv"], "in a folder that is there. Received: no/such/x.csv"),
        (["--output", "ABC.csv"], "must be another file than the prices"),
        (["--keep-jump", "--output", "ABC.csv"], "must be another file"),
    ],
)
def test_options_are_checked_before_a_model_is_loaded(prices, tmp_path, capsys, no_model, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert ask(VOLATILITY, "ABC.csv", *arguments) == 2
    err = capsys.readouterr().err
    assert message in err and err.count("\n") == 1 and err.startswith("seqzoo: error: ")


def test_a_split_names_the_option(tmp_path, capsys, no_model):
    new = FRAME.copy()
    new.iloc[:200, :4] *= 2.0
    new.to_csv(tmp_path / "ABC.csv")
    assert ask(VOLATILITY, tmp_path / "ABC.csv") == 2
    assert "looks like a split" in (err := capsys.readouterr().err) and "or pass --keep-jumps if it is real" in err


def test_warnings_are_short_said_once_and_of_rows_that_are_read(tmp_path, capsys):
    new = frame(400)
    new.iloc[:20, :4] *= 2.0  # not read
    new.iloc[5, 0] = new["High"].iloc[5] * 1.1
    new.to_csv(tmp_path / "ABC.csv")
    assert ask(VOLATILITY, tmp_path / "ABC.csv") == 0
    assert capsys.readouterr().err == ""
    for row in (300, 310, 390):
        new.iloc[row, 0] = new["High"].iloc[row] * 1.01
    new[::-1].to_csv(tmp_path / "ABC.csv")
    assert ask(VOLATILITY, tmp_path / "ABC.csv", "--json") == 0
    out, err = capsys.readouterr()
    first, second = err.splitlines()
    assert first == f"seqzoo: warning: {tmp_path / 'ABC.csv'} is read so: the newest day is first"
    assert "Low to High (and on 2 more rows); the vendor's prices may not fit each other" in second
    (file,) = json.loads(out)["files"]
    assert file["assumed"] == ["the newest day is first"] and len(file["warnings"]) == 2


def test_a_vendors_file_is_asked_of_as_it_is(tmp_path, capsys, no_model):
    (tmp_path / "nasdaq.csv").write_text(LAYOUTS["nasdaq"][0])
    assert ask(VOLATILITY, tmp_path / "nasdaq.csv") == 2
    assert "at least 250 daily rows; give a longer history. Received: 80 rows, to 2015-04-22, in" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT of one process")
@pytest.mark.parametrize("after", [0.3, 0.7, 1.5])
def test_ctrl_c_is_answered_at_any_moment(prices, tmp_path, after):
    target = tmp_path / "out.csv"
    started = [sys.executable, "-m", "seqzoo", "forecast", VOLATILITY, prices, "--output", str(target)]
    with subprocess.Popen(started, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        time.sleep(after)
        child.send_signal(signal.SIGINT)
        begin = time.monotonic()
        try:
            _, err = child.communicate(timeout=60)
        finally:
            child.kill()
        assert time.monotonic() - begin < 2
    if child.returncode != 0:  # it may have been quicker
        assert child.returncode in (130, -signal.SIGINT)
    assert not target.exists() or target.read_text().count("\n") == 2  # whole, or not there
    assert "Traceback" not in err and not list(tmp_path.glob("*.partial"))
