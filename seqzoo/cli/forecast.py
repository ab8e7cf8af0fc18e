"""`seqzoo forecast`."""

from seqzoo.cli.shared import add_model, check_command, load, print_json

NAME = "forecast"
HELP = "Forecast the next trading day from a CSV file of daily prices."


def add_arguments(command):
    add_model(command)
    command.add_argument("prices", metavar="CSV", help="Date, Open, High, Low, Close, Volume of one ticker, daily")
    command.add_argument("--start", metavar="DATE", help="forecast from every day on from DATE; else from the last")
    command.add_argument("--keep-jumps", action="store_true", help="take nights that look like splits as real")


def run(arguments):
    from seqzoo.data.prices import read_prices

    check_command(arguments.model, NAME)
    jumps = "keep" if arguments.keep_jumps else "error"
    prices = read_prices(arguments.prices, jumps)  # before TensorFlow: a bad file is answered at once
    model = load(arguments.model)
    found = model.forecast(prices, arguments.start, jumps)
    rows = [{"asof": f"{day:%Y-%m-%d}", **row} for day, row in zip(found.index, found.to_dict("records"), strict=True)]
    if arguments.json:
        return print_json({"model": model.name, "forecasts": rows})
    print("  ".join(["asof      ", *(f"{column:>12}" for column in found.columns)]))
    for row in rows:
        print("  ".join([row["asof"], *(f"{row[column]:12.6g}" for column in found.columns)]))
    return 0
