"""Speed of the sequence layers beside their peers: `python -m recipes.benchmark_layers --output runs/benchmark`.

Peers are called in turn in one process, so that a machine that slows down slows all of them; the median counts. Best on
an idle machine.
"""

import argparse
import io
import json
import statistics
import time
from pathlib import Path

from seqzoo.files import write_atomically
from seqzoo.quiet import import_tensorflow

GRID = [(64, 200, 128, 128), (32, 400, 128, 256), (32, 200, 64, 64), (1, 200, 64, 128), (256, 60, 8, 32)]
CELLS = {"lstm": ("LSTM", "LSTM", GRID), "rnn": ("RNN", "SimpleRNN", GRID[:3]), "gru": ("GRU", "GRU", GRID[:3])}


def parse(argv=None):
    parser = argparse.ArgumentParser(prog="python -m recipes.benchmark_layers", description=__doc__.splitlines()[0])
    parser.add_argument("--cells", nargs="+", choices=CELLS, default=list(CELLS))
    parser.add_argument("--rounds", type=int, default=9, help="times that every peer is called")
    parser.add_argument("--output", type=Path, default=Path("runs/benchmark"))
    return parser.parse_args(argv)


def tensorflow_calls(layer, x, mask):
    """Functions without arguments: an inference, and a training step up to the gradients, as TensorFlow graphs."""
    import tensorflow as tf

    weight = tf.constant(0.01)
    layer(x)

    def infer():
        return layer(x, mask=mask, training=False)

    def train():
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(layer(x, mask=mask, training=True) * weight)
        return tape.gradient(loss, [x, *[v.value for v in layer.trainable_variables]])

    return {"inference": infer, "training": train}


def peers(cell, shape, masked):
    """`{peer: {"inference": call, "training": call}}` for one shape."""
    import keras
    import numpy as np
    import tensorflow as tf

    import seqzoo

    ours, theirs, _ = CELLS[cell]
    batch, steps, features, units = shape
    random = np.random.default_rng(0)
    x = tf.constant(random.normal(size=(batch, steps, features)), tf.float32)
    lengths = np.maximum(1, random.integers(steps // 2, steps + 1, batch))
    mask = tf.sequence_mask(lengths, steps) if masked else None
    layers = {
        "seqzoo": getattr(seqzoo, ours)(units, return_sequences=True),
        "seqzoo, cell stepped": getattr(seqzoo, ours)(units, return_sequences=True, fused=False),
        "keras graph": getattr(keras.layers, theirs)(units, return_sequences=True),
        "keras XLA": getattr(keras.layers, theirs)(units, return_sequences=True),
    }
    found = {}
    for name, layer in layers.items():
        calls = tensorflow_calls(layer, x, mask)
        found[name] = {k: tf.function(call, jit_compile=name.endswith("XLA")) for k, call in calls.items()}
    try:
        found["torch"] = torch_calls(theirs, x.numpy(), lengths if masked else None, units)
    except ImportError:
        pass
    return found


def torch_calls(kind, x, lengths, units):
    """The same with torch.nn, packed where rows are padded."""
    import torch

    layer = {"LSTM": torch.nn.LSTM, "SimpleRNN": torch.nn.RNN, "GRU": torch.nn.GRU}[kind](
        x.shape[2], units, batch_first=True
    )
    x = torch.from_numpy(x).requires_grad_()

    def forward():
        if lengths is None:
            return layer(x)[0]
        packed = torch.nn.utils.rnn.pack_padded_sequence(
            x, torch.from_numpy(lengths), batch_first=True, enforce_sorted=False
        )
        return torch.nn.utils.rnn.pad_packed_sequence(layer(packed)[0], batch_first=True, total_length=x.shape[1])[0]

    def infer():
        with torch.inference_mode():
            return forward()

    def train():
        layer.zero_grad()
        x.grad = None
        (forward().sum() * 0.01).backward()

    return {"inference": infer, "training": train}


def timed(calls, rounds):
    """Median seconds of each call, taken in turn, and of its first call."""
    first, times = {}, {name: [] for name in calls}
    for name, call in calls.items():
        start = time.perf_counter()
        _finish(call())
        first[name] = time.perf_counter() - start
        _finish(call())
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.perf_counter()
            _finish(call())
            times[name].append(time.perf_counter() - start)
    return {name: {"median": statistics.median(times[name]), "first": first[name]} for name in calls}


def _finish(result):
    """TensorFlow may return before it is done."""
    for tensor in result if isinstance(result, (list, tuple)) else [result]:
        if hasattr(tensor, "numpy") and not hasattr(tensor, "detach"):
            tensor.numpy()


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


def measure(cells, rounds):
    rows, rate = [], matmul_rate()
    for cell in cells:
        for shape in CELLS[cell][2]:
            for masked in (False, True):
                found = peers(cell, shape, masked)
                for kind in ("training", "inference"):
                    times = timed({name: calls[kind] for name, calls in found.items()}, rounds)
                    best = min(times[name]["median"] for name in ("keras graph", "keras XLA"))
                    ours = times["seqzoo"]["median"]
                    row = {"cell": cell, "shape": shape, "masked": masked, "kind": kind, "times": times}
                    row["to_keras"] = best / ours
                    row["to_torch"] = times["torch"]["median"] / ours if "torch" in times else None
                    row["of_matmul"] = flops(cell, shape, kind) / ours / rate
                    rows.append(row)
                    print(line(row), flush=True)
    return rows


def line(row):
    torch = f"{row['to_torch']:6.2f}" if row["to_torch"] else "     -"
    times = row["times"]
    return (
        f"{row['cell']:5} {str(row['shape']):22} {'masked' if row['masked'] else '':7} {row['kind']:10} "
        f"{1000 * times['seqzoo']['median']:8.1f} ms  x Keras {row['to_keras']:5.2f}  x torch {torch}  "
        f"matmul {100 * row['of_matmul']:3.0f} %  first call {times['seqzoo']['first']:4.1f} s "
        f"(Keras XLA {times['keras XLA']['first']:4.1f} s)"
    )


def summary(rows):
    """Geometric means of the speed-ups by cell and kind."""
    found = {}
    for cell, kind in sorted({(row["cell"], row["kind"]) for row in rows}):
        chosen = [row for row in rows if (row["cell"], row["kind"]) == (cell, kind)]
        figures = {"to_keras": statistics.geometric_mean(row["to_keras"] for row in chosen)}
        figures["slowest_to_keras"] = min(row["to_keras"] for row in chosen)
        if all(row["to_torch"] for row in chosen):
            figures["to_torch"] = statistics.geometric_mean(row["to_torch"] for row in chosen)
        plain = {tuple(row["shape"]): row["times"]["seqzoo"]["median"] for row in chosen if not row["masked"]}
        figures["masked_to_plain"] = statistics.geometric_mean(
            row["times"]["seqzoo"]["median"] / plain[tuple(row["shape"])] for row in chosen if row["masked"]
        )
        found[f"{cell} {kind}"] = figures
    return found


def plot(rows, path):
    """Speed-up over the better of Keras's two modes, one bar a case, one panel a cell and kind."""
    from matplotlib.figure import Figure

    panels = sorted({(row["cell"], row["kind"]) for row in rows})
    figure = Figure(figsize=(11, 2.6 * len(panels)), layout="constrained")
    for axes, panel in zip(figure.subplots(len(panels), 1, squeeze=False)[:, 0], panels):
        chosen = [row for row in rows if (row["cell"], row["kind"]) == panel]
        names = [f"{', '.join(map(str, r['shape']))}{' masked' if r['masked'] else ''}" for r in chosen]
        places = range(len(chosen))
        axes.barh([p - 0.2 for p in places], [r["to_keras"] for r in chosen], 0.38, color="#0072B2", label="over Keras's best")
        if any(r["to_torch"] for r in chosen):
            axes.barh([p + 0.2 for p in places], [r["to_torch"] or 0 for r in chosen], 0.38, color="#E69F00", label="over torch")
        axes.axvline(1, color="black", linewidth=1)
        axes.set_yticks(list(places), names)
        axes.invert_yaxis()
        axes.set_title(f"{panel[0].upper()}, {panel[1]}: speed of seqzoo (batch, time, features, units)")
        axes.set_xlabel("times as fast")
        axes.legend(loc="lower right")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    write_atomically(path, buffer.getvalue())


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    rows = measure(arguments.cells, arguments.rounds)
    figures = summary(rows)
    for name, of in figures.items():
        print(f"{name}: " + "  ".join(f"{key} {value:.2f}" for key, value in of.items()))
    arguments.output.mkdir(parents=True, exist_ok=True)
    write_atomically(arguments.output / "benchmark.json", json.dumps({"rows": rows, "summary": figures}, indent=1))
    plot(rows, arguments.output / "benchmark.png")
    print(f"{arguments.output / 'benchmark.json'}  {arguments.output / 'benchmark.png'}")


if __name__ == "__main__":
    main()
