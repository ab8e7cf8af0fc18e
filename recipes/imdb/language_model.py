"""Train an LSTM to foresee the next word of a film review.

It reads the 75,000 reviews of train and unsupervised, never one of test. Killed at any moment and started again with
the same arguments, it continues where it was and ends with the same weights.
"""

import io
import sys
from pathlib import Path

from ..shared.command import Parser, add_distribute, check_installed, not_negative, positive, run, share, whole
from ..shared.distribution import agreed, ordinary, start

# Arguments that say where things lie and how they are computed: a run may be continued with other values.
REPORTING = ("data_dir", "output", "checkpoint_every", "samples", "saved_model", "baseline", "publish", "distribute")
PROMPTS = ("this film", "the worst thing about", "i first saw this when")


def parse(argv=None):
    parser = Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    add = parser.add_argument_group("data").add_argument
    add("--data", choices=["imdb", "sample"], default="imdb", help="real IMDB reviews, or generated ones")
    add("--data-dir", help="where tensorflow-datasets prepared IMDB (else TFDS_DATA_DIR, else download)")
    add("--held-out", type=share, default=0.01, help="share of the reviews kept for the perplexity")
    add("--vocabulary-size", type=whole(3), default=20000)
    add("--embedding-of", help="keep vocabulary and embedding of this model (a name of the zoo or a folder), train the rest")
    add = parser.add_argument_group("model").add_argument
    add("--units", type=whole(1), default=512)
    add("--layers", type=whole(1), default=1)
    add("--embedding-size", type=whole(1), default=192)
    add("--backwards", action="store_true", help="read every review from its end to its beginning")
    add("--embedding-dropout", type=share, default=0.1, help="one mask for all steps (variational)")
    add("--weight-dropout", type=share, default=0.1, help="on the weights between hidden states, as in AWD-LSTM")
    add("--output-dropout", type=share, default=0.1, help="one mask for all steps (variational)")
    add = parser.add_argument_group("training").add_argument
    add("--epochs", type=whole(1), default=3)
    add_distribute(add)
    add("--batch-size", type=whole(1), default=64, help="rows of the stream that are read side by side")
    add("--time-steps", type=whole(1), default=64, help="words between two updates (truncated backpropagation)")
    add("--head", type=whole(1), default=1000, help="frequent words that always compete in the softmax")
    add("--draws", type=whole(1), default=1000, help="other words drawn for each batch")
    add("--learning-rate", type=positive, default=2e-3, help="peak; a fiftieth of the steps warm up, then a cosine to zero")
    add("--weight-decay", type=not_negative, default=0.0)
    add("--clip", type=positive, default=1.0, help="greatest norm of the whole gradient")
    add(
        "--precision",
        choices=["mixed_bfloat16", "float32"],
        default="mixed_bfloat16",
        help="mixed_bfloat16 is faster on a GPU and on CPUs that multiply bfloat16 (AMX, AVX512-BF16)",
    )
    add("--seed", type=whole(0), default=0)
    add = parser.add_argument_group("output").add_argument
    add("--output", help="run folder; default runs/DATA-lm-SEED")
    add("--checkpoint-every", type=whole(1), default=500, help="steps")
    add("--samples", type=whole(0), default=3, help="texts written after every epoch")
    add("--no-baseline", dest="baseline", action="store_false", help="skip the perplexity of counted words, pairs and triples")
    add("--publish", metavar="NAME", help="write the model into saved_models/NAME too, in place of one that is there")
    add("--no-saved-model", dest="saved_model", action="store_false", help="keep weights only in the run folder's model/")
    arguments = parser.parse_args(argv)
    if arguments.output is None:
        arguments.output = f"runs/{arguments.data}-lm-{arguments.seed}"
    return arguments


def encode(arguments, folder, texts, given, workers):
    """The vocabulary (that of the model `given`) and the ids of all texts; kept in the run folder: it takes a minute.

    Each worker computes its own; the chief keeps it.
    """
    import numpy as np

    from seqzoo.data.vocabulary import Vocabulary
    from seqzoo.files import write_atomically

    path, words = folder.path / "words.npz", folder.path / "vocabulary.txt"
    if not workers.chief or not (path.exists() and words.exists()):
        vocabulary = given.vocabulary if given else Vocabulary.build(texts, arguments.vocabulary_size)
        sequences = vocabulary.encode_list(texts)
        if not workers.chief:
            return vocabulary, sequences
        buffer = io.BytesIO()
        np.savez(buffer, words=np.concatenate(sequences).astype(np.int32), lengths=[len(ids) for ids in sequences])
        vocabulary.save(words)
        write_atomically(path, buffer.getvalue())
    with np.load(path, allow_pickle=False) as kept:
        sequences = np.split(kept["words"], np.cumsum(kept["lengths"])[:-1])
    return Vocabulary.load(words), sequences


def train(arguments, texts, held_out, folder, workers):
    """Build and train the model; gives it back with the figures of every epoch."""
    import keras
    import numpy as np

    from seqzoo.data.word_stream import WordStream
    from seqzoo.tasks.text_generation.model import LanguageModel
    from seqzoo.tasks.text_generation.training import NextWordTraining, mean_loss
    from seqzoo.training.fit import fit
    from seqzoo.training.schedule import warm_cosine

    from .encoders import load_encoder

    given = load_encoder(arguments.embedding_of) if arguments.embedding_of else None
    vocabulary, sequences = encode(arguments, folder, texts, given, workers)
    names = ("embedding_size", "units", "layers", "backwards", "embedding_dropout", "weight_dropout", "output_dropout", "seed")
    config = {"vocabulary_size": len(vocabulary), **{name: getattr(arguments, name) for name in names}}
    with workers.scope():
        model = LanguageModel(config, vocabulary, arguments.precision)
    if given:
        model.load_tensors({**model.tensors(), "embedding/embeddings": given.tensors()["embedding/embeddings"]})
        model.embedding.trainable = False
    head = min(arguments.head, len(vocabulary) - 1)
    stream = WordStream(
        sequences,
        len(vocabulary),
        arguments.batch_size,
        arguments.time_steps,
        arguments.seed,
        head,
        arguments.draws,
        arguments.backwards,
    )
    steps = arguments.epochs * len(stream)
    rate = warm_cosine(arguments.learning_rate, steps, max(1, steps // 50))
    with workers.scope():
        trained = NextWordTraining(model, arguments.batch_size // workers.replicas, head)
        optimizer = keras.optimizers.AdamW(rate, weight_decay=arguments.weight_decay, global_clipnorm=arguments.clip)
        # On a CPU TensorFlow compiles what pays by itself, see seqzoo.kernels; JAX needs its compiler for everything.
        trained.compile(optimizer, loss=mean_loss, jit_compile=keras.backend.backend() == "jax")
    if workers.chief:
        print(
            f"LSTM language model with {model.count_parameters():,} parameters, {len(texts):,} reviews, {stream.words:,} words, "
            f"{len(stream)} steps an epoch",
            flush=True,
        )
    now = ordinary(model, workers)

    def validate(_):
        judged = now()
        for prompt in PROMPTS[: 0 if arguments.backwards or not workers.chief else arguments.samples]:
            print("   ", judged.generate(prompt, 30, seed=arguments.seed))
        if not held_out:
            return {}
        total, words = workers.over_all(judged.word_totals, held_out).sum(axis=0)
        return {"perplexity": float(np.exp(-total / words))}

    history = fit(trained, stream, arguments.epochs, folder, validate, arguments.checkpoint_every, workers=workers)
    return now(), history


def main(argv=None):
    arguments = parse(argv)
    check_installed("matplotlib")
    with start(arguments.distribute) as workers:
        from seqzoo.data.reviews import load_unlabelled

        folder = workers.run_folder(arguments.output, {k: v for k, v in vars(arguments).items() if k not in REPORTING})
        texts = load_unlabelled(arguments.data, arguments.data_dir, arguments.held_out)
        agreed(workers, arguments, texts.fingerprint() if workers.several else {})
        model, history = train(arguments, texts.train, texts.held_out[:500], folder, workers)
    if workers.chief:
        finish(arguments, texts, folder, model, history)


def finish(arguments, texts, folder, model, history):
    """Measure the trained model and write its run folder."""
    from seqzoo.tasks.text_generation.verify import measure_language
    from seqzoo.training.curves import plot_curves
    from seqzoo.zoo.folder import as_stored, save_folder

    from .language_card import baselines, language_card
    from .review_card import GOLDEN_TEXTS, recipe_command

    model = as_stored(model, "float16")  # what is measured is what is kept
    metrics = {"baselines": [], "history": history}
    if texts.held_out:
        metrics["held_out"] = measure_language(model, texts.held_out)
        print(f"held-out perplexity {metrics['held_out']['perplexity']:.2f}, {model.count_parameters():,} parameters")
        metrics["baselines"] = baselines(model, texts) if arguments.baseline else []
        for figures in metrics["baselines"]:
            print(f"held-out perplexity {figures['perplexity']:.2f}, {figures['parameters']:,} counts: {figures['name']}")
    folder.write_json("metrics.json", metrics)
    plot_curves(history, folder.path / "curves.png")
    name = arguments.publish or f"{arguments.data}-lm-{arguments.seed}"
    command = recipe_command(folder.arguments, "imdb.language_model") + (f" --publish {name}" if arguments.publish else "")
    card = language_card(name, folder.arguments, texts, metrics, command)
    for path in [folder.path / "model"] + ([Path("saved_models") / name] if arguments.publish else []):
        card["published"] = path.parent.name == "saved_models"
        save_folder(model, path, card, GOLDEN_TEXTS, overwrite=True, saved_model=arguments.saved_model)
        print(f"model: {path}")


if __name__ == "__main__":
    sys.exit(run(main, interrupted="Interrupted; the same command goes on from the last checkpoint."))
