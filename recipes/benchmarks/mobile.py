"""Time exported files, with their size and parity.

Best in a quiet moment. Files are timed in turn in one process, one thread, one sequence a call, with XNNPACK and without. With
`--accuracy --model NAME --data-dir DIR` the files of a text classifier are scored on the test reviews instead.
"""

import csv
import io
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from seqzoo.files import write_atomically
from seqzoo.quiet import import_tensorflow

from ..shared import command
from .mobile_accuracy import FILES, accuracy_rows
from .mobile_forms import FORMS, TimedFile, layer_files

BASE = "{}, Keras's loop"  # of fixed length: the faster of Keras's two
RUNTIMES = {"milliseconds": True, "milliseconds_without_xnnpack": False}
COLD_START = """
import time
start = time.perf_counter()
from seqzoo.export import TFLiteRunner
runner = TFLiteRunner({path!r})
runner({inputs})
print(time.perf_counter() - start)
"""


def parse(argv=None):
    parser = command.Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=command.whole(1), default=200)
    parser.add_argument("--features", type=command.whole(1), default=64)
    parser.add_argument("--units", type=command.whole(1), default=128)
    parser.add_argument("--rounds", type=command.whole(1), default=50, help="times that every file is run, in turn")
    parser.add_argument("--forms", nargs="+", choices=FORMS, metavar="FORM", help="some of the forms only")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--accuracy", action="store_true", help="score a text classifier's files, time no layers")
    parser.add_argument("--model", default="imdb-lstm", help="for --accuracy: a text classifier, or its folder")
    parser.add_argument("--data-dir", help="for --accuracy: where tensorflow-datasets prepared IMDB")
    parser.add_argument("--files", nargs="+", choices=FILES, help="for --accuracy: some of the files only")
    parser.add_argument("--limit", type=command.whole(1), help="test reviews to score; all when left out")
    parser.add_argument("--micro-limit", type=command.whole(1), default=2500, help="the same for the micro file")
    parser.add_argument("--output", type=Path, default=Path("runs/benchmark_mobile"), help="folder of JSON, CSV and picture")
    return parser.parse_args(argv)


def time_in_turn(runners, inputs, rounds):
    """{name: median milliseconds of a call}; every round runs every file once, so that all meet the same
    machine.
    """
    seconds = {name: [] for name in runners}
    for _ in range(3):
        for runner in runners.values():
            runner(inputs)
    for _ in range(rounds):
        for name, runner in runners.items():
            start = time.perf_counter()
            runner(inputs)
            seconds[name].append(time.perf_counter() - start)
    return {name: 1000 * float(np.median(values)) for name, values in seconds.items()}


def cold_start(path, inputs, times=5):
    """Median seconds from an import to the first answer, in a new process each."""
    code = COLD_START.format(path=str(path), inputs=inputs)
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(times)]
    return float(np.median([float(run.stdout) for run in runs]))


def layer_rows(folder, arguments):
    """A row for every form of a layer: size, error, milliseconds in both runtimes, or why there are none."""
    forms = {name: FORMS[name] for name in arguments.forms or FORMS}
    found, inputs = layer_files(folder, forms, arguments)
    runners = {
        (name, key): TimedFile(row["path"], inputs.shape, xnnpack)
        for name, row in found.items()
        for key, xnnpack in RUNTIMES.items()
        if "path" in row
    }
    times, rows = time_in_turn(runners, inputs, arguments.rounds), []
    for name, row in found.items():
        rows.append({"file": name} | {key: value for key, value in row.items() if key != "path"})
        base = BASE.format(name.partition(",")[0])
        for key in RUNTIMES if "path" in row else ():
            rows[-1][key] = round(times[name, key], 3)
            if (base, key) in times:
                speed = times[base, key] / times[name, key]
                rows[-1][key.replace("milliseconds", "times_as_fast_as_keras")] = round(speed, 2)
    return rows


def print_layers(rows):
    print(f"{'':31} {'XNNPACK':>14} {'without':>14}")
    print(f"{'':31} {'ms':>8} {'speed':>5} {'ms':>8} {'speed':>5} {'bytes':>9} {'error':>8}")
    for row in rows:
        if "refused" in row:
            print(f"{row['file']:31} {row['refused'][:80]}")
            continue
        cells = [f"{row[key]:8.3f} {row.get(key.replace('milliseconds', 'times_as_fast_as_keras'), ''):>5}" for key in RUNTIMES]
        print(f"{row['file']:31} {' '.join(cells)} {row['bytes']:9,} {row['error']:8.1e}")


def plot(rows, path):
    from seqzoo.insight.figures import new_figure, save_png

    figure = new_figure(8, 0.3 * len(rows) + 1)
    axes = figure.subplots()
    rows = [row for row in rows if "milliseconds" in row]
    for offset, (key, xnnpack) in zip((-0.2, 0.2), RUNTIMES.items(), strict=True):
        label = "with XNNPACK" if xnnpack else "without"
        axes.barh(np.arange(len(rows)) + offset, [row[key] for row in rows], height=0.4, label=label)
    axes.set_yticks(range(len(rows)), [row["file"] for row in rows])
    axes.invert_yaxis()
    axes.set_xlabel("median milliseconds of one call, one thread")
    axes.legend()
    save_png(figure, path)


def as_csv(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(key for row in rows for key in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def measure(argv=None):
    arguments = parse(argv)
    command.check_installed("matplotlib")  # rather than after minutes
    import_tensorflow()
    arguments.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        if arguments.accuracy:
            limits = arguments.limit, arguments.micro_limit
            rows = accuracy_rows(folder, arguments.model, arguments.files, arguments.data_dir, *limits)
            for row in rows:
                row["cold_start_seconds"] = round(cold_start(folder / row["file"], ["what a film"]), 3)
            keys, name = ("model", "limit", "micro_limit"), "accuracy"
        else:
            rows = layer_rows(folder, arguments)
            print(f"\n{arguments.steps} steps, {arguments.features} in, {arguments.units} units, one thread")
            print_layers(rows)
            plot(rows, arguments.output / "latency.png")
            keys, name = ("steps", "features", "units", "rounds", "seed"), "layers"
    result = {"settings": {key: getattr(arguments, key) for key in keys}, name: rows}
    write_atomically(arguments.output / f"{name}.json", json.dumps(result, indent=2) + "\n")
    write_atomically(arguments.output / f"{name}.csv", as_csv(rows))
    print(f"Results: {arguments.output / name}.json and .csv")


def main(argv=None):
    return command.run(measure, argv, name="benchmarks.mobile")


if __name__ == "__main__":
    sys.exit(command.run(main))
