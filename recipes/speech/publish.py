"""Measure a trained keyword spotter on the test parts, and write it, its card and its phone files into the zoo.

`python -m recipes.speech.publish digits-gru runs/speech-gru-0 --data-dir DIR --text FILE`

The runs are of `recipes.speech.train`, all alike but for their seed. `recipes.speech.left_out` adds a figure to the card.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from seqzoo.quiet import import_tensorflow

from ..shared import command

FILES = (("interpreter", "float16"), ("stream", None), ("micro", "int8"), ("compiled", "float16"))
HOPS = 2000  # steps that are timed
SCALES = 96  # clips that decide those of 8 bits
# Other people's, as they state them; theirs were judged on other splits or recordings where the name says so.
ANCHORS = [
    ("CNN (saztorralba/CNNWordReco)", "test", 0.9767),
    ("BiLSTM (aniruddhapal211316/spoken_digit_recognition)", "digits, random split", 0.973),
    ("GRU (Zhang et al., Hello Edge, 2017)", "12 classes of Speech Commands v0.01", 0.935),
    ("LSTM (Zhang et al., Hello Edge, 2017)", "12 classes of Speech Commands v0.01", 0.929),
]


def parse(argv=None):
    parser = command.Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("name", help="the model's name in the zoo")
    add("runs", nargs="+", type=Path, help="run folders that differ in their seed only; the first one's model is published")
    add("--data-dir", required=True, help="folder with fsdd/ and commands_8k/")
    add("--text", help="file of English sentences for the hour of other speech; default: words at random")
    add("--minutes", type=command.positive, default=60.0, help="of other speech and noise")
    add("--limit", action="append", default=[], help="a line for the card's limits; repeatable")
    add("--tried", type=json.loads, action="append", default=[], help="a JSON object for the card's table of what was tried")
    add("--output", type=Path, default=Path("saved_models"))
    add("--overwrite", action="store_true")
    return parser.parse_args(argv)


def read_arguments(run):
    """The recipe's arguments of a run folder.

    Raises:
        ValueError: if it is none.
    """
    try:
        return json.loads((run / "config.json").read_text(encoding="utf-8"))["arguments"]
    except (OSError, ValueError, KeyError):
        raise ValueError(f"Runs must be folders of recipes.speech.train. Received: {run}") from None


def with_threshold(model, threshold):
    """The model with another threshold for its events."""
    config = {**model.config, "threshold": threshold}
    other = type(model)(config)
    other.load_tensors(model.tensors())
    return other


def add_files(folder, digits, words):
    """Export, measure and list the phone files."""
    import seqzoo
    from seqzoo.export import TFLiteRunner, export_tflite
    from seqzoo.tasks.keyword_spotting.phone import measure_file, short_enough

    from ..publishing.changed_folder import changed_folder
    from .micro import arena_of

    model = seqzoo.load_pretrained(folder)
    random = np.random.default_rng(0)
    every = [*digits["train"], *words["train"]]
    samples = [every[place].samples for place in random.permutation(len(every))[:SCALES]]
    with changed_folder(folder) as (made, card):
        card["phone"] = {}
        for target, quantization in FILES:
            path = made / f"{target}-{quantization or 'float32'}.tflite"
            export_tflite(model, path, target, quantization, calibration=samples, overwrite=True)
            runner = TFLiteRunner(path)
            clips = short_enough(runner, digits["test"])
            waves, places = [clip.samples for clip in clips], [model.classes.index(clip.word) for clip in clips]
            row = measure_file(runner, waves, places)
            card["phone"][path.name] = row | {"figures": {"accuracy": row["accuracy"]}}
            if target == "stream":
                card["metrics"]["latency"] = {"step_milliseconds": milliseconds_of(path)}
            if target == "micro":
                card["metrics"]["micro"] = {
                    "bytes": path.stat().st_size,
                    "arena_bytes": arena_of(path),
                    "accuracy": row["accuracy"],
                    "accuracy_to_float": round(row["accuracy"] - card["metrics"]["test"]["accuracy"], 5),
                }
            print(f"{path.name}: {row}", flush=True)


def milliseconds_of(path):
    """Median milliseconds of a step of a file of one step a call, on one thread, without what feeds it."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter, seconds = Interpreter(model_path=str(path), num_threads=1), []
    interpreter.allocate_tensors()
    random = np.random.default_rng(0)
    for detail in interpreter.get_input_details():
        interpreter.set_tensor(detail["index"], random.normal(0, 0.1, detail["shape"]).astype(detail["dtype"]))
    for _ in range(HOPS):
        start = time.perf_counter()
        interpreter.invoke()
        seconds.append(time.perf_counter() - start)
    return round(1000 * float(np.median(seconds)), 4)


def publish(arguments):
    import seqzoo
    from seqzoo.data.spoken_words import DIGITS, load_digits, load_split_words
    from seqzoo.tasks.keyword_spotting.figures import measure, measure_stream
    from seqzoo.zoo.folder import save_folder

    from .baseline import linear_accuracy
    from .card import command_line, golden_waves, speech_card
    from .false_alarms import measure_false_alarms
    from .features import Features

    started = time.time()
    made_with = read_arguments(arguments.runs[0])
    digits = load_digits(Path(arguments.data_dir) / "fsdd")
    words = load_split_words(Path(arguments.data_dir) / "commands_8k")
    models = [seqzoo.load_pretrained(run / "model") for run in arguments.runs]
    model = models[0]
    parts = {
        "test": digits["test"],
        "words": words["test"],
        "validation": digits["validation"],
        "validation_words": words["validation"],
    }
    metrics = {name: measure(model, clips) for name, clips in parts.items()}
    metrics["seeds"] = {str(of.config["seed"]): measure(of, digits["test"])["accuracy"] for of in models}
    metrics["false_alarms"], alarms = measure_false_alarms(model, digits, words["test"], arguments.text, arguments.minutes)
    model = with_threshold(model, metrics["false_alarms"]["threshold"])
    metrics["streaming"] = measure_stream(model, digits["test"], metrics["test"]["accuracy"])
    metrics = {key: value for key, value in metrics.items() if value}
    print(json.dumps(metrics, indent=1), *alarms, sep="\n", flush=True)
    lines = [command_line(read_arguments(run), output=f"runs/{run.name}") for run in arguments.runs]
    runs = " ".join(f"runs/{run.name}" for run in arguments.runs)
    lines.append(f"{command.command_of('speech.publish')} {arguments.name} {runs} --data-dir DIR --text FILE")
    linear = linear_accuracy(digits["train"], digits["test"], DIGITS, Features(model.front))
    linear = ("linear model on log-mel rows (recipes/speech/baseline.py)", "test", round(linear, 5))
    anchors = [{"name": name, "split": split, "figures": {"accuracy": value}} for name, split, value in (linear, *ANCHORS)]
    card = speech_card(
        arguments.name, made_with, metrics, parts, "\n".join(lines), arguments.tried, anchors, limits_of(models, arguments.limit)
    )
    card["published"] = True
    folder = arguments.output / arguments.name
    save_folder(model, folder, card, golden_waves(parts), overwrite=arguments.overwrite)
    add_files(folder, digits, words)
    print(f"{folder} is made in {time.time() - started:.0f} s; now: {command.command_of('publishing.models_table')}")


def limits_of(models, more):
    """Lines on what the figures leave open."""
    lines = [
        "Six speakers said the digits, most of them not in their first language. The figures without a speaker say more of "
        "anybody else's digits than the test split, whose speakers were heard in training.",
        "The other speech of the false alarms is read by a program (espeak-ng); people, music and television were not at hand. "
        "Words that sound as a digit (to, for, won, ate, ...) are left out of it: they are heard as the digit.",
        "It was trained on sound at 8 kHz from microphones near the mouth.",
        *more,
    ]
    if len(models) < 3:
        lines.append(f"The spread is that of {'one seed' if len(models) == 1 else 'two seeds'} only.")
    return lines


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    return command.run(publish, arguments, name="speech.publish")


if __name__ == "__main__":
    sys.exit(command.run(main))
