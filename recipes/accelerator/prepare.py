"""Write all texts that training on one GPU reads into one file, so that it needs neither TensorFlow nor the data sets.

`python -m recipes.accelerator.prepare --texts DIR --data-dir DIR --output texts.npz`

The labelled reviews are those of IMDB's train split that are not for validation and whose edited twins judge nothing; the
language model reads them and the unlabelled ones. No text of a test split is read.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from seqzoo.quiet import import_tensorflow

from ..shared import command

LONG = {"reviews": 1.0, "edited reviews": 2.0}  # source: share in an epoch


def parse(argv=None):
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("--texts", required=True, help="as for recipes.opinions.train")
    parser.add_argument("--data-dir", help="where tensorflow-datasets prepared IMDB")
    parser.add_argument("--vocabulary-size", type=int, default=30000)
    parser.add_argument("--made", type=int, default=120000, help="sentences of the grammar, and two thirds as many joined ones")
    parser.add_argument("--framed", type=int, default=240000, help="sentences of the frames")
    parser.add_argument("--few", type=int, help="of every kind of texts keep so many only, to try it out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, required=True, help="an .npz; vocabulary.txt is written beside it")
    return parser.parse_args(argv)


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


def write(arguments):
    from seqzoo.files import write_atomically

    vocabulary, kinds = collect(arguments)
    arrays = {}
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
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(arguments.output, **arrays)
    write_atomically(arguments.output.with_name("vocabulary.txt"), "\n".join(vocabulary.words) + "\n")
    print(f"{arguments.output}: {arguments.output.stat().st_size:,} bytes, {len(vocabulary):,} words")


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    return command.run(write, arguments, name="accelerator.prepare")


if __name__ == "__main__":
    sys.exit(command.run(main))
