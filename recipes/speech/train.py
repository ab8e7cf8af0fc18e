"""Train a keyword spotter on spoken digits and a few other words.

`python -m recipes.speech.train --data-dir DIR`

DIR holds fsdd/ (the Free Spoken Digit Dataset) and commands_8k/ (clips of Speech Commands, split by speaker). Where the program
espeak-ng is installed it speaks more digits, and other words, for training only. Killed at any moment and started again with the
same arguments, it continues where it was. The test parts are not read.
"""

import sys

import numpy as np

from seqzoo.quiet import import_tensorflow

from ..shared.command import Parser, positive, run, share, whole

REPORTING = ("data_dir", "output", "checkpoint_every", "voices")


def parse(argv=None):
    from seqzoo.data.spoken_words import SPEAKERS

    parser = Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    add = parser.add_argument_group("data").add_argument
    add("--data-dir", required=True, help="folder with fsdd/ and commands_8k/")
    add("--without", choices=SPEAKERS, help="a speaker of the digits to leave out of training")
    add("--text", help="file of English sentences, one a line (the last column of tables), for espeak-ng to read; default: made up")
    add("--voices", help="file to keep what espeak-ng said, so that it speaks once for many runs; default in the run folder")
    add("--spoken", type=whole(0), default=1500, help="digits that espeak-ng says, and a third as many sentences; 0: none")
    add = parser.add_argument_group("model").add_argument
    add("--cell", choices=["gru", "lstm"], default="gru")
    add("--units", type=whole(1), default=48)
    add("--layers", type=whole(1), default=2)
    add("--dropout", type=share, default=0.1)
    add = parser.add_argument_group("training").add_argument
    add("--epochs", type=whole(1), default=12)
    add("--batches", type=whole(1), default=300, help="an epoch")
    add("--batch-size", type=whole(1), default=64)
    add("--learning-rate", type=positive, default=4e-3, help="peak; a tenth of the steps warm up, then a cosine to zero")
    add("--clip", type=positive, default=1.0)
    add("--seed", type=whole(0), default=0)
    add = parser.add_argument_group("output").add_argument
    add("--output", help="run folder; default runs/speech-CELL-SEED")
    add("--checkpoint-every", type=whole(1), default=100, help="steps")
    arguments = parser.parse_args(argv)
    arguments.output = arguments.output or f"runs/speech-{arguments.cell}-{arguments.seed}"
    return arguments


def loss(target, probabilities):
    """Cross-entropy of each row, weighted: targets `[batch, time, 2]` hold a class and a weight."""
    from keras import ops

    found = ops.sparse_categorical_crossentropy(ops.cast(target[:, :, 0], "int32"), probabilities)
    return ops.sum(found * target[:, :, 1]) / ops.maximum(ops.sum(target[:, :, 1]), 1.0)


def accuracy(model, clips):
    """The share of clips whose likeliest class is their word."""
    places = np.argmax(model.predict([clip.samples for clip in clips]), axis=1)
    return float(np.mean([model.classes[place] == clip.word for place, clip in zip(places, clips, strict=True)]))


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    import keras

    from seqzoo.tasks.keyword_spotting import KeywordSpotter
    from seqzoo.tasks.keyword_spotting.network import after_front
    from seqzoo.training.fit import fit
    from seqzoo.training.run_folder import RunFolder
    from seqzoo.training.schedule import warm_cosine

    from .data import load
    from .features import Features
    from .scenes import SceneBatches

    folder = RunFolder(arguments.output, {k: v for k, v in vars(arguments).items() if k not in REPORTING})
    data = load(arguments, folder)
    config = {name: getattr(arguments, name) for name in ("cell", "units", "layers", "dropout", "seed")}
    model = KeywordSpotter({**config, "classes": list(data.classes)})
    network = after_front(model.network)
    features = Features(model.front)
    batches = SceneBatches(data.sources, data.classes, features, arguments.batches, arguments.batch_size, arguments.seed)
    steps = arguments.epochs * len(batches)
    rate = warm_cosine(arguments.learning_rate, steps, steps // 10)
    network.compile(keras.optimizers.AdamW(rate, weight_decay=1e-3, global_clipnorm=arguments.clip), loss=loss)
    print(f"{model.count_parameters():,} parameters, {len(batches)} steps an epoch", flush=True)

    def validate(_):
        return {f"validation_{name}": accuracy(model, clips) for name, clips in data.validation.items()}

    history = fit(network, batches, arguments.epochs, folder, validate, arguments.checkpoint_every)
    folder.write_json("metrics.json", {"validation": validate(None), "history": history})
    np.savez(folder.path / "weights.npz", **model.tensors())


if __name__ == "__main__":
    sys.exit(run(main, interrupted="Interrupted; the same command goes on from the last checkpoint."))
