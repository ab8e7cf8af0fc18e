"""Time the sequence layers beside their peers.

`python -m recipes.benchmarks.layers --output runs/benchmark`

Peers are called in turn in one process, so that a machine that slows down slows all of them; the median counts. Best on
an idle machine.
"""

import argparse
import json
import platform
import statistics
import sys
import time
from pathlib import Path

from seqzoo.files import write_atomically
from seqzoo.quiet import import_tensorflow

from ..shared.command import run
from . import fit_epoch, peak_memory
from .layer_peers import peers

GRID = [(64, 200, 128, 128), (32, 400, 128, 256), (32, 200, 64, 64), (1, 200, 64, 128), (256, 60, 8, 32)]
SHAPES = {"lstm": GRID, "rnn": GRID[:3], "gru": GRID[:3]}
KINDS = ("training", "inference")
# A library whose threads spin after a call (OpenMP's do) would slow the next peer: each begins in silence.
PAUSE = 0.03


def parse(argv=None):
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("--cells", nargs="+", choices=SHAPES, default=list(SHAPES))
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--rounds", type=int, default=7, help="turns of every peer")
    parser.add_argument("--skip", nargs="*", choices=("fit", "memory"), default=[], help="parts to leave out")
    parser.add_argument("--output", type=Path, default=Path("runs/benchmark"))
    return parser.parse_args(argv)


def timed(calls, rounds, seconds=0.03):
    """Median seconds of each call, and of its first one.

    A turn is a pause, a call that only warms the caches, and calls until `seconds` are over, one at least.
    """
    first, times = {}, {name: [] for name in calls}
    for name, call in calls.items():
        start = time.perf_counter()
        call()
        first[name] = time.perf_counter() - start
    for _ in range(rounds):
        for name, call in calls.items():
            time.sleep(PAUSE)
            call()
            begin = start = time.perf_counter()
            while not start > begin + seconds:
                call()
                end = time.perf_counter()
                times[name].append(end - start)
                start = end
    return {name: {"median": statistics.median(times[name]), "first": first[name]} for name in calls}


def matmul_rate():
    """FLOP/s of a large float32 matrix product here."""
    import tensorflow as tf

    a = tf.random.normal([1536, 1536])
    times = []
    for _ in range(8):
        start = time.perf_counter()
        (a @ a).numpy()
        times.append(time.perf_counter() - start)
    return 2 * 1536**3 / statistics.median(times)


def flops(cell, shape, kind):
    """Of the matrix products alone; a training step does three times as many as an inference."""
    batch, steps, features, units = shape
    gates = {"lstm": 4, "rnn": 1, "gru": 3}[cell]
    return 2 * batch * steps * (features + units) * gates * units * (3 if kind == "training" else 1)


def measure(cells, kinds, rounds):
    rows = []
    for cell in cells:
        for shape in SHAPES[cell]:
            for masked in (False, True):
                found = peers(cell, shape, masked)
                for kind in kinds:
                    times = timed({name: calls[kind] for name, calls in found.items() if kind in calls}, rounds)
                    rows.append(compared({"cell": cell, "shape": shape, "masked": masked, "kind": kind, "times": times}))
                    print(line(rows[-1]), flush=True)
    return rows


def compared(row):
    """The row with our speed as a multiple of others', and of what a large matrix product reaches."""
    median = {name: of["median"] for name, of in row["times"].items()}
    ours = median["seqzoo"]
    row["to_keras"] = min(median["keras graph"], median["keras XLA"]) / ours
    row["to_cell"] = median["seqzoo, cell stepped"] / ours
    for other in ("torch", "onnxruntime"):
        row[f"to_{other}"] = median[other] / ours if other in median else None
    row["of_matmul"] = flops(row["cell"], row["shape"], row["kind"]) / ours / matmul_rate()
    return row


def line(row):
    figures = [f"{row[f'to_{name}']:6.2f}" if row[f"to_{name}"] else "     -" for name in ("torch", "onnxruntime")]
    times = row["times"]
    return (
        f"{row['cell']:5} {str(row['shape']):22} {'masked' if row['masked'] else '':7} {row['kind']:10} "
        f"{1000 * times['seqzoo']['median']:8.1f} ms  x Keras {row['to_keras']:5.2f}  x cell {row['to_cell']:5.2f}  "
        f"x torch {figures[0]}  x onnxruntime {figures[1]}  matmul {100 * row['of_matmul']:3.0f} %  "
        f"first call {times['seqzoo']['first']:4.1f} s (Keras XLA {times['keras XLA']['first']:4.1f} s)"
    )


def summary(rows):
    """Geometric means of the speed-ups by cell and kind, with and without masks."""
    found = {}
    for cell, kind in sorted({(row["cell"], row["kind"]) for row in rows}):
        chosen = [row for row in rows if (row["cell"], row["kind"]) == (cell, kind)]
        plain = [row for row in chosen if not row["masked"]]
        figures = {"slowest_to_keras": min(row["to_keras"] for row in chosen)}
        for name in ("to_keras", "to_cell", "to_torch", "to_onnxruntime"):
            if all(row[name] for row in chosen):
                figures[name] = statistics.geometric_mean(row[name] for row in chosen)
                figures[f"{name}_unmasked"] = statistics.geometric_mean(row[name] for row in plain)
        times = {tuple(row["shape"]): row["times"]["seqzoo"]["median"] for row in plain}
        figures["masked_to_plain"] = statistics.geometric_mean(
            row["times"]["seqzoo"]["median"] / times[tuple(row["shape"])] for row in chosen if row["masked"]
        )
        figures["first_call_seconds"] = max(row["times"]["seqzoo"]["first"] for row in chosen)
        found[f"{cell} {kind}"] = figures
    return found


def plot(rows, path):
    """Speed-up over the better of Keras's two modes, one bar a case, one panel a cell and kind."""
    from seqzoo.insight.figures import BLUE, GREEN, ORANGE, new_figure, save_png

    compared_with = [
        ("to_keras", BLUE, "over Keras's best"),
        ("to_torch", ORANGE, "over torch"),
        ("to_onnxruntime", GREEN, "over onnxruntime"),
    ]
    panels = sorted({(row["cell"], row["kind"]) for row in rows})
    figure = new_figure(11, 3.4 * len(panels))
    for axes, panel in zip(figure.subplots(len(panels), 1, squeeze=False)[:, 0], panels, strict=True):
        chosen = [row for row in rows if (row["cell"], row["kind"]) == panel]
        names = [f"{', '.join(map(str, r['shape']))}{' masked' if r['masked'] else ''}" for r in chosen]
        places = range(len(chosen))
        for place, (name, color, label) in enumerate(compared_with):
            if any(r[name] for r in chosen):
                values = [r[name] or 0 for r in chosen]
                axes.barh([p + 0.27 * (place - 1) for p in places], values, 0.25, color=color, label=label)
        axes.axvline(1, color="black", linewidth=1)
        axes.set_yticks(list(places), names)
        axes.invert_yaxis()
        axes.set_title(f"{panel[0].upper()}, {panel[1]}: speed of seqzoo (batch, time, features, units)")
        axes.set_xlabel("times as fast")
        axes.legend(loc="lower right")
    save_png(figure, path)


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    rows = measure(arguments.cells, arguments.kinds, arguments.rounds)
    found = {"machine": {"processor": platform.processor() or platform.machine(), "python": platform.python_version()}}
    found |= {"rows": rows, "summary": summary(rows)}
    for name, of in found["summary"].items():
        print(f"{name}: " + "  ".join(f"{key} {value:.2f}" for key, value in of.items()))
    if "fit" not in arguments.skip:
        found["fit_epoch_seconds"] = fit_epoch.measured()
        print("fit, one epoch: " + "  ".join(f"{k} {v:.1f} s" for k, v in found["fit_epoch_seconds"].items()))
    if "memory" not in arguments.skip and peak_memory.STATUS.exists():
        found["peak_bytes"] = {
            str(shape): {peer: peak_memory.measured(peer, "lstm", shape) for peer in ("seqzoo", "keras graph", "keras XLA")}
            for shape in GRID[:2]
        }
        for shape, of in found["peak_bytes"].items():
            print(f"peak memory, training {shape}: " + "  ".join(f"{k} {v / 1e6:.0f} MB" for k, v in of.items()))
    arguments.output.mkdir(parents=True, exist_ok=True)
    write_atomically(arguments.output / "benchmark.json", json.dumps(found, indent=1))
    plot(rows, arguments.output / "benchmark.png")
    print(f"{arguments.output / 'benchmark.json'}  {arguments.output / 'benchmark.png'}")


if __name__ == "__main__":
    sys.exit(run(main))
