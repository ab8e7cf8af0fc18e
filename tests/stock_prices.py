"""Random daily prices for the stock tests: volatility that comes in waves, so that there is something to
forecast.
"""

import numpy as np
import pandas as pd

COLUMNS = ["Open", "High", "Low", "Close", "Volume"]


def rows(days=320, seed=0, waves=True):
    """Open, High, Low, Close, Volume float64 `[days, 5]`; with `waves=False` every day is drawn alike."""
    random = np.random.default_rng(seed)
    log_volatility = np.zeros(days)
    for day in range(1, days):
        log_volatility[day] = 0.95 * log_volatility[day - 1] + 0.25 * random.normal()
    volatility = 0.01 * np.exp(log_volatility if waves else np.zeros(days))
    steps = random.normal(size=(days, 40)) * volatility[:, None] / np.sqrt(40)
    night = random.normal(size=days) * 0.3 * volatility
    paths = np.cumsum(steps, axis=1)
    begin = np.concatenate([[0.0], np.cumsum(paths[:, -1] + night)[:-1]]) + night
    paths = np.concatenate([np.zeros((days, 1)), paths], axis=1) + begin[:, None]
    prices = 50 * np.exp(np.stack([paths[:, 0], paths.max(axis=1), paths.min(axis=1), paths[:, -1]], axis=1))
    return np.concatenate([prices, random.integers(10**5, 10**6, (days, 1))], axis=1).astype(float)


def frame(days=320, seed=0, waves=True, start="2015-01-01"):
    index = pd.bdate_range(start, periods=days, name="Date")
    return pd.DataFrame(rows(days, seed, waves), index=index, columns=COLUMNS)
