"""The README's table of models: what each is, how good, how big on a phone, and when to take it."""

from seqzoo.zoo.readme import headline

# A new model needs its line here: when a reader should take it rather than another. Cards state facts, this is advice.
TAKE_THIS_WHEN = {
    "digits-gru": "words are to be heard as they are said, on the smallest hardware",
    "digits-lstm": "you compare an LSTM with a GRU",
    "imdb-bilstm": "accuracy counts, and so does time",
    "imdb-lm": "you fine-tune on texts of your own, or want text drawn word by word",
    "imdb-lstm": "size and time count: a phone, a microcontroller",
    "imdb-lstm-pretrained": "accuracy counts most: its figure is the best here",
    "imdb-rnn": "you compare an RNN with an LSTM, or want the quickest",
    "sentiment-lstm": "the texts are short, or of other subjects than films, or turn and negate",
    "stock-quantiles-lstm": "you need a range of tomorrow's return, not one number",
    "stock-volatility-lstm": "you need tomorrow's volatility",
    "stock-volatility-market-lstm": "the S&P 500 and the VIX are at hand too",
    "stock-volatility-rnn": "you compare an RNN with an LSTM, or every kilobyte counts",
}
HEADS = ("model", "what it is", "test figure", "on a phone", "take this when")


def short_rows(rows, cards):
    """A tuple of strings, with a column for each of `HEADS`, for each of `models_table.rows()` and its card.

    What a model is, is its card's summary up to the first comma. The last column is empty for a model that
    `TAKE_THIS_WHEN` does not know.
    """
    for row, card in zip(rows, cards, strict=True):
        name, size = row["name"], row["phone_bytes"]
        yield (
            f"[`{name}`](saved_models/{name}/README.md)",
            card["summary"].partition(",")[0],
            headline(card),
            "" if size is None else f"{size / 1e6:.2f} MB" if size >= 1e5 else f"{size / 1e3:.0f} kB",
            TAKE_THIS_WHEN.get(name, ""),
        )
