"""Make one bidirectional model of a classifier that reads forwards and the half of another that reads backwards.

`python -m recipes.imdb.join_halves FORWARD WHOLE --share 0.4 --output RUN`

The log-odds are the weighted mean of both; see `recipes.imdb.backward_half`. FORWARD is a run of one direction, WHOLE one of
`recipes.imdb.sentiment --apart`, over the same word vectors (`--freeze-embedding` keeps a run's those that it began with).
"""

import sys
from pathlib import Path

import numpy as np

from seqzoo.quiet import import_tensorflow

from ..shared.command import Parser, run, share, whole
from .copies import add_without


def parse(argv=None):
    parser = Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("forward", type=Path, help="finished run of recipes.imdb.sentiment or recipes.opinions, one direction")
    parser.add_argument("whole", type=Path, help="finished run of recipes.imdb.sentiment --apart")
    parser.add_argument("--share", type=share, default=0.5, help="how much what reads backwards counts; default a half")
    parser.add_argument("--kept", type=whole(3), help="keep only so many of the words, the most frequent; default all")
    add_without(parser)
    parser.add_argument("--output", type=Path, required=True, help="run folder")
    parser.add_argument("--data-dir", help="where tensorflow-datasets prepared IMDB")
    arguments = parser.parse_args(argv)
    if not arguments.share:
        parser.error("argument --share: must be above 0, or nothing is joined. Received: 0")
    return arguments


def with_words(model, kept):
    """The text classifier with its first `kept` words only, which are the most frequent; the others are unknown to it."""
    from seqzoo.data.vocabulary import Vocabulary
    from seqzoo.tasks.text_classification.model import TextClassifier

    words, tensors = model.vocabulary.words[:kept], model.tensors()
    shorter = TextClassifier({**model.config, "vocabulary_size": len(words)}, Vocabulary(words))
    shorter.load_tensors({**tensors, "embedding/embeddings": tensors["embedding/embeddings"][:kept]})
    return shorter


def make(arguments):
    """Join the halves, measure the result on the validation reviews, if there are any, and write its run folder."""
    import seqzoo
    from seqzoo.data.reviews import load_reviews
    from seqzoo.zoo.folder import as_stored

    from ..publishing.chain import read_arguments
    from .average_weights import keep
    from .backward_half import joined, taken_apart

    made_with = read_arguments(arguments.whole)
    forward, whole = (seqzoo.load_pretrained(path / "model") for path in (arguments.forward, arguments.whole))
    ahead, back = forward.tensors(), whole.tensors()
    if forward.vocabulary != whole.vocabulary or not np.array_equal(*(of["embedding/embeddings"] for of in (ahead, back))):
        raise ValueError(f"Both must have the same words and word vectors. Received: {forward!r}, {whole!r}")
    free = {name: value for name, value in whole.config.items() if name in made_with}
    half = taken_apart(whole, made_with["pooling"])[1]
    model = joined(forward, half, {**free, "pooling": made_with["pooling"]}, arguments.share)
    model = as_stored(with_words(model, arguments.kept) if arguments.kept else model, "float16")
    reviews = load_reviews(made_with["data"], arguments.data_dir, made_with["validation"])
    told = {"joined": f"{arguments.forward},{arguments.whole}", "share": arguments.share}
    told |= {"kept": arguments.kept} if arguments.kept else {}
    keep(model, {**made_with, **told}, reviews, arguments.without, arguments.output)


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    return run(make, arguments)


if __name__ == "__main__":
    sys.exit(run(main))
