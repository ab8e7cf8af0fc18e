"""Baselines that go on learning through the days that are judged: HAR-log fitted anew each week."""

import numpy as np

from seqzoo.data.market import market_rows
from seqzoo.data.price_windows import COLUMNS, next_day_targets
from seqzoo.tasks.stock_forecasting.har import HARLog, har_terms, market_terms
from seqzoo.tasks.stock_forecasting.outputs import QUANTILES

# Their names: (days that a fit sees, all when None; with a market).
REFITTED = {
    "HAR-log with leverage, refitted weekly": (None, False),
    "HAR-log with leverage, refitted weekly on 1,000 days": (1000, False),
    "HAR-log with leverage, market and VIX, refitted weekly": (None, True),
    "HAR-log with leverage, market and VIX, refitted weekly on 1,000 days": (1000, True),
}
# The same for quantiles of returns: days that a fit sees.
REFITTED_QUANTILES = {
    "HAR with leverage, refitted weekly, filtered historical simulation": None,
    "HAR with leverage, refitted weekly on 1,000 days, filtered historical simulation": 1000,
}
HISTORY = 250  # days of historical simulation
RESIDUALS = 1000  # days of filtered historical simulation


def refitted_baselines(series, examples, beside=None, task="stock-volatility"):
    """Forecasts by name: variances `[n]` of `REFITTED`, or quantiles `[n, 5]` of `REFITTED_QUANTILES`.

    Those with a market are among them where `beside` has both the market and the VIX; quantiles where the days before suffice
    for each of them.
    """
    days = examples.ticker, examples.asof
    if task == "stock-quantiles":
        found = {name: refitted_quantiles(series, *days, window) for name, window in REFITTED_QUANTILES.items()}
        return {name: quantiles for name, quantiles in found.items() if np.isfinite(quantiles).all()}
    with_market = beside is not None and len(beside.known) == 2
    return {
        name: refitted_har_variance(series, *days, window=window, beside=beside if market else None)
        for name, (window, market) in REFITTED.items()
        if with_market or not market
    }


def refitted_har_variance(series, ticker, asof, leverage=True, every=5, window=None, beside=None):
    """Expected variances `[n]` of HAR-log fitted anew as time goes on, one ticker at a time.

    A forecast from a day uses a fit to targets known on that day and to nothing after it. This is the baseline that
    networks seldom beat (arXiv 2406.08041).

    Args:
        series: `StockSeries`.
        ticker, asof: `[n]`, names and days to forecast from.
        leverage: whether falls are among the terms; see `har_terms`.
        every: trading days between fits; 5 is weekly.
        window: how many days before a fit it sees; all when None.
        beside: `seqzoo.data.market.Beside` with both parts, whose terms then stand among the ticker's.

    Raises:
        ValueError: when too few days come before the first forecast.
    """
    forecasts = np.empty(len(asof))
    for name in np.unique(ticker):
        frame = series.frames[name]
        rows = frame[list(COLUMNS)].to_numpy()
        terms = har_terms(rows, leverage)
        if beside is not None:
            terms = np.concatenate([terms, market_terms(market_rows(frame.index, beside))], axis=1)
        mine = ticker == name
        forecasts[mine] = _refitted(terms, _targets(rows), _places(frame, asof[mine]), every, window)
    return forecasts


def refitted_quantiles(series, ticker, asof, window=None, every=5):
    """Return quantiles `[n, 5]`: filtered historical simulation on the variances of `refitted_har_variance`, with leverage.

    The days that stand for the past are forecast in the same way, each from what was known then, as far as the history
    reaches. NaN where fewer than `HISTORY` of them come before a day.
    """
    found = np.empty((len(asof), len(QUANTILES)))
    for name in np.unique(ticker):
        frame = series.frames[name]
        rows = frame[list(COLUMNS)].to_numpy()
        terms, mine = har_terms(rows, leverage=True), ticker == name
        places = _places(frame, asof[mine])
        known = int(np.flatnonzero(np.isfinite(terms).all(axis=1))[0])
        first = max(places.min() - RESIDUALS, min(known + HISTORY, places.min()))  # of the fits
        days = np.arange(first, places.max() + 1)
        variance = np.full(len(rows), np.nan)
        variance[days] = _refitted(terms, _targets(rows), days, every, window)
        returns = np.concatenate([[np.nan], np.diff(np.log(rows[:, 3]))])
        found[mine] = filtered_quantiles(returns, variance)[places]
    return found


def filtered_quantiles(returns, variance):
    """Quantiles `[days, 5]` of past standardised returns, scaled to the forecast `variance` of each day's next one
    (Barone-Adesi et al., 1999).
    """
    # The return of a day over what was forecast for it the day before.
    standard = np.concatenate([[np.nan], returns[1:] / np.sqrt(variance[:-1])])
    return trailing_quantiles(standard, RESIDUALS) * np.sqrt(variance)[:, None]


def trailing_quantiles(values, span):
    """Quantiles of the last `span` values up to each day, of the last `HISTORY` where there are not as many
    yet.
    """
    found = np.full((len(values), len(QUANTILES)), np.nan)
    for length in sorted({HISTORY, span}):
        if len(values) >= length:
            windows = np.lib.stride_tricks.sliding_window_view(values, length)
            full = np.flatnonzero(~np.isnan(windows[:, 0]))  # what is missing stands at the beginning
            found[full + length - 1] = np.quantile(windows[full], QUANTILES, axis=1).T
    return found


def _refitted(terms, targets, places, every, window):
    """Expected variances from the rows `places`, each of the last fit at or before it."""
    forecasts, first = np.empty(len(places)), places.min()
    for fitted in np.unique((places - first) // every) * every + first:
        begin = 0 if window is None else max(0, fitted - window)
        model = HARLog().fit(terms[begin:fitted], targets[begin:fitted])
        now = (places >= fitted) & (places < fitted + every)
        forecasts[now] = model.predict(terms[places[now]])
    return forecasts


def _targets(rows):
    """Variances `[days - 1]` of each day's next one, known on that."""
    return next_day_targets(rows, np.arange(len(rows) - 1))[0]


def _places(frame, asof):
    return np.searchsorted(frame.index.to_numpy().astype("datetime64[D]"), asof)
