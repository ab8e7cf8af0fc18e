"""Teach a language model to sort your own texts.

`python -m recipes.texts.finetune --train my.csv --labels label --text text`

Any CSV file with a column of texts and one of labels will do, two classes or more. Beside the accuracy, with its
confidence interval, stands that of a bag of bigrams trained on the same rows. Killed and started again with the same
arguments, it goes on where it was.
"""

import sys
from pathlib import Path

from seqzoo.quiet import import_tensorflow

from ..shared.command import Parser, at_least_one, check_installed, not_negative, positive, run, share, whole

REPORTING = ("output", "checkpoint_every", "baseline", "saved_model", "name")


def parse(argv=None):
    parser = Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    add = parser.add_argument_group("data").add_argument
    add("--train", required=True, help="CSV file with a header")
    add("--test", help="another one, to measure on; without it a share of the first is kept for that")
    add("--test-share", type=share, default=0.2, help="that share, chosen by the hash of each text")
    add("--text", default="text", help="name of the column of texts")
    add("--labels", default="label", help="name of the column of labels")
    add("--encoding", default="utf-8", help="of the files")
    add("--max-tokens", type=whole(1), default=400, help="longer texts keep their last words")
    add = parser.add_argument_group("model").add_argument
    add("--encoder", default="imdb-lm", help="a language model or text classifier to begin with: a name or a model folder")
    add("--pooling", choices=["last", "max", "mean", "max_mean", "last_max_mean"], default="last_max_mean")
    add("--word-dropout", type=share, default=0.05, help="share of words replaced by the unknown word")
    add("--embedding-dropout", type=share, default=0.2, help="share of embedding channels dropped for a whole text")
    add("--dropout", type=share, default=0.4, help="before the last layer")
    add = parser.add_argument_group("training").add_argument
    add("--epochs", type=whole(1), default=4)
    add("--batch-size", type=whole(1), default=16)
    add("--learning-rate", type=positive, default=2e-3, help="peak, of the last layer; a tenth warms up, then a cosine")
    add("--decay", type=at_least_one, default=2.6, help="a layer learns so many times slower than the one after it")
    add("--thaw", type=share, default=0.2, help="share of an epoch for which a layer rests longer than the one after it")
    add("--adversarial", type=not_negative, default=0.0, help="train on misleading embeddings too; moves by so many word lengths")
    add("--weight-decay", type=not_negative, default=0.0)
    add("--clip", type=positive, default=1.0, help="greatest norm of the whole gradient")
    add("--precision", choices=["float32", "mixed_bfloat16"], default="float32")
    add("--seed", type=whole(0), default=0)
    add = parser.add_argument_group("output").add_argument
    add("--name", help="of the model; default the file's")
    add("--output", help="run folder; default runs/NAME-SEED")
    add("--checkpoint-every", type=whole(1), default=200, help="steps")
    add("--no-baseline", dest="baseline", action="store_false", help="skip the bag-of-bigrams baseline")
    add("--no-saved-model", dest="saved_model", action="store_false", help="keep weights only in the run folder's model/")
    arguments = parser.parse_args(argv)
    arguments.name = arguments.name or Path(arguments.train).stem
    arguments.output = arguments.output or f"runs/{arguments.name}-{arguments.seed}"
    return arguments


def read(arguments):
    """`(train, test)` splits, the classes, and notes on what was left out."""
    import numpy as np

    from seqzoo.data.labelled_csv import read_labelled
    from seqzoo.data.reviews import Split, split_validation

    columns = {"text": arguments.text, "label": arguments.labels, "encoding": arguments.encoding}
    found = read_labelled(arguments.train, **columns)
    notes = _notes(arguments.train, found)
    whole_file = Split(found.texts, found.labels)
    if arguments.test:
        other = read_labelled(arguments.test, **columns, classes=found.classes)
        notes += _notes(arguments.test, other)
        train, test = whole_file, Split(other.texts, other.labels)
    else:
        train, test = split_validation(whole_file, arguments.test_share)
    for name, split in (("train", train), ("test", test)):
        if len(set(split.labels.tolist())) < (len(found.classes) if name == "train" else 1):
            raise ValueError(
                f"The {name} part must hold texts{' of every class' * (name == 'train')}: another --test-share, or a file "
                f"for --test. Received: {len(split.texts)} texts, {len(np.unique(split.labels))} of {len(found.classes)} classes"
            )
    return train, test, found.classes, notes


def _notes(path, found):
    """A line for each reason for which rows were left out."""
    return [
        f"{path}: {len(rows)} rows left out, {why}: {', '.join(map(str, rows[:10]))}{' ...' * (len(rows) > 10)}"
        for why, rows in found.left_out.items()
    ]


def train_classifier(arguments, train, classes, folder):
    """The fine-tuned classifier and the figures of every epoch."""
    from seqzoo.tasks.text_classification.encoder import classifier_from
    from seqzoo.training.batches import LengthBatches
    from seqzoo.training.fit import fit

    from ..imdb.encoders import load_encoder, prepared

    names = ("max_tokens", "pooling", "word_dropout", "embedding_dropout", "dropout", "seed")
    config = {name: getattr(arguments, name) for name in names} | {"classes": list(classes)}
    model = classifier_from(load_encoder(arguments.encoder), config, dtype=arguments.precision)
    sequences = model.vocabulary.encode_list(train.texts, arguments.max_tokens)
    unknown = sum((row == 1).sum() for row in sequences) / max(1, sum(map(len, sequences)))
    batches = LengthBatches(sequences, train.labels, min(arguments.batch_size, len(sequences)), arguments.seed)
    trained = prepared(model.network, batches, arguments)
    print(
        f"{len(sequences):,} training texts in {len(classes)} classes, {100 * unknown:.1f} % of their words unknown to "
        f"{arguments.encoder}; {len(batches)} steps an epoch",
        flush=True,
    )
    return model, fit(trained, batches, arguments.epochs, folder, None, arguments.checkpoint_every)


def report(model, train, test, baseline):
    """Figures on the test part, and the lines that tell them."""
    import numpy as np

    from seqzoo.tasks.text_classification.figures import answers_of, figures_of

    from ..shared.intervals import paired_difference, wilson

    probabilities, count = model.predict(test.texts), len(test.texts)
    figures, hits = figures_of(probabilities, test.labels), answers_of(probabilities) == test.labels
    most = np.bincount(train.labels).argmax()
    shown = {"this model": hits, f"always {model.classes[most]}": test.labels == most}
    baselines = []
    if baseline:
        from ..imdb.bag_of_bigrams import train_bag_of_bigrams

        linear = train_bag_of_bigrams(*train)
        shown[linear.name] = linear.predict(test.texts) == test.labels
        baselines = [{"name": linear.name, "accuracy": float(shown[linear.name].mean()), "parameters": linear.parameters}]
    baselines.append({"name": f"always {model.classes[most]}", "accuracy": float((test.labels == most).mean()), "parameters": 0})
    between = {name: wilson(int(right.sum()), count) for name, right in shown.items()}
    lines = [
        f"{100 * shown[name].mean():6.2f} %  ({100 * low:.2f} to {100 * high:.2f})  {name}"
        for name, (low, high) in between.items()
    ]
    if baseline:
        mean, low, high = paired_difference(hits, shown[linear.name])
        lines.append(f"difference to the bag of bigrams: {100 * mean:+.2f} points ({100 * low:+.2f} to {100 * high:+.2f})")
    interval = dict(zip(("accuracy_low", "accuracy_high"), between["this model"], strict=True))
    return figures | interval, [b | {"split": "test"} for b in baselines], lines


def text_card(arguments, folder, train, test, figures, baselines, cell):
    """The card of a model of somebody's own texts, for `seqzoo.zoo.folder.save_folder`."""
    from ..imdb.review_card import recipe_command

    used = arguments.train + (f" and {arguments.test}" if arguments.test else "")
    return {
        "name": arguments.name,
        "summary": f"Texts like those of {Path(arguments.train).name}, sorted by an {cell.upper()} that began as "
        f"{arguments.encoder}",
        "weights_dtype": "float16",
        "metrics": {"test": figures},
        "baselines": baselines,
        "search": [],
        "seed": arguments.seed,
        "data": {
            "name": Path(arguments.train).name,
            "version": "as of training",
            "rule": "test: a file of its own"
            if arguments.test
            else f"test: {arguments.test_share:g} of the rows, by the hash of their texts",
            "splits": {
                name: {"examples": len(part.texts), "fingerprint": part.fingerprint()}
                for name, part in (("train", train), ("test", test))
            },
            "citation": used,
            "terms": "Those of the texts' owner.",
        },
        "command": recipe_command(folder.arguments, "texts.finetune"),
        "limits": [f"Of a longer text only the last {arguments.max_tokens} words are read."],
    }


def main(argv=None):
    arguments = parse(argv)
    check_installed("matplotlib", *["sklearn"] * arguments.baseline)
    train, test, classes, notes = read(arguments)
    print(*notes, sep="\n", end="\n" * bool(notes))
    import_tensorflow()
    from seqzoo.training.curves import plot_curves
    from seqzoo.training.run_folder import RunFolder
    from seqzoo.zoo.folder import as_stored, save_folder

    from ..imdb.review_card import GOLDEN_TEXTS

    asked = {k: v for k, v in vars(arguments).items() if k not in REPORTING}
    folder = RunFolder(arguments.output, asked)
    model, history = train_classifier(arguments, train, classes, folder)
    model = as_stored(model, "float16")  # what is measured is what is kept
    figures, baselines, lines = report(model, train, test, arguments.baseline)
    print(f"accuracy on {len(test.texts):,} texts that were not trained on, with 95 % intervals:", *lines, sep="\n  ")
    folder.write_json("metrics.json", {"test": figures, "baselines": baselines, "history": history})
    plot_curves(history, folder.path / "curves.png")
    card = text_card(arguments, folder, train, test, figures, baselines, model.config["cell"])
    save_folder(model, folder.path / "model", card, GOLDEN_TEXTS, overwrite=True, saved_model=arguments.saved_model)
    print(f'model: {folder.path / "model"}   use: seqzoo predict {folder.path / "model"} "a text"')


if __name__ == "__main__":
    sys.exit(run(main, interrupted="Interrupted; the same command goes on from the last checkpoint."))
