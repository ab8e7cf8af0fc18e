"""Data sets: reviews in, arrays of word ids out; daily prices in, windows and features out. Knows no model."""

from seqzoo.lazy import lazy

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
__getattr__, __dir__ = lazy(__name__, _HOMES)
