"""Data sets: reviews in, arrays of word ids out; daily prices in, windows and features out. Knows no model.
"""

import importlib

_HOMES = {
    "CalendarSplit": "stock_examples",
    "DataNotFoundError": "reviews",
    "GraphTokenizer": "text_graph",
    "PriceDataError": "prices",
    "PriceDataWarning": "prices",
    "Reviews": "reviews",
    "Split": "reviews",
    "Vocabulary": "vocabulary",
    "check_prices": "prices",
    "load_reviews": "reviews",
    "load_stocks": "stocks",
    "make_examples": "stock_examples",
    "read_prices": "prices",
    "tokenize": "tokenizer",
}
__all__ = sorted(_HOMES)


def __getattr__(name):  # lazy, so that only the graph form pays for TensorFlow
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__():
    return sorted({*globals(), *__all__})
