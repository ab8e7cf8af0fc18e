"""Pictures of a forecaster's run, without a display: bands over what happened, ratios by ticker,
calibration, COVID.
"""

import textwrap

import numpy as np

from seqzoo.insight.figures import BLUE, ORANGE, new_figure, save_png

GREY = "#777777"
COVID = np.datetime64("2020-02-01"), np.datetime64("2020-05-31")


def write_plots(model, folder, judged, series, examples):
    """Write the pictures into `folder`; gives back `(file name, what it shows)` of each, none without
    matplotlib.
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        return []
    volatility = model.task == "stock-volatility"
    reference = "HAR-log" if volatility else next(iter(judged["baselines"]))
    ticker = str(examples.ticker[0])
    mine = np.flatnonzero(examples.ticker == ticker)
    last = mine[-250:]
    covid = mine[(examples.day[mine] >= COVID[0]) & (examples.day[mine] <= COVID[1])]
    draw = _volatility if volatility else _returns
    pictures = [("forecast.png", f"{ticker}: forecasts over what happened, the last {len(last)} days", draw, last)]
    if len(covid):
        pictures.append(("covid.png", f"{ticker}: the COVID weeks", draw, covid))
    pictures.append(
        (
            "tickers.png",
            f"Loss by ticker as a share of that of {reference}; below 1 is better",
            _ratios,
            reference,
        )
    )
    what = (
        "Realised against forecast volatility, by decile of the forecast"
        if volatility
        else "Share of returns below each quantile"
    )
    pictures.append(("calibration.png", what, _calibration, volatility))
    for name, what, drawing, argument in pictures:
        figure = new_figure(5.6, 3.8)  # letters are still read where a phone shows it
        axes = figure.subplots()
        drawing(axes, judged, examples, argument)
        axes.set_title(textwrap.fill(what, 60), fontsize=10)
        axes.grid(alpha=0.3)
        save_png(figure, folder / name)
    return [(name, what) for name, what, *_ in pictures]


def _percent(variance):
    return 100 * np.sqrt(252 * variance)


def _volatility(axes, judged, examples, rows):
    days = examples.day[rows]
    axes.plot(days, _percent(examples.variance[rows]), ".", color=GREY, markersize=3, label="realised (range)")
    axes.plot(days, _percent(judged["forecasts"]["this model"][rows]), color=BLUE, label="this model")
    axes.plot(days, _percent(judged["forecasts"]["HAR-log"][rows]), "--", color=ORANGE, linewidth=1, label="HAR-log")
    axes.set_ylabel("annualised volatility (%)")
    axes.legend()


def _returns(axes, judged, examples, rows):
    quantiles = 100 * judged["forecasts"]["this model"][rows]
    days = examples.day[rows]
    axes.fill_between(days, quantiles[:, 0], quantiles[:, 4], color=BLUE, alpha=0.2, label="5 to 95 %")
    axes.fill_between(days, quantiles[:, 1], quantiles[:, 3], color=BLUE, alpha=0.35, label="25 to 75 %")
    axes.plot(days, 100 * examples.returns[rows], ".", color="black", markersize=3, label="realised")
    axes.set_ylabel("daily log return (%)")
    axes.legend()


def _ratios(axes, judged, examples, reference):
    base, tickers = judged["by_ticker"][reference], sorted(judged["by_ticker"][reference])
    for name, marker, color in (("this model", "o", BLUE), ("GARCH(1,1)-t", "s", ORANGE)):
        if name in judged["by_ticker"] and name != reference:
            ratios = [judged["by_ticker"][name][ticker] / base[ticker] for ticker in tickers]
            axes.plot(tickers, ratios, marker, color=color, label=name)
    axes.axhline(1, color=GREY)
    axes.tick_params(axis="x", rotation=60)
    axes.legend()


def _calibration(axes, judged, examples, volatility):
    forecast = judged["forecasts"]["this model"]
    if volatility:
        group = np.argsort(np.argsort(forecast)) * 10 // len(forecast)
        x, y = (np.array([_percent(v[group == k].mean()) for k in range(10)]) for v in (forecast, examples.variance))
        axes.set_xlabel("forecast volatility (%)")
        axes.set_ylabel("realised volatility (%)")
    else:
        x = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
        y = (examples.returns[:, None] < forecast).mean(axis=0)
        axes.set_xlabel("quantile")
        axes.set_ylabel("share of returns below")
    axes.plot(x, y, "o-", color=BLUE, label="this model")
    axes.plot(x, x, "--", color=GREY, label="perfect")
    axes.legend()
