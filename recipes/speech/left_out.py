"""How models trained without one speaker do on that speaker's digits: a figure for the card of a model of the zoo.

`python -m recipes.speech.left_out digits-gru runs/left-* --data-dir DIR`

Each run is one of `recipes.speech.train --without SPEAKER`; it is asked about all recordings of that speaker.
"""

import sys
from pathlib import Path

import numpy as np

from seqzoo.quiet import import_tensorflow

from ..shared import command


def parse(argv=None):
    parser = command.Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("model", help="the model's name, or its folder")
    parser.add_argument("runs", nargs="+", type=Path, help="run folders, each without one speaker")
    parser.add_argument("--data-dir", required=True, help="folder with fsdd/")
    return parser.parse_args(argv)


def accuracies(runs, clips):
    """`{speaker: accuracy, ..., "mean", "worst"}` of runs without one speaker each, on that one's clips.

    Raises:
        ValueError: for a run that left nobody out, or two that left out the same.
    """
    import seqzoo
    from seqzoo.tasks.keyword_spotting.figures import measure

    from .publish import read_arguments

    found = {}
    for run in runs:
        speaker = read_arguments(run).get("without")
        if speaker is None or speaker in found:
            raise ValueError(f"Each run must leave out another speaker (--without). Received: {run}, without {speaker}")
        model = seqzoo.load_pretrained(run / "model")
        found[speaker] = measure(model, [clip for clip in clips if clip.speaker == speaker])["accuracy"]
        print(f"without {speaker}: {found[speaker]:.4f}", flush=True)
    return found | {"mean": round(float(np.mean([*found.values()])), 5), "worst": min(found.values())}


def add(arguments):
    from seqzoo.data.spoken_words import load_digits
    from seqzoo.zoo.registry import find_model

    from ..publishing.changed_folder import changed_folder
    from .card import command_line
    from .publish import read_arguments

    digits = load_digits(Path(arguments.data_dir) / "fsdd")
    found = accuracies(arguments.runs, [clip for part in digits.values() for clip in part])
    epochs = {read_arguments(run)["epochs"] for run in arguments.runs}
    with changed_folder(Path(find_model(arguments.model))) as (_, card):
        card["metrics"]["speaker_left_out"] = found
        line = f"The runs without a speaker went over {' or '.join(map(str, sorted(epochs)))} epochs, see the commands."
        card["limits"] = [of for of in card.get("limits", []) if not of.startswith("The runs without a speaker")] + [line]
        runs = " ".join(f"runs/{run.name}" for run in arguments.runs)
        lines = [of for of in card["command"].splitlines() if "speech.left_out" not in of and "--without" not in of]
        lines += [command_line(read_arguments(run), output=f"runs/{run.name}") for run in arguments.runs]
        lines.append(f"{command.command_of('speech.left_out')} {card['name']} {runs} --data-dir DIR")
        card["command"] = "\n".join(lines)
    print(found)


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    return command.run(add, arguments, name="speech.left_out")


if __name__ == "__main__":
    sys.exit(command.run(main))
