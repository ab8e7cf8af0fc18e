"""Forecasters of stock series on a page in a browser: their form, and a series to look at."""

from seqzoo.tasks.browser import BrowserForm, recurrent_layers

# Of the S&P 500 sample: the crisis of 2008 and what led to it.
FIRST, LAST = "2007-01-03", "2009-12-31"
MOST = 1500  # days of a series that travel with a page, the last ones


def browser_form(name, config):
    """`BrowserForm` of a forecaster's config; `name` is its task's.

    Raises:
        ValueError: for a forecaster that reads a market beside the prices.
    """
    if config.get("market"):
        raise ValueError(
            "A page computes forecasters that read prices alone, such as stock-volatility-lstm. "
            "Received: one that reads a market beside them"
        )
    answer = {"kind": name.rpartition("-")[2]}
    if answer["kind"] == "quantiles":
        answer |= {"shape": "shape/raw", "calibration": list(config.get("calibration", (1.0, 1.0)))}
    return BrowserForm(
        {"kind": "prices"}, recurrent_layers(config), ["last", "input"], {"kernel": "head/kernel", "bias": "head/bias"}, answer
    )


def browser_examples(path=None):
    """A list of one series: {"name", "days", "rows": [[open, high, low, close, volume]]}; none without the package arch.

    Args:
        path: CSV file of daily prices, None for the S&P 500 from 2007 to 2009.

    Raises:
        ValueError: for a file with an error in it, or too few days.
    """
    from pathlib import Path

    from seqzoo.data.price_windows import COLUMNS, WINDOW

    if path is None:
        from seqzoo.data.stocks import load_stocks

        try:
            frame, name = load_stocks("sample").frames["SP500"].loc[FIRST:LAST], "S&P 500"
        except ImportError:
            return []
    else:
        from seqzoo.data.prices import read_prices

        frame, name = read_prices(path), Path(path).stem
        if len(frame) < WINDOW:
            raise ValueError(f"A file of prices must hold at least {WINDOW} days. Received: {len(frame)} in {path}")
    frame = frame.iloc[-MOST:]
    rows = [[float(f"{value:.7g}") for value in row] for row in frame[list(COLUMNS)].to_numpy().tolist()]
    return [{"name": name, "days": [f"{day:%Y-%m-%d}" for day in frame.index], "rows": rows}]
