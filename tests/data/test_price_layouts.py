"""Files of prices in the layouts of those who write them: the same table of each, and what was assumed is said."""

import gzip
import warnings
import zipfile

import numpy as np
import pandas as pd
import pytest

from seqzoo.data.prices import PriceDataError, PriceDataWarning, check_prices, read_prices
from tests.price_files import FRAME, LAYOUTS, WITHOUT_VOLUME, YFINANCE, lines


def read(path):
    """The prices of a file and its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        return read_prices(path), [str(warning.message) for warning in caught]


@pytest.mark.parametrize("name", [*LAYOUTS, *WITHOUT_VOLUME])
def test_every_layout_gives_the_same_table_and_says_once_what_was_assumed(tmp_path, name):
    text, assumed = (LAYOUTS | WITHOUT_VOLUME)[name]
    path = tmp_path / "prices.csv"
    path.write_text(text, encoding="utf-8")
    found, said = read(path)
    expected = FRAME.assign(Volume=0.0) if name in WITHOUT_VOLUME else FRAME
    np.testing.assert_allclose(found.to_numpy(), expected.to_numpy(), rtol=1e-12)
    assert (found.index == FRAME.index).all()
    assert len(said) == bool(assumed) and len(found.attrs["assumed"]) == len(assumed)
    for told, part in zip(found.attrs["assumed"], assumed, strict=True):
        assert part in told and told in said[0]


@pytest.mark.parametrize("name", ["alpha vantage adjusted", "nasdaq", "tushare"])
def test_a_vendors_table_read_by_pandas_is_taken_too(name, tmp_path):
    (tmp_path / "prices.csv").write_text(LAYOUTS[name][0])
    with pytest.warns(PriceDataWarning, match="the newest day is first"):
        found = check_prices(pd.read_csv(tmp_path / "prices.csv"))
    np.testing.assert_allclose(found.to_numpy(), FRAME.to_numpy(), rtol=1e-12)


def test_packed_files_and_other_encodings(tmp_path):
    text = LAYOUTS["yahoo"][0]
    with gzip.open(tmp_path / "a.csv.gz", "wt") as file:
        file.write(text)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("b.csv", text)
    (tmp_path / "c.csv").write_text(text, encoding="utf-16")
    (tmp_path / "d.csv").write_bytes(text.replace("\n", "\r\n").replace("Adj Close", "Schlu\xdf").encode("latin-1"))
    for name, said in (("a.csv.gz", 0), ("b.zip", 0), ("c.csv", 0), ("d.csv", 1)):
        found, told = read(tmp_path / name)
        np.testing.assert_allclose(found.to_numpy(), FRAME.to_numpy(), rtol=1e-12)
        assert len(told) == said


def test_lines_are_named_as_they_stand_in_the_file(tmp_path):
    def row(day, o, h, lo, c, v):
        return f"{day:%Y-%m-%d},{c},{h},{lo},{'?' if day == FRAME.index[5] else o},{v:.0f}"

    (tmp_path / "y.csv").write_text(lines(YFINANCE, row))
    with pytest.raises(PriceDataError, match=r"y.csv, line 9 \(2015-01-08\): Open must be .* Received: '\?'"):
        read(tmp_path / "y.csv")
    (tmp_path / "y.csv").write_text("\n\n" + lines(YFINANCE, row, newest_first=True))
    with pytest.raises(PriceDataError, match=r"y.csv, line 80 \(2015-01-08\)"):
        read(tmp_path / "y.csv")


HUGE = "9" * 400


def with_cell(cell, column=1, row=4):
    found = LAYOUTS["stooq"][0].splitlines()
    cells = found[row].split(",")
    cells[column] = cell
    found[row] = ",".join(cells)
    return "\n".join(found)


@pytest.mark.parametrize(
    "text, message",
    [
        (with_cell(HUGE), r"line 5 \(2015-01-06\): Open must be a number above 0.*Received: inf"),
        (with_cell(HUGE, 5), r"line 5 .*: Volume must be a number of at least 0"),
        (with_cell("1e300"), r"from 1e-20 to 1e\+20"),
        (with_cell("4.9e-324"), r"Open must be a number above 0, from 1e-20 to 1e\+20"),
        (with_cell("True"), "Open must be a number above 0.*Received: 'True'"),
        (with_cell("0x10"), "Received: '0x10'"),
        (with_cell("1_000"), "Received: '1_000'"),
        (with_cell("inf"), "Received: "),
        (with_cell("nan"), "Received: nan"),
        (with_cell("-"), "Received: '-'"),
        (with_cell("9999-12-31", 0), r"line 5 \(no date\): write dates like 2020-01-31.*from 1800 to 2199.*'9999-12-31'"),
        (with_cell("1066-10-14", 0), "'1066-10-14'"),
        (with_cell("99999-01-01", 0), "'99999-01-01'"),
        (with_cell("2015-02-30", 0), "'2015-02-30'"),
        (with_cell(HUGE, 0), r"Received: '9999"),
        (with_cell('"2015', 0), "quotation mark|must be"),
        (lines(["Date,Open,High,Low,Close,Volume"], lambda d, *x: f"{d:%Y-%m-%d},True,True,True,True,1"), "Received: True"),
        (lines(["observation_date,VIXCLS"], lambda d, *x: f"{d:%Y-%m-%d},{x[3]}"), "FRED's; a forecast needs the day's range"),
        (lines(["Date,Open,High,Close,Volume"], lambda d, *x: f"{d:%Y-%m-%d},{x[0]},{x[1]},{x[3]},1"), "Received: no Low"),
        (lines(YFINANCE, lambda d, *x: f"{d:%Y-%m-%d},1,1,1,1,1").replace("AAPL", "MSFT", 1), "one ticker.*Received: MSFT, AAPL"),
        (lines([], lambda d, *x: f"{d:%Y-%m-%d},1,2,3,4,5"), "with a header line"),
        ("Date,Open,High,Low,Close,Volume\n", "no rows"),
        ("\n\n", "an empty file"),
        ("<html><body>Too many requests</body></html>", "first line '<html>"),
        ("Date,Open\0", "NUL"),
    ],
)
def test_what_is_no_table_of_prices_is_a_short_error(tmp_path, text, message):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(PriceDataError, match=message) as error:
        read(tmp_path / "x.csv")
    assert "Received: " in str(error.value) and len(str(error.value)) < 700


@pytest.mark.parametrize("value", [True, 10**400, 10**5000, 5e-324, 1j, "1e5000", object()], ids=range(7))
def test_frames_hold_numbers(value):
    new = FRAME.astype(object)
    new.iloc[3, 0] = value
    with pytest.raises(PriceDataError, match="row 3 .*: Open must be a number above 0.* Received: "):
        check_prices(new)


def test_a_mutated_file_is_read_or_refused(tmp_path):
    """150 files of every layout with bytes taken out, put in and changed; thousands more were tried by hand."""
    random = np.random.default_rng(0)
    texts, alphabet = (
        [text for text, _ in (LAYOUTS | WITHOUT_VOLUME).values()],
        [*"0123456789.,;-/:\"'$KM% \t\nTeE+", "\0", "é", HUGE],
    )
    for number in range(150):
        text = list(texts[number % len(texts)])
        for _ in range(random.integers(1, 6)):
            place = int(random.integers(len(text)))
            kind = random.integers(3)
            text[place : place + int(kind != 1) * int(random.integers(1, 4))] = [alphabet[random.integers(len(alphabet))]] * int(
                kind > 0
            )
        (tmp_path / "x.csv").write_text("".join(text), encoding="utf-8")
        try:
            found, _ = read(tmp_path / "x.csv")
        except PriceDataError:
            continue
        assert np.isfinite(found.to_numpy()).all() and (found.to_numpy()[:, :4] > 0).all()
