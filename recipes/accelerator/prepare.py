"""Write all texts that training on one GPU reads into one file, so that it needs neither TensorFlow nor the data sets.

`python -m recipes.accelerator.prepare --texts DIR --data-dir DIR --output texts.npz`

With `--teachers` it holds what those models think of the unlabelled reviews, with `--begin` the model that the student begins
with, whose words the vocabulary begins with. The labelled reviews are those of IMDB's train split that are not for validation
and whose edited twins judge nothing; the language model reads them and the unlabelled ones. No text of a test split is read.
"""

import argparse
import io
import json
import sys
from pathlib import Path

import numpy as np

from seqzoo.quiet import import_tensorflow

from ..imdb.arguments import weights_of
from ..imdb.teachers import BAG, find_teacher, key_of_text, mean_opinion
from ..shared import command
from .commands import command_with

ASKED = 400  # texts whose answers a model that is begun with is known by elsewhere
LONG = {"reviews": 1.0, "edited reviews": 2.0}  # source: share in an epoch


def parse(argv=None):
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("--texts", required=True, help="as for recipes.opinions.train")
    parser.add_argument("--data-dir", help="where tensorflow-datasets prepared IMDB")
    parser.add_argument("--vocabulary-size", type=int, default=30000)
    parser.add_argument("--begin", metavar="MODEL", help="text classifier that the student begins with, by its folder")
    parser.add_argument("--kept", type=int, default=15000, help="its most frequent words that the student keeps")
    parser.add_argument("--teachers", help="text classifiers in two classes, by their names or folders, or bag-of-bigrams")
    parser.add_argument("--teacher-weights", metavar="W,W,...", help="how much each of them counts; default: alike")
    parser.add_argument("--made", type=int, default=120000, help="sentences of the grammar, and two thirds as many joined ones")
    parser.add_argument("--framed", type=int, default=240000, help="sentences of the frames")
    parser.add_argument("--few", type=int, help="of every kind of texts keep so many only, to try it out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, required=True, help="an .npz; vocabulary.txt is written beside it")
    arguments = parser.parse_args(argv)
    names = arguments.teachers.split(",") if arguments.teachers else []
    if files := [name for name in names if name.endswith(".npz")]:
        parser.error(f"--teachers are models, runs or {BAG}, which judge any text. Received: {', '.join(files)}")
    try:
        weights_of(arguments.teachers, arguments.teacher_weights)
    except ValueError as error:
        parser.error(str(error))
    return arguments


def collect(arguments):
    """(vocabulary, {name: (texts, labels, shares)})."""
    from seqzoo.data.reviews import load_unlabelled
    from seqzoo.data.vocabulary import Vocabulary

    from ..imdb.copies import key_of
    from ..opinions.data import load
    from ..opinions.train import SHARES

    data = load(arguments.texts, arguments.data_dir, arguments.made, arguments.seed, arguments.framed)
    few = arguments.few
    unlabelled = load_unlabelled("imdb", arguments.data_dir, 0.0).train  # train and unsupervised reviews
    # What judges is not read even without its label; copies differ in marks, so a review is known by its first words.
    taken = {key_of(text) for texts, _ in (data.train["reviews"], *data.validation.values()) for text in texts}
    other = [text for text in unlabelled if key_of(text) not in taken]
    found = {"unlabelled": (other[:few], np.full(len(other[:few]), 0.5), np.ones(len(other[:few])))}
    long, short = [], []
    for name, (texts, labels) in data.train.items():
        share = LONG.get(name, SHARES[name])
        (long if name in LONG else short).extend(zip(texts[:few], labels[:few], [share] * len(texts[:few]), strict=True))
    for name, rows in (("long", long), ("short", short)):
        texts, labels, shares = zip(*rows, strict=True)
        found[name] = (list(texts), np.array(labels), np.array(shares))
    for name, (texts, labels) in data.validation.items():
        found[f"validation.{name}"] = (list(texts), np.asarray(labels), np.ones(len(texts)))
    read = [text for name in ("unlabelled", "long", "short") for text in found[name][0]]
    return Vocabulary.build(read, arguments.vocabulary_size), found


def beginning(arguments, vocabulary, texts):
    """The vocabulary, beginning with the words of the model of `--begin`, and that model as arrays, with what it answers to the
    first of `texts`, which shows whether it computes the same elsewhere."""
    import seqzoo
    from seqzoo.data.vocabulary import Vocabulary

    from ..imdb.join_halves import with_words
    from .forms import form_of, names

    model = seqzoo.load_pretrained(arguments.begin)
    if sorted(model.tensors()) != sorted(names(form_of(model.config))):
        raise ValueError(f"--begin takes a text classifier in two classes with one recurrent layer. Received: {model!r}")
    model = with_words(model, arguments.kept)
    first, form = model.vocabulary.words, form_of(model.config)
    known = set(first)
    others = [word for word in vocabulary.words if word not in known][: len(vocabulary) - len(first)]
    arrays = {f"begin.{name}": value.astype(np.float16) for name, value in model.tensors().items()}
    arrays["begin.answers"] = np.asarray(model.predict(texts[:ASKED]), np.float32)
    arrays["begin.words"] = np.array(model.config["max_tokens"])
    return Vocabulary([*first, *others]), arrays | {"begin.form": np.array(json.dumps(form._asdict()))}


def add_opinions(arguments, kinds):
    """Puts what `--teachers` think of the unlabelled reviews in the place of their labels; gives it of the validation reviews.

    It takes long, so that it is kept beside the output.
    """
    from seqzoo.files import write_atomically

    texts, others = kinds["unlabelled"][0], kinds["validation.reviews"][0]
    kept = arguments.output.with_suffix(".opinions.npz")
    asked = f"{arguments.teachers} {arguments.teacher_weights or ''}".strip()
    if not kept.exists():
        models = [None if name == BAG else find_teacher(name) for name in arguments.teachers.split(",")]
        weights = weights_of(arguments.teachers, arguments.teacher_weights)
        found = mean_opinion(models, _labelled(kinds) if None in models else None, [*texts, *others], weights)
        file = io.BytesIO()
        np.savez(file, opinions=found, asked=np.array(asked))
        write_atomically(kept, file.getvalue())
    with np.load(kept) as file:
        opinions, before = file["opinions"], str(file["asked"])
    if before != asked:
        raise ValueError(f"{kept} holds what others thought, {before}: remove it, or take another --output. Received: {asked}")
    if len(opinions) != len(texts) + len(others):
        raise ValueError(f"{kept} must hold one opinion a review. Received: {len(opinions):,} of {len(texts) + len(others):,}")
    kinds["unlabelled"] = (texts, opinions[: len(texts)], kinds["unlabelled"][2])
    return opinions[len(texts) :]


def _labelled(kinds):
    texts, labels, _ = kinds["long"]
    return texts, (labels > 0.5).astype(int)


def write(arguments):
    from seqzoo.files import write_atomically

    if BAG in (arguments.teachers or ""):
        command.check_installed("sklearn")
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    vocabulary, kinds = collect(arguments)
    arrays = {}
    if arguments.begin:
        vocabulary, arrays = beginning(arguments, vocabulary, kinds["validation.reviews"][0])
    if arguments.teachers:
        arrays["validation.reviews.opinions"] = add_opinions(arguments, kinds)
    for name, (texts, labels, shares) in kinds.items():
        encoded = vocabulary.encode_list(texts, None)
        sequences = [np.asarray(of, np.uint16) if len(of) else np.ones(1, np.uint16) for of in encoded]
        arrays |= {
            f"{name}.ids": np.concatenate(sequences),
            f"{name}.lengths": np.array([len(of) for of in sequences], np.int32),
            f"{name}.labels": np.asarray(labels, np.float16),
            f"{name}.shares": np.asarray(shares, np.float16),
        }
        print(f"{name}: {len(texts):,} texts, {len(arrays[f'{name}.ids']):,} words", flush=True)
    arrays["unlabelled.keys"] = np.array([key_of_text(text) for text in kinds["unlabelled"][0]], np.uint64)
    made = {"prepared": command_with("prepare", vars(arguments)), "encoder": arguments.begin}
    made |= {"teachers": arguments.teachers, "teacher_weights": arguments.teacher_weights}
    np.savez_compressed(arguments.output, made=np.array(json.dumps(made)), **arrays)
    write_atomically(arguments.output.with_name("vocabulary.txt"), "\n".join(vocabulary.words) + "\n")
    print(f"{arguments.output}: {arguments.output.stat().st_size:,} bytes, {len(vocabulary):,} words")


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    return command.run(write, arguments, name="accelerator.prepare")


if __name__ == "__main__":
    sys.exit(command.run(main))
