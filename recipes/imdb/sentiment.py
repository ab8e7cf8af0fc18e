"""Train an RNN or LSTM to tell whether a review praises or damns.

Killed at any moment and started again with the same arguments, it continues where it was and ends with the
same weights. The test split is read only with `--test`, once, at the end.
"""

import sys

import numpy as np

from ..shared.command import check_installed, run
from ..shared.distribution import agreed, ordinary, start
from .arguments import ARCHITECTURE, REPORTING, parse
from .backward_half import BackwardHalf
from .bigram_evidence import CrossFittedBatches, with_bigrams
from .soft_labels import soft_labels
from .teachers import BAG, taught


def train(arguments, reviews, folder, workers):
    """Build and train the classifier; gives it back with the figures of every epoch."""
    from seqzoo.data.vocabulary import Vocabulary
    from seqzoo.tasks.text_classification.figures import figures_of
    from seqzoo.tasks.text_classification.model import TextClassifier
    from seqzoo.training.batches import LengthBatches
    from seqzoo.training.fit import fit

    from .encoders import embed, prepared

    config = {name: getattr(arguments, name) for name in ARCHITECTURE}
    half = None
    if arguments.encoder:
        begun = encoders(arguments)  # outside of the scope, where a model answers once for each worker
        with workers.scope():
            model, half = encoded(arguments, config, *begun)
        if arguments.freeze_embedding:
            model.network.get_layer("embedding").trainable = False
    else:
        vocabulary = Vocabulary.build(reviews.train.texts, arguments.vocabulary_size)
        if arguments.bigrams:
            vocabulary = with_bigrams(vocabulary, reviews.train, arguments)
            config["bigrams"] = len(vocabulary.bigrams)
        with workers.scope():
            model = TextClassifier({"vocabulary_size": len(vocabulary), **config}, vocabulary, arguments.precision)
    parameters = model.count_parameters()  # before any rest
    texts, labels = training_reviews(arguments, reviews, folder)
    sequences = model.vocabulary.encode_list(texts, arguments.max_tokens)
    if half:
        sequences = half.turned(sequences)
    data, options = (sequences, labels, arguments.batch_size, arguments.seed), {"window": arguments.window}
    if arguments.bigrams:
        batches = CrossFittedBatches(model.network.get_layer("bigrams"), reviews.train.labels, *data, **options)
    else:
        batches = LengthBatches(*data, **options)
    if arguments.word_vectors == "train" and not arguments.encoder:
        embed(model, sequences, folder, arguments.vector_norm, arguments.seed)
    with workers.scope():
        trained = prepared(model.network, batches, arguments)
    if workers.chief:
        print(
            f"{model.config['cell'].upper()} with {parameters:,} parameters, {len(sequences):,} training reviews, "
            f"{len(batches)} steps an epoch",
            flush=True,
        )
    plain = ordinary(model, workers)

    def now():
        return half.joined(plain()) if half else plain()

    def validate(_):
        if arguments.bigrams:
            batches.use_all()
        texts, labels = reviews.validation
        figures = figures_of(workers.over_all(now().predict, texts), labels) if texts else {}
        return {f"validation_{name}": figures[name] for name in ("accuracy", "loss") if name in figures}

    history = fit(trained, batches, arguments.epochs, folder, validate, arguments.checkpoint_every, workers=workers)
    if arguments.bigrams:
        batches.finish()
    return now(), history


def training_reviews(arguments, reviews, folder):
    """Texts and labels to train on: those of train, softened if so asked for, and with `--teachers` what these think of
    unlabelled reviews."""
    texts, labels = reviews.train
    if arguments.soft_labels:
        labels = folder.array("soft_labels.npy", lambda: soft_labels(texts, labels, arguments.soft_labels, arguments.seed))
    if not arguments.teachers:
        return texts, labels
    unlabelled, opinions = taught(arguments, reviews, folder)
    return [*texts, *unlabelled], np.concatenate([labels, opinions])


def encoders(arguments):
    """The model of `--encoder`, and that of `--backward-encoder` or None."""
    from .encoders import TASKS, load_encoder

    backward = load_encoder(arguments.backward_encoder, ["text-generation"]) if arguments.backward_encoder else None
    return load_encoder(arguments.encoder, ["text-classification"] if arguments.apart else tuple(TASKS)), backward


def encoded(arguments, config, encoder, backward):
    """The classifier that begins with the encoder, and None; with `--apart` the half of one, and `BackwardHalf`."""
    from seqzoo.tasks.text_classification.encoder import GIVEN, classifier_from

    free = {name: value for name, value in config.items() if name not in GIVEN}
    if arguments.apart:
        half = BackwardHalf(encoder, backward, free, arguments.precision)
        return half.model, half
    return classifier_from(encoder, free, backward, arguments.precision), None


def baseline_figures(reviews, split):
    """Accuracy of the bag of bigrams trained on the same reviews."""
    from .bag_of_bigrams import train_bag_of_bigrams

    baseline = train_bag_of_bigrams(*reviews.train)
    data = getattr(reviews, split)
    accuracy = float((baseline.predict(data.texts) == data.labels).mean())
    return {"name": baseline.name, "accuracy": accuracy, "parameters": baseline.parameters, "split": split}


def main(argv=None):
    arguments = parse(argv)
    own = arguments.word_vectors == "train" or bool(arguments.soft_labels)
    linear = arguments.baseline or own or BAG in (arguments.teachers or "")
    check_installed("matplotlib", *["sklearn"] * linear)
    with start(arguments.distribute) as workers:
        from seqzoo.data.reviews import load_reviews

        folder = workers.run_folder(arguments.output, {k: v for k, v in vars(arguments).items() if k not in REPORTING})
        reviews = load_reviews(arguments.data, arguments.data_dir, arguments.validation)
        agreed(workers, arguments, reviews.fingerprint() if workers.several else {})
        model, history = train(arguments, reviews, folder, workers)
    if workers.chief:
        finish(arguments, reviews, folder, model, history)


def finish(arguments, reviews, folder, model, history):
    """Measure the trained classifier and write its run folder."""
    from seqzoo.tasks.text_classification.figures import measure
    from seqzoo.training.curves import plot_curves
    from seqzoo.zoo.folder import as_stored, save_folder

    from .review_card import GOLDEN_TEXTS, recipe_command, review_card

    model = as_stored(model, "float16")  # what is measured is what is kept
    split = "test" if arguments.test else "validation"
    metrics = {"parameters": model.count_parameters(), "baselines": [], "history": history}
    if getattr(reviews, split).texts:
        metrics[split] = measure(model, *getattr(reviews, split))
        print(f"{split} accuracy {metrics[split]['accuracy']:.4f}, {metrics['parameters']:,} parameters")
        if arguments.baseline:
            metrics["baselines"] = [baseline_figures(reviews, split)]
            for figures in metrics["baselines"]:
                print(f"{split} accuracy {figures['accuracy']:.4f}, {figures['parameters']:,} parameters: {figures['name']}")
    folder.write_json("metrics.json", metrics)
    plot_curves(history, folder.path / "curves.png")
    name = f"{arguments.data}-{model.config['cell']}-{arguments.seed}"
    command = recipe_command({**folder.arguments, "test": arguments.test})
    card = review_card(name, folder.arguments, reviews, metrics, command=command, config=model.config)
    save_folder(model, folder.path / "model", card, GOLDEN_TEXTS, overwrite=True, saved_model=arguments.saved_model)
    print(f"Run: {folder.path}   model: {folder.path / 'model'}   curves: {folder.path / 'curves.png'}")


if __name__ == "__main__":
    sys.exit(run(main, interrupted="Interrupted; the same command goes on from the last checkpoint."))
