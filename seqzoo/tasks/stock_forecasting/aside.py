"""How a forecaster does on series kept aside: other tickers, years after the test part."""

from datetime import date, timedelta

from seqzoo.data.stock_examples import CalendarSplit, make_examples
from seqzoo.data.stocks import load_stocks
from seqzoo.tasks.stock_forecasting.figures import measure_forecaster, rounded


def load_aside(source, ticker, first, last, train_end, data_dir=None, beside=None):
    """A series kept aside, its calendar (baselines are fitted to its own days up to `train_end`) and the examples
    whose target days lie from `first` to `last`. `beside` as for `make_examples`.

    Raises as `seqzoo.data.stocks.load_stocks` and `seqzoo.data.stock_examples.make_examples` do.
    """
    series = load_stocks(source, data_dir, [ticker])
    before = date.fromisoformat(first) - timedelta(days=1)
    split = CalendarSplit(train_end, before.isoformat(), last)
    return series, split, make_examples(series, split, beside)["test"]


def aside_figures(model, aside):
    """The figures of a forecaster on what `load_aside` gives, as a card states them."""
    return rounded(measure_forecaster(model, *aside))
