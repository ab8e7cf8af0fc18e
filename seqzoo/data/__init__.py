"""Data sets: reviews in, arrays of word ids out; daily prices in, windows and features out. Knows no model."""

from typing import TYPE_CHECKING

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

if TYPE_CHECKING:  # the same names, for editors and type checkers
    from seqzoo.data.prices import PriceDataError as PriceDataError
    from seqzoo.data.prices import PriceDataWarning as PriceDataWarning
    from seqzoo.data.prices import check_prices as check_prices
    from seqzoo.data.prices import read_prices as read_prices
    from seqzoo.data.reviews import DataNotFoundError as DataNotFoundError
    from seqzoo.data.reviews import Reviews as Reviews
    from seqzoo.data.reviews import Split as Split
    from seqzoo.data.reviews import load_reviews as load_reviews
    from seqzoo.data.stock_examples import CalendarSplit as CalendarSplit
    from seqzoo.data.stock_examples import make_examples as make_examples
    from seqzoo.data.stocks import load_stocks as load_stocks
    from seqzoo.data.text_graph import GraphTokenizer as GraphTokenizer
    from seqzoo.data.tokenizer import tokenize as tokenize
    from seqzoo.data.vocabulary import Vocabulary as Vocabulary
else:
    __getattr__, __dir__ = lazy(__name__, _HOMES)
