"""How models trained without one speaker do on that speaker's digits: a figure for the card of a model of the zoo.

`python -m recipes.speech.left_out digits-gru runs/left-* --data-dir DIR`

Each run is one of `recipes.speech.train --without SPEAKER`; it is asked about all recordings of that speaker.
"""

import sys
from pathlib import Path

import numpy as np

from seqzoo.quiet import import_tensorflow

from ..shared import command

BEGIN = "The runs without a speaker"  # of a card's limit


def parse(argv=None):
    parser = command.Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("model", help="the model's name, or its folder")
    parser.add_argument("runs", nargs="+", type=Path, help="run folders, each without one speaker")
    parser.add_argument("--data-dir", required=True, help="folder with fsdd/")
    return parser.parse_args(argv)


def accuracies(runs, clips):
    """How right runs without one speaker each are on that one's clips: `{speaker: accuracy, ..., "mean", "worst"}` twice.

    The first is of `model.predict`, whatever the classes; the second of the same answers as a choice among the ten digits alone,
    which is what others state of these recordings.

    Raises:
        ValueError: for a run that left nobody out, or two that left out the same.
    """
    import seqzoo
    from seqzoo.data.spoken_words import DIGITS
    from seqzoo.tasks.keyword_spotting.figures import figures_of

    from .publish import read_arguments

    found, of_ten = {}, {}
    for run in runs:
        speaker = read_arguments(run).get("without")
        if speaker is None or speaker in found:
            raise ValueError(f"Each run must leave out another speaker (--without). Received: {run}, without {speaker}")
        model = seqzoo.load_pretrained(run / "model")
        said = [clip for clip in clips if clip.speaker == speaker]
        answers, words = model.predict([clip.samples for clip in said]), [clip.word for clip in said]
        found[speaker] = figures_of(answers, model.classes, words)["accuracy"]
        digits = answers[:, [model.classes.index(digit) for digit in DIGITS]]
        of_ten[speaker] = figures_of(digits, DIGITS, words)["accuracy"]
        print(f"without {speaker}: {found[speaker]:.4f}, of ten {of_ten[speaker]:.4f}", flush=True)
    return tuple(of | {"mean": round(float(np.mean([*of.values()])), 5), "worst": min(of.values())} for of in (found, of_ten))


def options_of(line):
    """{option: value} of a recipe's command, without what tells runs apart."""
    parts = (part.partition(" ") for part in line.split(" --")[1:])
    return {name: value for name, _, value in parts if name not in ("without", "output")}


def trained_otherwise(card, lines):
    """What a card must say of runs that were not trained as its model was, commands of one line each; None where they were."""
    own = next((of for of in card["command"].splitlines() if "speech.train" in of and "--without" not in of), "")
    others = [of for of in map(options_of, lines) if of != options_of(own)]
    if not others:
        return None
    more = sorted({f"--{name} {value}".strip() for of in others for name, value in of.items() - options_of(own).items()})
    less = sorted({f"--{name} {value}".strip() for of in others for name, value in options_of(own).items() - of.items()})
    parts = [f"{word} {' '.join(of)}" for word, of in (("with", more), ("without", less)) if of]
    return f"{BEGIN} were not trained as this model was: {', '.join(parts)}."


def add(arguments):
    from seqzoo.data.spoken_words import load_digits
    from seqzoo.zoo.registry import find_model

    from ..publishing.changed_folder import changed_folder
    from .card import command_line
    from .publish import read_arguments

    digits = load_digits(Path(arguments.data_dir) / "fsdd")
    found, of_ten = accuracies(arguments.runs, [clip for part in digits.values() for clip in part])
    made = [command_line(read_arguments(run), output=f"runs/{run.name}") for run in arguments.runs]
    with changed_folder(Path(find_model(arguments.model))) as (_, card):
        card["metrics"] |= {"speaker_left_out": found, "speaker_left_out_of_ten": of_ten}
        more = [line for line in [trained_otherwise(card, made)] if line]
        card["limits"] = [of for of in card.get("limits", []) if not of.startswith(BEGIN)] + more
        runs = " ".join(f"runs/{run.name}" for run in arguments.runs)
        lines = [of for of in card["command"].splitlines() if "speech.left_out" not in of and "--without" not in of]
        lines += made
        lines.append(f"{command.command_of('speech.left_out')} {card['name']} {runs} --data-dir DIR")
        card["command"] = "\n".join(lines)
    print(found, of_ten, sep="\n")


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    return command.run(add, arguments, name="speech.left_out")


if __name__ == "__main__":
    sys.exit(command.run(main))
