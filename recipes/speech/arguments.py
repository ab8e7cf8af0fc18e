"""The arguments of `recipes.speech.train`."""

from ..shared.command import Parser, positive, share, whole

DESCRIPTION = "Train a keyword spotter: on spoken digits and a few other words, or on words of your own."


def parse(argv=None):
    from seqzoo.data.spoken_words import SPEAKERS

    from .voices import PROGRAMS

    parser = Parser(prog=f"python -m {__package__}.train", description=DESCRIPTION)
    add = parser.add_argument_group("data").add_argument
    add("--data-dir", help="folder with fsdd/ and commands_8k/")
    add("--without", choices=SPEAKERS, help="a speaker of the digits to leave out of training")
    add("--data", help="instead, a folder of .wav files for each word; recordings of noise in _background_noise_ beside them")
    add("--words", nargs="+", help="with --data, the folders to hear; the others are examples of what is unknown (all are heard)")
    add(
        "--text",
        help="file of English sentences, one a line (the last column of tables), for the programs to read; default: made up",
    )
    add("--voices", help="file to keep what programs said, so that they speak once for many runs; default in the run folder")
    more = "which say words, where they are installed: espeak-ng in most voices, flite and festival nearest to recordings"
    add("--programs", nargs="+", choices=list(PROGRAMS), default=["espeak-ng"], help=more)
    more = "words that espeak-ng says, flite twice as many, both a third as many sentences, festival a third; 0: none"
    add("--spoken", type=whole(0), default=1500, help=more)
    more = "words as by other microphones and vocal tracts, more of them said by programs: for speakers that are not in the data"
    add("--varied", action="store_true", help=more)
    add = parser.add_argument_group("model").add_argument
    add("--cell", choices=["gru", "lstm"], default="gru")
    add("--units", type=whole(1), default=64)
    add("--layers", type=whole(1), default=2)
    add("--dropout", type=share, default=0.0)
    add("--lead", type=whole(0), default=10, help="steps of 20 ms of silence that a clip is heard after, as in a stream")
    add = parser.add_argument_group("training").add_argument
    add("--epochs", type=whole(1), default=20)
    add("--batches", type=whole(1), default=250, help="an epoch")
    add("--batch-size", type=whole(1), default=32)
    add("--learning-rate", type=positive, default=3e-3, help="peak; a tenth of the steps warm up, then a cosine to zero")
    add("--clip", type=positive, default=1.0)
    add("--seed", type=whole(0), default=0)
    add = parser.add_argument_group("output").add_argument
    add("--test", action="store_true", help="with --data, measure the final model on the test part too")
    add("--output", help="run folder; default runs/speech-CELL-SEED")
    add("--checkpoint-every", type=whole(1), default=100, help="steps")
    arguments = parser.parse_args(argv)
    if (arguments.data is None) == (arguments.data_dir is None):
        given = "neither" if arguments.data is None else "both"
        parser.error(f"give --data-dir, or --data with words of your own. Received: {given}")
    if arguments.words and not arguments.data:
        parser.error("--words goes with --data. Received: --data-dir")
    if arguments.test and not arguments.data:
        parser.error("--test goes with --data; recipes.speech.publish measures the digits. Received: --data-dir")
    arguments.output = arguments.output or f"runs/speech-{arguments.cell}-{arguments.seed}"
    return arguments
