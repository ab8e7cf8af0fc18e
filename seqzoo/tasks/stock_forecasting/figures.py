"""The figures of a forecaster's card, computed from its forecasts; the same for training, publishing and
verifying.
"""

import numpy as np

from seqzoo.data.price_windows import COLUMNS, next_day_targets
from seqzoo.data.stock_examples import SPLITS
from seqzoo.tasks.stock_forecasting.har import HARLog, har_terms
from seqzoo.tasks.stock_forecasting.heads import QUANTILES, TRADING_DAYS
from seqzoo.tasks.stock_forecasting.scores import bootstrap_ratio, coverage, diebold_mariano, pinball, qlike

DIGITS = 5  # of every figure on a card; see `rounded`
COUNTS = ("examples", "tickers", "tickers_better", "crossings")


def har_variance(series, split, ticker, asof, leverage=False, pooled=False):
    """Expected variances `[n]` of HAR-log, fitted to the train part and to nothing after it.

    Args:
        series: `StockSeries`.
        split: `CalendarSplit`.
        ticker, asof: `[n]`, names and days to forecast from.
        leverage: whether falls are among the terms; see `har_terms`.
        pooled: one regression for all tickers instead of one each.
    """
    terms, targets, train = {}, {}, {}
    for name in np.unique(ticker):
        frame = series.frames[name]
        rows = frame[list(COLUMNS)].to_numpy()
        ends = np.arange(len(rows) - 1)
        terms[name] = har_terms(rows, leverage)
        targets[name] = next_day_targets(rows, ends)[0]
        days = frame.index.to_numpy()[1:]
        train[name] = split.of(days, days) == SPLITS.index("train")
    known = {name: (terms[name][:-1][train[name]], targets[name][train[name]]) for name in terms}
    if pooled:
        every = [np.concatenate(column) for column in zip(*known.values(), strict=True)]
        models = dict.fromkeys(terms, HARLog().fit(*every))
    else:
        models = {name: HARLog().fit(*of) for name, of in known.items()}
    forecasts = np.empty(len(asof))
    for name, model in models.items():
        mine = ticker == name
        days = series.frames[name].index.to_numpy().astype("datetime64[D]")
        forecasts[mine] = model.predict(terms[name][np.searchsorted(days, asof[mine])])
    return forecasts


def volatility_figures(forecast, examples, reference):
    """Figures of variance forecasts beside those of `reference`, HAR-log's.

    Returns:
        dict of floats: `qlike`, the mean; `qlike_to_har`, the mean over the tickers of the ratio to the
        reference, with the ends of its 95 % block-bootstrap interval; `tickers_better`; `dm_t`,
        Diebold-Mariano; `rmse` and `mae` of annualised volatility, per cent; `tickers`, `examples`.
    """
    losses, baseline = qlike(examples.variance, forecast), qlike(examples.variance, reference)
    mine = _by_ticker(losses, examples)
    ratio = _by_ticker(losses, examples) / _by_ticker(baseline, examples)
    low, high = bootstrap_ratio(losses, baseline, examples.day)
    error = 100 * np.sqrt(TRADING_DAYS) * (np.sqrt(forecast) - np.sqrt(examples.variance))
    return _numbers(
        {
            "qlike": np.mean(mine),
            "qlike_to_har": np.mean(ratio),
            "qlike_to_har_low": low,
            "qlike_to_har_high": high,
            "tickers_better": np.sum(ratio < 1),
            "dm_t": diebold_mariano(losses, baseline, examples.day),
            "rmse": np.sqrt(np.mean(error**2)),
            "mae": np.mean(np.abs(error)),
            "tickers": len(ratio),
            "examples": len(examples),
        }
    )


def quantile_figures(quantiles, examples):
    """Figures of quantile forecasts `[n, 5]`.

    Returns:
        dict of floats: `pinball`, the mean times 1000; `coverage_90` and `coverage_50` in per cent, pooled,
        and of the tickers with the least and the most of the former; `crossings`; `tickers`, `examples`.
    """
    returns = examples.returns
    inside = ((returns >= quantiles[:, 0]) & (returns <= quantiles[:, 4])).astype(float)
    by_ticker = 100 * _by_ticker(inside, examples)
    return _numbers(
        {
            "pinball": 1000 * np.mean(_by_ticker(pinball(returns, quantiles, QUANTILES), examples)),
            "coverage_90": 100 * inside.mean(),
            "coverage_90_least": by_ticker.min(),
            "coverage_90_most": by_ticker.max(),
            "coverage_50": 100 * coverage(returns, quantiles[:, 1], quantiles[:, 3]),
            "crossings": np.sum(np.diff(quantiles, axis=1) < 0),
            "tickers": len(by_ticker),
            "examples": len(examples),
        }
    )


def measure_forecaster(model, series, split, examples, forecast=None):
    """The figures of a forecaster on some examples: `volatility_figures` or `quantile_figures`.

    With `forecast` `[n, k]`, those of another form of the model, its SavedModel, are judged in place of its own.
    """
    if forecast is None:
        forecast = model.predict_features(examples.sequence, examples.anchor)
    if model.task == "stock-quantiles":
        return quantile_figures(forecast, examples)
    return volatility_figures(forecast[:, 0], examples, har_variance(series, split, examples.ticker, examples.asof))


def _by_ticker(values, examples):
    """Mean of the values of each ticker, sorted by ticker."""
    _, index = np.unique(examples.ticker, return_inverse=True)
    return np.bincount(index, weights=values) / np.bincount(index)


def rounded(figures):
    """The figures as a card states them."""
    return {name: value if name in COUNTS else round(value, DIGITS) for name, value in figures.items()}


def _numbers(figures):
    """Plain Python numbers, as JSON takes them."""
    return {name: int(value) if name in COUNTS else float(value) for name, value in figures.items()}
