"""What the networks are made of; needs no JAX."""

from typing import NamedTuple


class Form(NamedTuple):
    """What a network is made of, by the names of `TextClassifierConfig`."""

    vocabulary_size: int
    embedding_size: int
    units: int
    cell: str = "lstm"
    bidirectional: bool = False
    pooling: str = "last_max_mean"
    word_dropout: float = 0.02
    embedding_dropout: float = 0.2
    dropout: float = 0.3


TEACHER = Form(30000, 256, 1024, bidirectional=True, embedding_dropout=0.25, dropout=0.4)
SMALL = Form(20000, 144, 512, bidirectional=True)  # the language model that both larger students begin with
STUDENTS = {
    "flagship": SMALL,
    "opinions": SMALL._replace(bidirectional=False, pooling="last_max"),
    "lstm": Form(16000, 64, 64, pooling="last_max", embedding_dropout=0.1, dropout=0.2),
    "rnn": Form(16000, 64, 64, cell="rnn", pooling="max_mean", embedding_dropout=0.1, dropout=0.2),
}
