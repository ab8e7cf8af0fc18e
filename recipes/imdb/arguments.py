"""The arguments of `recipes.imdb.sentiment`."""

from argparse import ArgumentTypeError

from ..shared.command import Parser, add_distribute, at_least_one, not_negative, positive, share, whole

DESCRIPTION = "Train an RNN or LSTM to tell whether a review praises or damns."
# Arguments that say where things lie and what is reported: a run may be continued with other values.
REPORTING = ("data_dir", "output", "checkpoint_every", "baseline", "saved_model", "test", "distribute")

# What an encoder decides; without one these are the defaults.
OWN = {
    "vocabulary_size": 16000,
    "cell": "lstm",
    "bidirectional": False,
    "units": 64,
    "layers": 1,
    "embedding_size": 64,
    "word_vectors": "train",
    "vector_norm": 4.0,
    "bigrams": None,
}
# Defaults for the sample: 3,000 short reviews of 200 words want a small network without much dropout. What an encoder
# decides is not among them where there is one.
SAMPLE = {"max_tokens": 128, "embedding_dropout": 0.0, "dropout": 0.2, "learning_rate": 1e-2}
SAMPLE_OWN = {"units": 24, "embedding_size": 24, "word_vectors": "none"}
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
    parser = Parser(prog=f"python -m {__package__}.sentiment", description=DESCRIPTION)
    add = parser.add_argument_group("data").add_argument
    add("--data", choices=["imdb", "sample"], default="imdb", help="real IMDB reviews, or generated ones")
    add("--data-dir", help="where tensorflow-datasets prepared IMDB (else TFDS_DATA_DIR, else download)")
    add("--validation", type=share, default=0.1, help="share of train kept for validation; 0 = all is trained on")
    add("--vocabulary-size", type=whole(3), help="default 16000")
    add("--max-tokens", type=whole(1), default=400, help="longer reviews keep their last words (400; 128 for the sample)")
    add = parser.add_argument_group("model").add_argument
    add("--cell", choices=["rnn", "lstm"], help="default lstm")
    add("--bidirectional", action="store_true", default=None)
    add("--units", type=whole(1), help="default 64; 24 for the sample")
    add("--layers", type=whole(1), help="default 1")
    add("--embedding-size", type=whole(1), help="default 64; 24 for the sample")
    add("--bigrams", type=whole(1), help="so many pairs of neighbouring words say beside the words what they tell of the class")
    add("--pooling", choices=["last", "max", "mean", "last_max", "max_mean", "last_max_mean"], default="max_mean")
    add("--word-dropout", type=share, default=0.1, help="share of words replaced by the unknown word")
    add("--embedding-dropout", type=share, default=0.3, help="share of embedding channels dropped for a whole review")
    add("--dropout", type=share, default=0.5, help="before the last layer")
    add = parser.add_argument_group("training").add_argument
    add("--window", type=whole(1), help="train on random stretches of so many words; default: whole reviews")
    add(
        "--word-vectors",
        choices=["train", "none"],
        help="begin with vectors from the training texts' own word company (default), or at random (default for the sample)",
    )
    add("--vector-norm", type=positive, help="length of those vectors; default 4")
    add("--epochs", type=whole(1), default=6)
    add("--batch-size", type=whole(1), default=32)
    add("--learning-rate", type=positive, default=2e-3, help="peak; a tenth of the steps warm up, then a cosine to zero")
    add("--weight-decay", type=not_negative, default=0.0)
    add("--adversarial", type=not_negative, default=0.0, help="train on misleading embeddings too; moves by so many word lengths")
    add_distribute(add)
    add("--precision", choices=["float32", "mixed_bfloat16"], default="float32")
    add("--clip", type=positive, default=1.0, help="greatest norm of the whole gradient")
    add("--seed", type=whole(0), default=0)
    add("--soft-labels", type=share, help="share of a label that a bag of bigrams decides, trained on other reviews")
    add(
        "--teachers",
        metavar="A,B,...",
        help="learn from unlabelled reviews too, as the mean of these judges them: run folders, models, bag-of-bigrams, or the "
        "opinions.npz of recipes.accelerator.train",
    )
    add("--teacher-weights", metavar="W,W,...", help="how much each of the teachers counts in that mean; default: alike")
    add(
        "--teacher-mean",
        choices=["odds"],
        help="take the geometric mean of their odds, in which who is sure counts more, in place of that of their probabilities",
    )
    add("--unlabelled", type=whole(1), metavar="N", help="of the reviews without labels learn from so many; default: all")
    add = parser.add_argument_group("fine-tuning").add_argument
    add(
        "--encoder",
        help="a language model or text classifier to begin with (name or model folder); decides vocabulary, sizes, cell",
    )
    add("--backward-encoder", help="a language model that reads backwards, of the same vectors: for a bidirectional classifier")
    add(
        "--apart",
        action="store_true",
        default=None,
        help="train only the half that reads backwards, alone (that of a bidirectional --encoder, or one begun with "
        "--backward-encoder); then its log-odds and the forward half's count alike",
    )
    add("--freeze-embedding", action="store_true", default=None, help="the word vectors of the encoder stay as they are")
    add("--decay", type=at_least_one, default=1.0, help="a layer learns so many times slower than the one after it")
    add("--thaw", type=share, default=0.0, help="share of an epoch for which a layer rests longer than the one after it")
    add = parser.add_argument_group("output").add_argument
    add("--test", action="store_true", help="score the test split at the end (for the final card only)")
    add("--output", help="run folder; default runs/DATA-CELL-SEED")
    add("--checkpoint-every", type=whole(1), default=200, help="steps")
    add("--no-baseline", dest="baseline", action="store_false", help="skip the bag-of-bigrams baseline")
    add("--no-saved-model", dest="saved_model", action="store_false", help="keep weights only in the run folder's model/")
    arguments = parser.parse_args(argv)
    if arguments.data == "sample":
        parser.set_defaults(**({} if arguments.encoder else SAMPLE))
        arguments = parser.parse_args(argv)
    given = [name for name in OWN if getattr(arguments, name) is not None]
    if arguments.encoder and given:
        options = ["--" + name.replace("_", "-") for name in OWN]
        parser.error(
            f"an encoder decides {', '.join(options)}. Received: {', '.join(options[list(OWN).index(n)] for n in given)}"
        )
    if arguments.apart and not arguments.encoder:
        parser.error("--apart trains the half of a classifier that reads backwards: it needs --encoder. Received: no --encoder")
    if arguments.freeze_embedding and not arguments.encoder:
        parser.error("--freeze-embedding keeps the word vectors of --encoder, which is needed too. Received: no --encoder")
    if arguments.bigrams and arguments.teachers:
        parser.error("--bigrams counts labels, which reviews judged by --teachers lack. Received: both")
    if (arguments.unlabelled or arguments.teacher_mean) and not arguments.teachers:
        parser.error("--unlabelled and --teacher-mean say what --teachers do, which is needed too. Received: no --teachers")
    try:
        weights_of(arguments.teachers, arguments.teacher_weights)
    except ValueError as error:
        parser.error(str(error))
    if not arguments.encoder:
        own = OWN | (SAMPLE_OWN if arguments.data == "sample" else {})
        vars(arguments).update({name: value for name, value in own.items() if name not in given})
    if arguments.output is None:
        kind = "finetuned" if arguments.encoder else arguments.cell
        arguments.output = f"runs/{arguments.data}-{kind}-{arguments.seed}"
    return arguments


def weights_of(teachers, given):
    """How much each teacher counts: a list of numbers, or None where all count alike.

    Args:
        teachers: names with commas between them, or None.
        given: as many numbers above 0 with commas between them, or None.

    Raises:
        ValueError: another count, or what is no finite number above 0.
    """
    if given is None:
        return None
    count = len(teachers.split(",")) if teachers else 0
    try:
        weights = [positive(weight) for weight in given.split(",")]
    except (ValueError, ArgumentTypeError):
        weights = []
    if not weights or len(weights) != count:
        raise ValueError(
            f"--teacher-weights are {count or 'as many'} numbers above 0 with commas between them, one for each of --teachers. "
            f"Received: {given}{'' if teachers else ' without --teachers'}"
        )
    return weights
