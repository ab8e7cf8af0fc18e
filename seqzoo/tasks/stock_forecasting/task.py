"""What the other rooms may ask of forecasters of stock series."""

from seqzoo.tasks.parts import PhoneColumns, Prepared, Quantity, Reading
from seqzoo.tasks.stock_forecasting import readme
from seqzoo.tasks.task import Task

CALIBRATION_WINDOWS = 100  # of a CSV of prices


class StockTask(Task):
    """See `seqzoo.tasks.task.Task`; what both questions about prices share.

    Args:
        name: the task's.
        head: name of the model class in `seqzoo.tasks.stock_forecasting.heads`.
        quantity: what a running forecast is called.
        shown: function from forecasts `[n, outputs]` to the numbers that `quantity` names.
        browser_models: see `Task`.
    """

    command = "forecast"
    reads = "prices"
    card_form = Task.card_form | {
        "baselines": [{"name": str, "split": str, "figures": {"*": float}, "t?": float, "t_walk_forward?": float}],
        "market?": {"market?": str, "vix?": str, "fingerprint": str},
        "aside?": [{"source": str, "ticker": str, "first": str, "last": str, "figures": {"*": float}}],
    }
    section = "prices"
    beside = {
        "market": "daily High, Low, Close of the S&P 500",
        "vix": "closes of the VIX",
    }
    streams = False  # each window is normalised by itself: no state goes on to the next

    def __init__(self, name, head, quantity, shown, browser_models=()):
        self.browser_models = browser_models
        self.name, self._head, self._quantity, self._shown = name, head, quantity, shown

    def model_class(self):
        from seqzoo.tasks.stock_forecasting import heads

        return getattr(heads, self._head)

    def weight_shapes(self, config):
        from seqzoo.tasks.stock_forecasting.network import ForecasterConfig, weight_shapes

        head = self.model_class()
        yield from weight_shapes(ForecasterConfig.from_dict(config), len(head.head_bias))
        if hasattr(head, "shape"):
            yield "shape/raw", (len(head.shape),)

    def quick(self, config, content, tensors):
        from seqzoo.tasks.stock_forecasting.quick import QuickForecaster

        return QuickForecaster(self.name, config, tensors)

    def headline(self, card):
        return readme.headline(card)

    def use(self, card):
        return readme.use(card)

    def figures(self, card, table):
        return readme.figures(card, table)

    def phone_columns(self, card):
        names = list(next(iter(card["phone"].values()))["figures"])
        titles = [readme.NAMES[name] for name in names]
        return PhoneColumns("a forecast", titles, lambda of: [of["figures"][name] for name in names], "Figures of the test part")

    def data_kind(self, card):
        return "prices"

    def check_figures(self, checks, subject):
        from seqzoo.tasks.stock_forecasting.verify import check_figures

        check_figures(checks, subject)

    def serving_module(self, model):
        from seqzoo.tasks.stock_forecasting.serving import PricesToForecast

        return PricesToForecast(model)

    def serving_signature(self, model):
        beside = f": {', '.join(model.columns)}, 0 where nothing is known of the market" if model.takes_market else ""
        return f"prices (float64 [n, 250, {len(model.columns)}]{beside})", f"{', '.join(model.outputs)} (float64 [n])"

    def ask_served(self, signature, inputs, model):
        from seqzoo.tasks.stock_forecasting.serving import ask_forecasts

        return ask_forecasts(signature, inputs, model)

    def tflite_source(self, model):
        from seqzoo.tasks.source import Source

        name, shape = getattr(model, "name", model.task), tuple(model.network.input.shape[1:])
        return Source(model.network, name, [("sequence", "float32", shape)], ["raw"], self, model)

    def sample_inputs(self, source, random):
        from seqzoo.tasks.stock_forecasting.phone import sample_windows

        return sample_windows(random, source.model.takes_market)

    def samples_of(self, source, calibration):
        from seqzoo.tasks.preprocess import unwrapped
        from seqzoo.tasks.stock_forecasting.phone import features_of_window
        from seqzoo.tasks.stock_forecasting.preprocess import checked_windows

        wide, found = source.model.takes_market, []
        for sample in map(unwrapped, calibration):
            if isinstance(sample, dict):
                found.append(sample)
            else:
                found += [features_of_window(window)[0] for window in checked_windows(sample, wide)]
        return found

    def describe(self, source, time_steps, path, folder):
        from seqzoo.tasks.stock_forecasting.phone import describe_prices

        return {"prices": describe_prices(source.model)}

    def is_described_by(self, sidecar):
        return super().is_described_by(sidecar) and sidecar["prices"].get("task") == self.name

    def sidecar_form(self):
        from seqzoo.tasks.stock_forecasting.sidecar_form import section_of

        return section_of(self.name)

    def preprocessor(self, sidecar, files):
        from seqzoo.tasks.stock_forecasting.preprocess import PricePreprocessor

        return PricePreprocessor(sidecar)

    def prepare(self, model, inputs):
        import numpy as np

        from seqzoo.data.market_windows import features_of
        from seqzoo.data.price_windows import windows_of
        from seqzoo.tasks.stock_forecasting.report import check_frame, price_days

        frame = check_frame(inputs)
        features, _ = features_of(windows_of(frame[list(model.columns)].to_numpy(), np.array([len(frame) - 1])))
        return Prepared(model.network, features.astype(np.float32), [tuple(price_days(frame))], loss=model.loss)

    def check_given(self, given):
        from seqzoo.tasks.stock_forecasting.report import check_frame

        return check_frame(given)

    def read(self, model, given):
        from seqzoo.tasks.stock_forecasting.report import price_days, running_forecast

        days = price_days(given)
        answers = self._shown(running_forecast(model, given, len(days)))
        prices = "closing price", given["Close"].to_numpy()[-len(days) :]
        return Reading(given, days, answers, self._quantity, [True] * len(days), beside=prices)

    def introduce(self, given):
        about = f"{len(given):,} daily prices from {given.index[0]:%Y-%m-%d} to {given.index[-1]:%Y-%m-%d}"
        return "a price series", about, None

    def takes_beside(self, card):
        return bool(card["architecture"].get("market"))

    def missing(self, card, asked):
        return [name for name in self.beside if self.takes_beside(card) and name not in asked.known]

    def read_argument(self, text, beside=None):
        from seqzoo.data.market import read_beside
        from seqzoo.data.prices import read_table
        from seqzoo.tasks.stock_forecasting.report import check_frame

        return check_frame(read_table(text), source=text, beside=read_beside(**beside or {}))

    def browser_form(self, config):
        from seqzoo.tasks.stock_forecasting.browser import browser_form

        return browser_form(self.name, config)

    def browser_examples(self, path=None):
        from seqzoo.tasks.stock_forecasting.browser import browser_examples

        return browser_examples(path)

    def forecast_reader(self, start=None, jumps="error", beside=None):
        from seqzoo.data.market import read_beside
        from seqzoo.data.prices import read_table
        from seqzoo.tasks.stock_forecasting.asked import date_of, prices_to_read

        start, given = None if start is None else date_of(start), read_beside(**beside or {})
        return lambda path: prices_to_read(read_table(path), start, jumps, path, beside=given)

    def forecasts(self, model, asked):
        from seqzoo.tasks.stock_forecasting.asked import forecasts_of

        return forecasts_of(model, asked)

    def read_calibration(self, path):
        """Windows spread evenly over a CSV file of daily prices."""
        import numpy as np

        from seqzoo.data.price_windows import COLUMNS, WINDOW, windows_of
        from seqzoo.data.prices import read_prices

        rows = read_prices(path)[list(COLUMNS)].to_numpy()
        if len(rows) < WINDOW:
            raise ValueError(f"`--calibration` must hold at least {WINDOW} days. Received: {len(rows)} in {path}")
        return list(windows_of(rows, np.linspace(WINDOW - 1, len(rows) - 1, CALIBRATION_WINDOWS).astype(int)))


VOLATILITY = StockTask(
    "stock-volatility",
    "VolatilityForecaster",
    Quantity("expected volatility, % a year", "day", 1, probability=False, positive=True),
    lambda forecasts: forecasts[:, 1],  # of variance and volatility
    ("stock-volatility-lstm", "stock-volatility-rnn"),
)
QUANTILES = StockTask(
    "stock-quantiles",
    "QuantileForecaster",
    Quantity("from the lowest to the highest quantile of tomorrow's return, %", "day", 2, probability=False, positive=True),
    lambda forecasts: 100 * (forecasts[:, -1] - forecasts[:, 0]),
)
