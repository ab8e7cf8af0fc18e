"""Forecasts of prices as rows for programs and as lines for people."""

import math

# Of 17 series from 2018 on, the move from the open to the close is within it on 71 % of the days (66 to 75 % by
# series), by recipes/stocks/odd_prices.py.
_VOLATILITY = {
    "variance": "squared log return of the hours of trading, decimal",
    "volatility": "% a year of 252 days, of the hours of trading",
    "day": "% of the price, one standard deviation of its move in the hours of trading",
}
_QUANTILE = "log return from this close to the next one, decimal; the price will be below it with probability {:.2f}"
_FOR = "the next trading day after asof: the file's next day; after its last one the next business day, if that is no holiday"


def unit_of(outputs):
    """What every column is, in words, by name."""
    if "variance" in outputs:
        return {**_VOLATILITY, "for": _FOR}
    found = {name: _QUANTILE.format(int(name[1:]) / 100) for name in outputs}
    return {**found, "prices": "the same as prices, in the currency of the file", "for": _FOR}


def rows_of(path, forecasts, frame):
    """Forecasts as dicts that JSON takes.

    Args:
        path: the file's name.
        forecasts: DataFrame as from `Forecaster.forecast`.
        frame: the checked prices that they were made from.
    """
    rows, places = [], frame.index.get_indexer(forecasts.index)
    for place, values in zip(places, forecasts.to_dict("records"), strict=True):
        day, after = frame.index[place], _next_day(frame.index, place)
        close = float(frame["Close"].iloc[place])
        row = {"asof": f"{day:%Y-%m-%d}", **values, "for": f"{after:%Y-%m-%d}", "close": close, "file": path}
        if "variance" in values:
            row["day"] = 100 * math.sqrt(values["variance"])
        else:
            row["prices"] = {name: close * math.exp(value) for name, value in values.items()}
        rows.append(row)
    return rows


def _next_day(days, place):
    """The day after `days[place]`: the file's next; after its last the next business day, or any where Saturdays are traded."""
    day = days[place]
    if place + 1 < len(days):
        return days[place + 1]
    ahead = 1 if day.dayofweek < 4 or (days.dayofweek >= 5).mean() > 0.2 else 7 - day.dayofweek
    return day.fromordinal(day.toordinal() + ahead)


def in_words(answer):
    """The forecasts of `answer`, as `seqzoo forecast --json` gives it, as lines of text."""
    rows, many = answer["forecasts"], len(answer["files"]) > 1
    return "\n".join(_volatility(rows, many) if "variance" in rows[0] else _quantiles(rows, many))


def _volatility(rows, many):
    width = max(len("file"), *(len(row["file"]) for row in rows)) if many else 0
    lines = ["How much the price will move on the next trading day while the market is open (the night before is not in it),"]
    lines += ["as one standard deviation: from the open to the close it moves less on 7 days of 10.", ""]
    lines.append(_line(width, "file", ["last day", "forecast for", "close", "the day, %", "a year, %", "variance"]))
    for row in rows:
        cells = [row["asof"], row["for"], f"{row['close']:.6g}", f"{row['day']:.2f}", f"{row['volatility']:.2f}"]
        lines.append(_line(width, row["file"], [*cells, f"{row['variance']:.6g}"]))
    return [*lines, "", _WHEN]


def _quantiles(rows, many):
    width = max(len("file"), *(len(row["file"]) for row in rows)) if many else 0
    names = list(rows[0]["prices"])
    levels = [f"{int(name[1:])} %" for name in names]
    lines = ["Where the next trading day's close will lie (the night before it is in it): below the price under 5 % in one case"]
    lines += ["of 20, and so on; under it the same as log return from the last close.", ""]
    lines.append(_line(width, "file", ["last day", "forecast for", "close", *levels]))
    for row in rows:
        lines.append(
            _line(width, row["file"], [row["asof"], row["for"], _price(row["close"]), *map(_price, row["prices"].values())])
        )
        lines.append(_line(width, "", ["", "", "log return", *(f"{row[name]:+.4f}" for name in names)]))
    return [*lines, "", _WHEN]


def without_words(task, missing):
    """That a forecast was made without what could stand beside its prices."""
    lines = [f"Made without the {task.beside[name]} (--{name} FILE);" for name in missing]
    return "\n".join([*lines, "the model's card says how right it is with and without."])


_WHEN = "The day after the file's last one is the next business day; should that be a holiday, the forecast is for the day after."


def _price(value):
    return f"{value:,.2f}" if value >= 10 else f"{value:.5g}"


def _line(width, file, cells):
    first, second, *rest = cells
    name = f"{file:<{width}}  " if width else ""
    return (name + f"{first:<10}  {second:<12}" + "".join(f"{cell:>12}" for cell in rest)).rstrip()
