"""A table of prices as somebody wrote it: which columns it holds, and what messages call its rows."""

from seqzoo.data.price_names import QUIET, is_ticker, plain, roles_of
from seqzoo.data.price_windows import COLUMNS


class PriceDataError(ValueError):
    """Prices that cannot be what they are said to be; the text names the place and what to do."""


class PriceDataWarning(UserWarning):
    """Prices that are odd but can be real, or had to be read in a way that could be wrong."""


def import_pandas():
    try:
        import pandas
    except ImportError as error:
        raise ImportError(f"Prices are kept in pandas: pip install 'seqzoo[stocks]'. Received: {error}") from error
    return pandas


def shown(value, how=repr, width=60):
    """A value as messages show it: never longer than `width`."""
    try:
        text = how(value.item() if hasattr(value, "dtype") else value)  # inf, not np.float64(inf)
    except Exception:  # a whole number of thousands of digits
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= width else f"{text[: width - 3]}..."


class Places:
    """How messages say where: `GSPC.csv, line 12 (2001-03-04)`.

    Args:
        source: what the table is called.
        dates: the day of every row, None where it is not known.
        lines: number of each row's line in a file; None for the rows of a frame.
    """

    def __init__(self, source, dates, lines=None):
        self.source, self.dates, self.lines = source, dates, lines

    def __call__(self, row):
        number = f"row {row}" if self.lines is None else f"line {self.lines[row]}"
        day = self.dates[row]
        return f"{self.source}, {number} ({'no date' if day is None else f'{day:%Y-%m-%d}'})"


def columns_of(frame, source):
    """The columns of a frame by what they are.

    Returns:
        dict from "open", ..., "volume" and "date" (where no column is one: the index) to pandas Series, and what had to be
        assumed, a list of str.

    Raises:
        PriceDataError: for columns that are missing or stand twice, or several tickers.
    """
    frame = _one_ticker(frame, source)
    names = [str(column) for column in frame.columns]
    roles = roles_of(names)
    twice = sorted(role for role, place in roles.items() if isinstance(place, list))
    missing = [name for name in COLUMNS if name.lower() not in roles]
    if twice or missing:
        what = f"{' and '.join(twice)} twice" if twice else f"no {', '.join(missing)}"
        hint = "; where nothing is known of volumes, write 0" if missing == ["Volume"] else ""
        raise PriceDataError(
            f"{source} must have the columns {', '.join(COLUMNS)} once each, in any order and case{hint}. "
            f"Received: {what}, among {shown(', '.join(names), str, 200)}"
        )
    assumed = []
    for role, place in roles.items():
        name = plain(names[place])
        if name != role and name not in QUIET:
            assumed.append(f"{shown(names[place].strip(), str, 30)} is {role.title()}")
    adjusted = [name.strip() for name in names if plain(name).startswith("adj") and "close" in plain(name)]
    if adjusted and "date" in roles and plain(names[roles["date"]]) == "timestamp":  # Yahoo's files are known for theirs
        assumed.append(f"Close is taken as it is, {adjusted[0]} is left aside")
    found = {role: frame.iloc[:, place] for role, place in roles.items()}
    found.setdefault("date", frame.index.to_series())
    return found, assumed


def _one_ticker(frame, source):
    tickers = []
    if frame.columns.nlevels > 1:  # yfinance: (Price, Ticker) or (Ticker, Price)
        levels = [list(dict.fromkeys(frame.columns.get_level_values(k))) for k in range(frame.columns.nlevels)]
        prices = max(range(len(levels)), key=lambda k: len(roles_of(levels[k])))
        tickers = next((level for k, level in enumerate(levels) if k != prices), [])
        tickers = [ticker for ticker in tickers if ticker != ""]  # that of Date, after reset_index()
        frame = frame.set_axis(frame.columns.get_level_values(prices), axis=1)
    else:
        for place, column in enumerate(frame.columns):
            if is_ticker(column):
                tickers = list(dict.fromkeys(frame.iloc[:, place]))
    refuse_tickers(tickers, source)
    return frame


def refuse_tickers(tickers, source):
    """Raises PriceDataError for more than one ticker."""
    if len(tickers) > 1:
        raise PriceDataError(
            f"{source} must hold one ticker; select one, such as frame[frame['Ticker'] == {shown(tickers[0])}]. "
            f"Received: {', '.join(shown(ticker, str) for ticker in tickers[:5])}"
        )
