"""Train a keyword spotter: on spoken digits and a few other words, or on words of your own.

`python -m recipes.speech.train --data-dir DIR` or `python -m recipes.speech.train --data DIR --words stop go`

With `--data-dir`, DIR holds fsdd/ (the Free Spoken Digit Dataset) and commands_8k/ (three words of Speech Commands, split by
speaker). With `--data`, a folder of .wav files for each word, as Speech Commands has it. Where the program espeak-ng is installed
it speaks more of the words, and others, for training only (with `--programs` flite and festival, too). Killed at any moment and
started again with the same arguments, it continues where it was. The test parts are read only by `recipes.speech.publish`, and
with `--test`.
"""

import sys

from seqzoo.quiet import import_tensorflow

from ..shared.command import run
from .arguments import parse

REPORTING = ("data_dir", "output", "checkpoint_every", "voices", "test")


def loss(target, probabilities):
    """Cross-entropy of the rows, by their weights: targets float `[batch, time, 2]` hold a class and a weight."""
    from keras import ops

    found = ops.sparse_categorical_crossentropy(ops.cast(target[:, :, 0], "int32"), probabilities)
    return ops.sum(found * target[:, :, 1]) / ops.maximum(ops.sum(target[:, :, 1]), 1.0)


def accuracies(model, parts):
    """The share of clips that are answered rightly, by part."""
    from seqzoo.tasks.keyword_spotting.figures import measure

    return {name: measure(model, clips)["accuracy"] for name, clips in parts.items() if name.startswith("validation")}


def train(arguments, folder, data):
    """Train; gives the model and the figures of every epoch."""
    import keras

    from seqzoo.tasks.keyword_spotting import KeywordSpotter
    from seqzoo.tasks.keyword_spotting.network import after_front
    from seqzoo.training.fit import fit
    from seqzoo.training.schedule import warm_cosine

    from .features import Features
    from .scenes import SceneBatches

    config = {name: getattr(arguments, name) for name in ("cell", "units", "layers", "dropout", "seed", "lead")}
    model = KeywordSpotter({**config, "classes": list(data.classes)})
    network = after_front(model.network)
    sizes = arguments.batches, arguments.batch_size, arguments.seed
    batches = SceneBatches(data.sources, data.classes, Features(model.front), *sizes, data.noises, arguments.varied)
    steps = arguments.epochs * len(batches)
    rate = warm_cosine(arguments.learning_rate, steps, steps // 10)
    network.compile(keras.optimizers.AdamW(rate, weight_decay=1e-3, global_clipnorm=arguments.clip), loss=loss)
    print(f"{model.count_parameters():,} parameters, {len(batches)} steps an epoch", flush=True)

    def validate(_):
        return accuracies(model, data.parts)

    return model, fit(network, batches, arguments.epochs, folder, validate, arguments.checkpoint_every)


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    from seqzoo.tasks.keyword_spotting.figures import measure
    from seqzoo.training.run_folder import RunFolder
    from seqzoo.zoo.folder import save_folder

    from .card import golden_waves, speech_card
    from .data import load

    folder = RunFolder(arguments.output, decisive(arguments))
    data = load(arguments, folder)
    model, history = train(arguments, folder, data)
    measured = [name for name in data.parts if name.startswith("validation") or arguments.test]
    metrics = {name: measure(model, data.parts[name]) for name in measured}
    folder.write_json("metrics.json", {**metrics, "history": history})
    card = speech_card(folder.path.name, folder.arguments, metrics, data.parts)
    save_folder(model, folder.path / "model", card, golden_waves(data.parts), overwrite=True, saved_model=False)
    print("\n".join(f"{name}: {of['accuracy']:.4f}" for name, of in metrics.items()))
    print(f"Run: {folder.path}   model: {folder.path / 'model'}")


def decisive(arguments):
    """The arguments that decide a run's weights, as its folder keeps them: a dict."""
    given = {key: value for key, value in vars(arguments).items() if key not in REPORTING}
    return {key: value for key, value in given.items() if value is not None or key not in ("data", "words")}


if __name__ == "__main__":
    sys.exit(run(main, interrupted="Interrupted; the same command goes on from the last checkpoint."))
