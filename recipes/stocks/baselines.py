"""The baselines that a forecast of volatility or of return quantiles has to beat.

All but those of `seqzoo.tasks.stock_forecasting.refitted` are fitted to the train part only and then run forward
day by day: every forecast uses prices up to its own day, and parameters from the train part. What measures another variance
than the range's (GARCH: close to close) is scaled by the one factor that suits the train part best, so that it is judged on
its timing.
"""

import warnings
from collections import namedtuple

import numpy as np

from seqzoo.data.price_windows import COLUMNS, SMALLEST_VARIANCE, parkinson_variance
from seqzoo.data.stock_examples import SPLITS
from seqzoo.progress import ProgressLine
from seqzoo.tasks.stock_forecasting.figures import har_variance
from seqzoo.tasks.stock_forecasting.heads import QUANTILES
from seqzoo.tasks.stock_forecasting.refitted import HISTORY, filtered_quantiles, refitted_baselines, trailing_quantiles

_History = namedtuple("_History", "days variance returns train")  # of one ticker; `train` is a mask over its days


def variance_baselines(series, split, examples, garch=True, beside=None):
    """Variance forecasts by name, each float64 `[len(examples)]`; `beside` as for `make_examples`."""
    days = examples.ticker, examples.asof
    found = {
        "yesterday's value": _each(series, split, examples, lambda h: h.variance),
        "EWMA 0.94": _each(series, split, examples, ewma),
        "HAR-log": har_variance(series, split, *days),
        "HAR-log with leverage": har_variance(series, split, *days, leverage=True),
        "pooled HAR with leverage": har_variance(series, split, *days, leverage=True, pooled=True),
    }
    found |= refitted_baselines(series, examples, beside)
    if garch:
        for name, o in (("GARCH(1,1)-t", 0), ("GJR-GARCH(1,1,1)-t", 1)):
            found[name] = _each(series, split, examples, lambda h, o=o: _scaled(_garch(h, o)[1], h), name)
    return found


def quantile_baselines(series, split, examples, garch=True):
    """Return quantiles by name, each float64 `[len(examples), 5]`."""
    every = {ticker: _history(series.frames[ticker], split) for ticker in np.unique(examples.ticker)}
    found = {"historical simulation": _each(series, split, examples, historical_quantiles)}
    filtered = {}
    with ProgressLine(interval=5) as progress:
        for ticker, history in every.items():
            variance = har_variance(series, split, np.full(len(history.days), ticker), history.days)
            filtered[ticker] = filtered_quantiles(history.returns, variance)
            text = f"filtered historical simulation, {len(filtered)} of {len(every)} tickers"
            progress.update(len(filtered), len(every), text)
    found["HAR, filtered historical simulation"] = _gather(filtered, every, examples)
    found |= refitted_baselines(series, examples, task="stock-quantiles")
    if garch:
        found["GARCH(1,1)-t"] = _each(series, split, examples, lambda h: _garch(h, 0)[0], "GARCH(1,1)-t")
    return found


def ewma(history, decay=0.94):
    """Exponentially weighted mean of the past variances (RiskMetrics, 1996)."""
    mean = np.empty(len(history.variance))
    level = history.variance[0]
    for day, value in enumerate(history.variance):
        mean[day] = level = decay * level + (1 - decay) * value
    return mean


def historical_quantiles(history):
    """Quantiles `[days, 5]` of the last `HISTORY` returns."""
    return trailing_quantiles(history.returns, HISTORY)


def _garch(history, o):
    """Quantiles `[days, 5]` and variances `[days]` of the next day, from GARCH (GJR with o=1) and Student's
    t by `arch`.
    """
    from arch import arch_model

    last = int(np.flatnonzero(history.train)[-1]) + 1
    model = arch_model(100 * history.returns[1:], mean="Constant", vol="GARCH", p=1, o=o, q=1, dist="t")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = model.fit(last_obs=last - 1, disp="off", show_warning=False)
    forecast = fitted.forecast(horizon=1, start=0, reindex=False)
    variance = np.concatenate([[np.nan], forecast.variance.to_numpy()[:, 0] / 1e4])
    standard = model.distribution.ppf(QUANTILES, fitted.params[["nu"]])
    return fitted.params["mu"] / 100 + np.sqrt(variance)[:, None] * standard, variance


def _scaled(forecast, history):
    """The forecast times the factor with the least QLIKE on the train part: the mean of variance over
    forecast.
    """
    known = history.train[1:] & np.isfinite(forecast[:-1])
    return forecast * np.mean(history.variance[1:][known] / forecast[:-1][known])


def _history(frame, split):
    rows = frame[list(COLUMNS)].to_numpy()
    days = frame.index.to_numpy().astype("datetime64[D]")
    variance = parkinson_variance(rows[:, 1], rows[:, 2])
    floor = 1e-3 * variance[:HISTORY].mean() + SMALLEST_VARIANCE  # for days on which nothing was traded
    returns = np.concatenate([[np.nan], np.diff(np.log(rows[:, 3]))])
    return _History(days, np.maximum(variance, floor), returns, split.of(days, days) == SPLITS.index("train"))


def _each(series, split, examples, forecast, slow=None):
    """Run `forecast` over each ticker's days and pick the examples' ones. `slow`: its name, to show how far it is."""
    every = {ticker: _history(series.frames[ticker], split) for ticker in np.unique(examples.ticker)}
    found = {}
    with ProgressLine(interval=5) as progress:
        for ticker, history in every.items():
            found[ticker] = forecast(history)
            if slow:
                progress.update(len(found), len(every), f"{slow} fitted to {len(found)} of {len(every)} tickers")
    return _gather(found, every, examples)


def _gather(forecasts, histories, examples):
    shape = (len(examples), *next(iter(forecasts.values())).shape[1:])
    found = np.empty(shape)
    for ticker, values in forecasts.items():
        mine = examples.ticker == ticker
        found[mine] = values[np.searchsorted(histories[ticker].days, examples.asof[mine])]
    return found
