"""What the card of a stock model says: data, figures, baselines, the command that made it."""

import numpy as np

from seqzoo.data.market_windows import widened
from seqzoo.data.price_windows import COLUMNS, WINDOW
from seqzoo.data.stock_examples import SPLITS

from ..shared.command import command_of

SUMMARIES = {
    "market": "Tomorrow's volatility of any stock from its daily prices and, where they are given, the S&P 500's and the VIX: "
    "one {cell} with {units} units for all tickers, begun at a HAR model",
    "volatility": "Tomorrow's volatility of any stock from its daily prices: one {cell} with {units} units for all tickers",
    "quantiles": "Quantiles of tomorrow's return of any stock from its daily prices: one {cell} with "
    "{units} units for all tickers",
}
LIMITS = {
    "volatility": [
        "It forecasts Parkinson's variance, of the hours in which the market is open; the move over the "
        "night is not part "
        "of it, so variance from close to close is higher.",
    ],
    "quantiles": [
        "Its median says next to nothing about direction: nobody's does. The width of the distribution is what it knows.",
    ],
}
MARKET_LIMITS = [
    "Without the S&P 500, the VIX or both it answers too; the figures have a row for each. No other market and no other index "
    "of volatility was tried.",
]
COMMON_LIMITS = [
    "Trained on large US companies that still existed in 2021; measured on these tickers on later days, and on two US indices.",
    f"Needs {WINDOW} daily rows of unbroken history, adjusted for splits.",
]


def golden_windows(count=3, wide=False):
    """Our own random prices, whose forecasts lie beside every stock model, so that a wrong load shows at
    once. With `wide` a market and a VIX stand beside the first, a VIX beside the second, nothing beside the others.
    """
    random = np.random.default_rng(2024)
    close = 100 * np.exp(np.cumsum(random.normal(0, 1, (count, WINDOW)) * [[0.005], [0.015], [0.04]][:count], axis=1))
    opened = close * np.exp(random.normal(0, 0.004, close.shape))
    high = np.maximum(opened, close) * np.exp(np.abs(random.normal(0, 0.008, close.shape)))
    low = np.minimum(opened, close) * np.exp(-np.abs(random.normal(0, 0.008, close.shape)))
    volume = random.integers(10**5, 10**6, close.shape)
    windows = np.round(np.stack([opened, high, low, close, volume], axis=2), 3)
    if wide:
        windows, prices = widened(windows), len(COLUMNS)
        windows[0, :, prices : prices + 3] = windows[-1, ::-1, 1:4]
        windows[:2, :, -1] = np.round(12 + 20 * random.random((1, WINDOW)), 2)
    return windows


def stock_card(name, arguments, series, split, parts, metrics, baselines, search=(), beside=None):
    """The card of a trained forecaster, for `seqzoo.zoo.folder.save_folder`.

    Args:
        name: the model's name. arguments: dict, the recipe's arguments that decided the result. series,
        split, parts: `StockSeries`, `CalendarSplit` and the `Examples` that it was trained and measured on.
        metrics: dict with `test` and/or `validation` figures, perhaps `seeds` and `mean_of_seeds`.
        baselines: list of dicts with `name`, `split` and `figures`. search: list of dicts, what was tried
        on validation data before. beside: `seqzoo.data.market.Beside`, what the model saw beside the prices.
    """
    task, wide = arguments["task"], beside is not None
    tickers = sorted(series.frames)
    fitted = " Weights are fitted to train and validation, after all was chosen on validation." if arguments.get("fit") else ""
    units = arguments["units"] * (arguments.get("members") or 1)
    market = {key: arguments[key] for key in ("market", "vix") if arguments.get(key)} if wide else {}
    return {
        "name": name,
        "summary": SUMMARIES["market" if wide else task].format(cell=arguments["cell"].upper(), units=units),
        "weights_dtype": "float32",
        "metrics": metrics,
        "baselines": baselines,
        "search": list(search),
        "seed": arguments["seed"],
        "data": {
            "name": series.name,
            "version": f"{len(tickers)} tickers, {parts['train'].asof.min()} to {parts['test'].day.max()}",
            "rule": f"By the day that is forecast: train to {split.train_end}, validation to "
            f"{split.validation_end}, test "
            f"{'to ' + split.test_end if split.test_end else 'after it'}. Tickers: {', '.join(tickers)}.{fitted}",
            "tickers": tickers,
            "calendar": {
                "train_end": split.train_end,
                "validation_end": split.validation_end,
                "test_end": split.test_end,
            },
            "splits": {
                part: {"examples": len(parts[part]), "fingerprint": series.fingerprint(*split.bounds(part))} for part in SPLITS
            },
            "citation": series.citation,
            "terms": series.terms,
        },
        "command": recipe_command(arguments),
        "limits": [*LIMITS[task], *members_limit(arguments), *(MARKET_LIMITS if wide else []), *COMMON_LIMITS],
        **({"market": market | {"fingerprint": beside.fingerprint(None, split.test_end)}} if wide else {}),
    }


def members_limit(arguments):
    """What a card says of a network that was made of several."""
    if not (members := arguments.get("members")):
        return []
    return [
        f"Its units are those of {members} networks trained apart, side by side; the forecast is the geometric mean of theirs."
    ]


def recipe_command(arguments):
    """The command line that gives these arguments to `recipes.stocks.forecast`."""
    words = [command_of("stocks.forecast")]
    for key, value in arguments.items():
        if value is None or (key == "data" and value == "sample"):
            continue
        value = " ".join(map(str, value)) if isinstance(value, list) else value
        words.append("--data-dir DIR" if key == "data" and value == "files" else f"--{key.replace('_', '-')} {value}")
    return " ".join(words)
