"""Train an LSTM that reads English opinions of any length and subject.

`python -m recipes.opinions.train --texts DIR --data-dir DIR`

It begins with a language model, or with nothing but word vectors (`--cell`), and learns, in one mixture, from phrases with
grades, short pros and cons, sentences, reviews, reviews edited to mean the opposite, sentences made by rules, and what a
trained model thinks of reviews without a label (`--teacher`). Killed at any moment and started again with the same
arguments, it continues where it was. No test split is read.
"""

import sys

import numpy as np

from seqzoo.quiet import import_tensorflow

from ..shared.command import Parser, at_least_one, check_installed, not_negative, positive, run, share, whole

REPORTING = ("texts", "data_dir", "output", "checkpoint_every", "kept_opinions")
ENCODER = "imdb-lstm-pretrained"
# How often each source is met in an epoch, and of longer texts how many words at a time.
SHARES = {
    "sentences": 2.0,
    "phrases": 0.8,
    "phrases with a negation": 1.0,
    "neutral phrases": 0.25,
    "pros cons": 0.6,
    "product sentences": 2.0,
    "edited reviews": 0.8,
    "edited sentences": 0.6,
    "reviews": 0.3,
    "unlabelled reviews": 1.0,
    "grammar": 0.6,
    "joined and denied": 0.6,
    "framed": 0.6,
    "framed wide": 0.6,
    "recalled": 0.7,
    "turned": 0.6,
    "nothing": 1.0,
}
WINDOWS = {"reviews": 192, "unlabelled reviews": 192, "edited reviews": 256}
REVIEWS = ("reviews", "unlabelled reviews")
FROM_NOTHING = {"units": 64, "embedding_size": 64, "vocabulary_size": 16000}
FEW = 600  # reviews looked at after every epoch


def parse(argv=None):
    parser = Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    add = parser.add_argument_group("data").add_argument
    add("--texts", required=True, help="folder with sst/, pros_cons.csv, product_sentences.csv, counterfactual_*.csv")
    add("--data-dir", help="where tensorflow-datasets prepared IMDB")
    add("--made", type=whole(0), default=60000, help="sentences of the grammar, and two thirds as many joined or denied ones")
    add("--framed", type=whole(0), default=0, help="sentences of recipes.opinions.frames, each beside its mirror")
    add("--framed-wide", type=whole(0), default=0, help="sentences of more frames, of more subjects and phenomena")
    add("--turned", type=whole(0), default=0, help="texts of recipes.opinions.turns, whose last half decides, far from the first")
    add("--recalled", type=whole(0), default=0, help="texts of recipes.opinions.recall, whose verdict is asked for at the end")
    add("--far", type=whole(1), default=230, help="words before their question, at most; begin with few, go on with many")
    add("--teacher", metavar="NAME", help="learn from IMDB's unlabelled reviews too, as this model judges them")
    add("--taught", type=whole(1), metavar="N", help="of those reviews the first so many; default: all")
    add(
        "--kept-opinions", metavar="FILE", help="a .npy file of the teacher's answers, made where it is missing; for several runs"
    )
    add("--review-words", type=whole(1), default=WINDOWS["reviews"], help="of a longer review another stretch in every epoch")
    add("--share", action="append", default=[], metavar="SOURCE=SHARE", help="another share of a source in an epoch")
    add("--max-tokens", type=whole(1), default=400, help="longer texts keep their last words")
    add = parser.add_argument_group("model").add_argument
    add("--encoder", help=f"a language model, or a classifier of one direction, to begin with; default {ENCODER}")
    add("--cell", choices=["rnn", "lstm"], help="begin with nothing but word vectors of IMDB's reviews, and with this cell")
    add("--units", type=whole(1), help="with --cell; default 64")
    add("--embedding-size", type=whole(1), help="with --cell; default 64")
    add("--vocabulary-size", type=whole(3), help="with --cell; default 16000, of IMDB's train")
    add("--kept", type=whole(3), help="keep so many of its words, the most frequent ones; default: its vocabulary as it is")
    add("--added", type=whole(0), default=2000, help="with --kept, the most frequent other words of the texts")
    add("--pooling", choices=["last", "last_max", "last_max_mean"], default="last_max")
    add("--word-dropout", type=share, default=0.02)
    add("--embedding-dropout", type=share, default=0.2)
    add("--dropout", type=share, default=0.3)
    add = parser.add_argument_group("training").add_argument
    add("--epochs", type=whole(1), default=2)
    add("--words", type=whole(400), default=4096, help="in a batch, padding included")
    add("--learning-rate", type=positive, default=3e-3)
    add("--decay", type=at_least_one, default=2.0, help="a layer learns so many times slower than the one after it")
    add("--weight-decay", type=not_negative, default=0.0)
    add("--clip", type=positive, default=1.0)
    add("--precision", choices=["float32", "mixed_bfloat16"], default="mixed_bfloat16")
    add("--seed", type=whole(0), default=0)
    add = parser.add_argument_group("output").add_argument
    add("--output", default="runs/opinions-0", help="run folder")
    add("--checkpoint-every", type=whole(1), default=100, help="steps")
    arguments = parser.parse_args(argv)
    given = [name for name in FROM_NOTHING if getattr(arguments, name) is not None]
    if arguments.cell and (arguments.encoder or arguments.kept):
        parser.error("--cell begins with nothing, --encoder and --kept with a model. Received: both")
    if given and not arguments.cell:
        parser.error(f"--{given[0].replace('_', '-')} goes with --cell; an encoder has its own. Received: no --cell")
    if arguments.cell:
        vars(arguments).update({name: value for name, value in FROM_NOTHING.items() if name not in given})
    elif arguments.encoder is None:
        arguments.encoder = ENCODER
    return arguments


def shares(given):
    """`SHARES` with those of the command line in their place."""
    found = dict(SHARES)
    for text in given:
        name, _, value = text.partition("=")
        if name not in found or not value.replace(".", "", 1).isdigit():
            raise ValueError(f"--share takes SOURCE=NUMBER, SOURCE one of {', '.join(found)}. Received: {text!r}")
        found[name] = float(value)
    return found


def mixture(model, arguments, data):
    from .mixture import MixtureBatches, Source

    sources, of, windows = [], shares(arguments.share), {**WINDOWS, **dict.fromkeys(REVIEWS, arguments.review_words)}
    for name, (texts, labels) in data.train.items():
        sequences = model.vocabulary.encode_list(texts, None if name in windows else arguments.max_tokens)
        sources.append(Source(name, sequences, labels, of[name], windows.get(name)))
    return MixtureBatches(sources, arguments.words, arguments.seed)


def figures(model, parts, few=None):
    """Accuracy on each validation part, on the first `few` texts of it."""
    from seqzoo.data.known import without_warning
    from seqzoo.tasks.text_classification.figures import answers_of

    found = {}
    for name, (texts, labels) in parts.items():
        with without_warning():  # some texts are one rare word
            probabilities = model.predict(texts[:few])
        found[f"validation_{name}"] = float((answers_of(probabilities) == np.asarray(labels[:few])).mean())
    return found


def keep(folder, model, data, history):
    """Measure a model on the validation parts and save it with its card, in a `RunFolder`."""
    from seqzoo.zoo.folder import as_stored, save_folder

    from .card import GOLDEN, opinions_card

    model = as_stored(model, "float16")  # what is measured is what is kept
    found = figures(model, data.validation)
    folder.write_json("metrics.json", {"validation": found, "history": history})
    print("\n".join(f"{name} {value:.4f}" for name, value in found.items()))
    card = opinions_card(folder.path.name, folder.arguments, model, data)
    save_folder(model, folder.path / "model", card, GOLDEN, overwrite=True, saved_model=False)
    print(f"Run: {folder.path}   model: {folder.path / 'model'}")


def main(argv=None):
    arguments = parse(argv)
    shares(arguments.share)
    check_installed("matplotlib")
    import_tensorflow()
    from seqzoo.training.finetune import prepare
    from seqzoo.training.fit import fit
    from seqzoo.training.run_folder import RunFolder

    from .begin import build
    from .data import load_for
    from .teacher import opinions_of

    folder = RunFolder(arguments.output, {k: v for k, v in vars(arguments).items() if k not in REPORTING})
    data = load_for(vars(arguments), arguments.texts, arguments.data_dir)
    if arguments.teacher:
        data.train["unlabelled reviews"] = opinions_of(arguments, folder)
    model = build(arguments, data, folder)
    batches = mixture(model, arguments, data)
    steps = arguments.epochs * len(batches)
    trained = prepare(model.network, steps, arguments.learning_rate, arguments.clip, arguments.weight_decay, arguments.decay)
    print(f"{model.count_parameters():,} parameters, {len(batches)} steps an epoch", flush=True)
    history = fit(
        trained, batches, arguments.epochs, folder, lambda _: figures(model, data.validation, FEW), arguments.checkpoint_every
    )
    keep(folder, model, data, history)


if __name__ == "__main__":
    sys.exit(run(main, interrupted="Interrupted; the same command goes on from the last checkpoint."))
