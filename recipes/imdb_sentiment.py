"""Train an RNN or LSTM to tell whether a review praises or damns: `python -m recipes.imdb_sentiment --help`.

Killed at any moment and started again with the same arguments, it continues where it was and ends with the
same weights. The test split is read only with `--test`, once, at the end.
"""

import io
import sys

from recipes.command import Parser, at_least_one, check_installed, not_negative, positive, run, share, whole
from seqzoo.quiet import import_tensorflow

# Arguments that say where things lie and what is reported: a run may be continued with other values.
REPORTING = ("data_dir", "output", "checkpoint_every", "baseline", "saved_model", "test")

ARCHITECTURE = (
    "max_tokens",
    "embedding_size",
    "cell",
    "units",
    "layers",
    "bidirectional",
    "pooling",
    "word_dropout",
    "embedding_dropout",
    "dropout",
    "seed",
)


def parse(argv=None):
    parser = Parser(prog="python -m recipes.imdb_sentiment", description=__doc__.splitlines()[0])
    add = parser.add_argument_group("data").add_argument
    add("--data", choices=["imdb", "sample"], default="imdb", help="real IMDB reviews, or generated ones")
    add("--data-dir", help="where tensorflow-datasets prepared IMDB (else TFDS_DATA_DIR, else download)")
    add("--validation", type=share, default=0.1, help="share of train kept for validation; 0 = all is trained on")
    add("--vocabulary-size", type=whole(3), default=16000)
    add("--max-tokens", type=whole(1), default=400, help="longer reviews keep their last words")
    add = parser.add_argument_group("model").add_argument
    add("--cell", choices=["rnn", "lstm"], default="lstm")
    add("--bidirectional", action="store_true")
    add("--units", type=whole(1), default=64)
    add("--layers", type=whole(1), default=1)
    add("--embedding-size", type=whole(1), default=64)
    add("--pooling", choices=["last", "max", "mean", "max_mean", "last_max_mean"], default="max_mean")
    add("--word-dropout", type=share, default=0.1, help="share of words replaced by the unknown word")
    add("--embedding-dropout", type=share, default=0.3, help="share of embedding channels dropped for a whole review")
    add("--dropout", type=share, default=0.5, help="before the last layer")
    add = parser.add_argument_group("training").add_argument
    add("--window", type=whole(1), help="train on random stretches of so many words; default: whole reviews")
    add(
        "--word-vectors",
        choices=["train", "none"],
        default="train",
        help="begin with vectors from the training texts' own word company, or at random",
    )
    add("--vector-norm", type=positive, default=4.0, help="length of those vectors")
    add("--epochs", type=whole(1), default=6)
    add("--batch-size", type=whole(1), default=32)
    add("--learning-rate", type=positive, default=2e-3, help="peak; a tenth of the steps warm up, then a cosine to zero")
    add("--weight-decay", type=not_negative, default=0.0)
    add("--adversarial", type=not_negative, default=0.0, help="train on misleading embeddings too; moves by so many word lengths")
    add("--precision", choices=["float32", "mixed_bfloat16"], default="float32")
    add("--clip", type=positive, default=1.0, help="greatest norm of the whole gradient")
    add("--seed", type=whole(0), default=0)
    add = parser.add_argument_group("fine-tuning").add_argument
    add("--encoder", help="a language model of the zoo or a model folder to begin with; it decides vocabulary, sizes and cell")
    add("--backward-encoder", help="the model folder of one that reads backwards, for a bidirectional classifier")
    add("--decay", type=at_least_one, default=1.0, help="a layer learns so many times slower than the one after it")
    add("--thaw", type=share, default=0.0, help="share of an epoch for which a layer rests longer than the one after it")
    add = parser.add_argument_group("output").add_argument
    add("--test", action="store_true", help="score the test split at the end (for the final card only)")
    add("--output", help="run folder; default runs/DATA-CELL-SEED")
    add("--checkpoint-every", type=whole(1), default=200, help="steps")
    add("--no-baseline", dest="baseline", action="store_false", help="skip the bag-of-bigrams baseline")
    add("--no-saved-model", dest="saved_model", action="store_false", help="keep weights only in the run folder's model/")
    arguments = parser.parse_args(argv)
    if arguments.output is None:
        arguments.output = f"runs/{arguments.data}-{arguments.cell}-{arguments.seed}"
    return arguments


def train(arguments, reviews, folder):
    """Build and train the classifier; gives it back with the figures of every epoch."""
    from seqzoo.data.vocabulary import Vocabulary
    from seqzoo.models.text_classifier import TextClassifier
    from seqzoo.training.batches import LengthBatches
    from seqzoo.training.finetune import prepare
    from seqzoo.training.fit import fit
    from seqzoo.zoo.verify import measure

    config = {name: getattr(arguments, name) for name in ARCHITECTURE}
    if arguments.encoder:
        model = encoded(arguments, config)
    else:
        vocabulary = Vocabulary.build(reviews.train.texts, arguments.vocabulary_size)
        model = TextClassifier({"vocabulary_size": len(vocabulary), **config}, vocabulary, arguments.precision)
    sequences = model.vocabulary.encode_list(reviews.train.texts, arguments.max_tokens)
    batches = LengthBatches(
        sequences, reviews.train.labels, arguments.batch_size, arguments.seed, window=arguments.window
    )
    if arguments.word_vectors == "train" and not arguments.encoder:
        embed(model, sequences, arguments, folder)
    trained = prepare(
        model.network,
        arguments.epochs * len(batches),
        arguments.learning_rate,
        arguments.clip,
        arguments.weight_decay,
        arguments.decay,
        int(arguments.thaw * len(batches)),
        arguments.adversarial,
    )
    print(
        f"{model.config['cell'].upper()} with {model.count_parameters():,} parameters, {len(sequences):,} training reviews, "
        f"{len(batches)} steps an epoch"
    )

    def validate(_):
        figures = measure(model, *reviews.validation) if reviews.validation.texts else {}
        return {f"validation_{name}": figures[name] for name in ("accuracy", "loss") if name in figures}

    return model, fit(trained, batches, arguments.epochs, folder, validate, arguments.checkpoint_every)


def encoded(arguments, config):
    """The classifier that begins with the language model of `--encoder`."""
    from recipes.encoders import load_encoder
    from seqzoo.models.encoder import GIVEN, classifier_from

    backward = load_encoder(arguments.backward_encoder) if arguments.backward_encoder else None
    free = {name: value for name, value in config.items() if name not in GIVEN}
    return classifier_from(load_encoder(arguments.encoder), free, backward, arguments.precision)


def embed(model, sequences, arguments, folder):
    """Begin with word vectors made from the training texts; kept in the run folder for when it is started again."""
    import numpy as np

    from seqzoo.data.word_vectors import word_vectors
    from seqzoo.files import write_atomically

    path = folder.path / "word_vectors.npy"
    if not path.exists():
        vectors = word_vectors(
            sequences, len(model.vocabulary), arguments.embedding_size, norm=arguments.vector_norm, seed=arguments.seed
        )
        buffer = io.BytesIO()
        np.save(buffer, vectors)
        write_atomically(path, buffer.getvalue())
    model.network.get_layer("embedding").set_weights([np.load(path, allow_pickle=False)])


def baseline_figures(reviews, split):
    """Accuracy of the bag of bigrams trained on the same reviews."""
    from recipes.bag_of_bigrams import train_bag_of_bigrams

    baseline = train_bag_of_bigrams(*reviews.train)
    data = getattr(reviews, split)
    accuracy = float((baseline.predict(data.texts) == data.labels).mean())
    return {"name": baseline.name, "accuracy": accuracy, "parameters": baseline.parameters, "split": split}


def main(argv=None):
    arguments = parse(argv)
    check_installed("matplotlib", *["sklearn"] * (arguments.baseline or arguments.word_vectors == "train"))
    import_tensorflow()
    from recipes.review_card import GOLDEN_TEXTS, recipe_command, review_card
    from seqzoo.data.reviews import load_reviews
    from seqzoo.training.curves import plot_curves
    from seqzoo.training.run_folder import RunFolder

    folder = RunFolder(arguments.output, {k: v for k, v in vars(arguments).items() if k not in REPORTING})
    reviews = load_reviews(arguments.data, arguments.data_dir, arguments.validation)
    model, history = train(arguments, reviews, folder)

    from seqzoo.zoo.folder import as_stored, save_folder
    from seqzoo.zoo.verify import measure

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
    name = f"{arguments.data}-{arguments.cell}-{arguments.seed}"
    command = recipe_command({**folder.arguments, "test": arguments.test})
    card = review_card(name, folder.arguments, reviews, metrics, command=command, config=model.config)
    save_folder(model, folder.path / "model", card, GOLDEN_TEXTS, overwrite=True, saved_model=arguments.saved_model)
    print(f"Run: {folder.path}   model: {folder.path / 'model'}   curves: {folder.path / 'curves.png'}")


if __name__ == "__main__":
    sys.exit(run(main, interrupted="Interrupted; the same command goes on from the last checkpoint."))
