"""Measure what forecasts bear: days without a range, and no volumes; and how often the price stays inside a volatility.

Behind the rule of `seqzoo.data.price_ranges` and the words of `seqzoo forecast`.
"""

import sys

import numpy as np

from seqzoo.quiet import import_tensorflow

from ..shared import command

SHARES = (0.05, 0.1, 0.2, 0.5, 1.0)


def parse(argv=None):
    parser = command.Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="stock-volatility-lstm", help="a forecaster of volatility")
    parser.add_argument("--data-dir", help="a CSV file of daily prices, or a folder; the S&P 500 of arch when left out")
    parser.add_argument("--start", default="2018-01-01", help="first day of the moves that are compared with their forecasts")
    parser.add_argument("--every", type=command.whole(1), default=40, help="days between the windows that are changed")
    parser.add_argument("--seed", type=command.whole(0), default=0)
    return parser.parse_args(argv)


def run(arguments):
    from seqzoo.data.price_windows import COLUMNS, WINDOW, windows_of
    from seqzoo.data.stocks import load_stocks
    from seqzoo.zoo import load_pretrained

    frames = load_stocks("files" if arguments.data_dir else "sample", arguments.data_dir, jumps="keep").frames
    model, random = load_pretrained(arguments.model), np.random.default_rng(arguments.seed)
    if model.task != "stock-volatility":
        raise ValueError(f"--model must forecast a volatility. Received: {model.name}, {model.task}")
    rows = [frame[list(COLUMNS)].to_numpy() for frame in frames.values()]
    windows = np.concatenate([windows_of(of, np.arange(WINDOW - 1, len(of), arguments.every)) for of in rows])
    before = volatility(model, windows)
    found = {f"no range on {share:.0%} of the days": still(windows, random.random(windows.shape[:2]) < share) for share in SHARES}
    found["no volumes"] = windows * [1, 1, 1, 1, 0]
    print(f"Volatility of {model.name}, as a share of what it was, over {len(windows):,} years of {len(frames)} series")
    print(f"{'':32}{'1 %':>10}{'10 %':>10}{'median':>10}{'90 %':>10}{'largest':>10}")
    for name, changed in found.items():
        with np.errstate(all="ignore"):
            shares = volatility(model, changed) / before
        told = [*np.quantile(shares, (0.01, 0.1, 0.5, 0.9)), shares.max()]
        print(f"{name:32}" + "".join(f"{value:10.3g}" for value in told))
    kept = [inside(model, frame, arguments.start) for frame in frames.values()]
    kept = [share for share in kept if share is not None]
    if kept:
        told = f"{np.mean(kept):.0%} of the days, {min(kept):.0%} to {max(kept):.0%} by series"
        print(f"From {arguments.start} on the move from the open to the close was inside one standard deviation on {told}")


def still(windows, days):
    """The windows, with Open = High = Low = Close on the days `[n, WINDOW]` that are True."""
    changed = windows.copy()
    for column in range(3):
        changed[:, :, column] = np.where(days, windows[:, :, 3], windows[:, :, column])
    return changed


def volatility(model, windows):
    """Forecasts `[n]`, without the checks that `model.predict` makes."""
    from seqzoo.data.price_windows import window_features

    return np.sqrt(model.predict_features(*window_features(windows))[:, 0])


def inside(model, frame, start):
    """The share of days from `start` on whose move from the open to the close was inside the forecast; None without days."""
    if frame.index[-2] < np.datetime64(start):
        return None
    forecasts = model.forecast(frame, start, jumps="keep").iloc[:-1]
    places = frame.index.get_indexer(forecasts.index) + 1
    moves = np.abs(np.log(frame["Close"] / frame["Open"])).to_numpy()[places]
    return np.mean(moves <= np.sqrt(forecasts["variance"].to_numpy()))


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    run(arguments)


if __name__ == "__main__":
    sys.exit(command.run(main, name="stocks.odd_prices"))
