"""Speed, size and parity of exported files: `python -m recipes.benchmark_mobile`, in a quiet moment.

Files are timed in turn in one process, one thread, one sequence a call. With `--model` the files of a text
classifier are compared with the model too, on the test reviews of `--data-dir`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from seqzoo.files import write_atomically
from seqzoo.quiet import import_tensorflow

FILES = {
    # name: (cell, target, quantization); without a target what Keras and TensorFlow's converter give by themselves
    "LSTM, Keras's loop, float32": ("lstm", None, None),
    "LSTM, loop, float32": ("lstm", "compiled", None),
    "LSTM, fused, float32": ("lstm", "interpreter", None),
    "LSTM, fused, float16": ("lstm", "interpreter", "float16"),
    "LSTM, fused, dynamic": ("lstm", "interpreter", "dynamic"),
    "LSTM, fused, int8": ("lstm", "interpreter", "int8"),
    "RNN, Keras's loop, float32": ("rnn", None, None),
    "RNN, loop, float32": ("rnn", "compiled", None),
    "RNN, fused, float32": ("rnn", "interpreter", None),
    # With 8-bit weights an untrained RNN of this size is refused: its states amplify their rounding.
}
BASES = {"LSTM": "LSTM, Keras's loop, float32", "RNN": "RNN, Keras's loop, float32"}
COLD_START = """
import time
start = time.perf_counter()
from seqzoo.export import TFLiteRunner
runner = TFLiteRunner({path!r})
runner({inputs})
print(time.perf_counter() - start)
"""


def parse(argv=None):
    parser = argparse.ArgumentParser(
        prog="python -m recipes.benchmark_mobile", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--features", type=int, default=64)
    parser.add_argument("--units", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=50, help="times that every file is run, in turn")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", help="a text classifier of the zoo, or its folder")
    parser.add_argument("--data-dir", help="where tensorflow-datasets prepared IMDB, for --model")
    parser.add_argument("--limit", type=int, help="test reviews to score; all when left out")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("runs/benchmark_mobile"),
        help="folder of the JSON and the picture",
    )
    return parser.parse_args(argv)


class KerasLoop:
    """The file that `tf.lite.TFLiteConverter` makes of a Keras model of fixed shape, a WHILE loop; one thread."""

    def __init__(self, network, path, sample):
        import tensorflow as tf
        from ai_edge_litert.interpreter import Interpreter
        from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

        spec = tf.TensorSpec(sample.shape, tf.float32)
        function = tf.function(lambda x: network(x, training=False)).get_concrete_function(spec)
        function = convert_variables_to_constants_v2(function)  # a loop's variables would not be found
        path.write_bytes(tf.lite.TFLiteConverter.from_concrete_functions([function]).convert())
        self._interpreter = Interpreter(model_path=str(path), num_threads=1)
        self._interpreter.allocate_tensors()
        self._input, self._output = (
            getattr(self._interpreter, f"get_{kind}_details")()[0]["index"] for kind in ("input", "output")
        )
        error = float(np.abs(self(sample) - network(sample).numpy()).max())
        self.sidecar = {"bytes": path.stat().st_size, "measured_error": error}

    def __call__(self, inputs):
        self._interpreter.set_tensor(self._input, inputs)
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output)


def layer_files(folder, arguments):
    """{name: (runner, error)} of one recurrent layer in every form."""
    import keras

    from seqzoo.export import TFLiteRunner, export_tflite

    keras.utils.set_random_seed(arguments.seed)
    layers = {"lstm": keras.layers.LSTM, "rnn": keras.layers.SimpleRNN}
    networks = {
        cell: keras.Sequential([keras.Input((None, arguments.features), name="x"), layer(arguments.units)])
        for cell, layer in layers.items()
    }
    random = np.random.default_rng(arguments.seed)
    samples = random.normal(size=(8, arguments.steps, arguments.features)).astype(np.float32)
    runners = {}
    for number, (name, (cell, target, quantization)) in enumerate(FILES.items()):
        path = folder / f"{number}.tflite"
        if target is None:
            runners[name] = KerasLoop(networks[cell], path, samples[:1])
        else:
            options = {"time_steps": arguments.steps, "calibration": list(samples)}
            export_tflite(networks[cell], path, target, quantization, **options)
            runners[name] = TFLiteRunner(path)
        error = runners[name].sidecar["measured_error"]
        print(f"{name}: {path.stat().st_size:,} bytes, differs by {error:.1e}", flush=True)
    return runners, samples[:1]


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
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(times)
    ]
    return float(np.median([float(run.stdout) for run in runs]))


def model_rows(folder, arguments):
    """Size, error, accuracy, latency and cold start of each file of a text classifier."""
    import seqzoo
    from seqzoo.data.reviews import Split, load_reviews
    from seqzoo.export import export_tflite
    from seqzoo.zoo.phone import measure_file

    model = seqzoo.load_pretrained(arguments.model)
    reviews = load_reviews(model.card["data"]["name"], arguments.data_dir)
    test = Split(*(part[: arguments.limit] for part in reviews.test))
    right = float(((model.predict(test.texts) > 0.5) == (np.asarray(test.labels) == 1)).mean())
    rows = [{"file": "the Keras model", "accuracy": right, "examples": len(test.texts)}]
    int8 = ["int8"] if model.config["cell"] == "lstm" else []
    for quantization in [None, "float16", "dynamic", *int8]:
        path = folder / f"model-{quantization}.tflite"
        export_tflite(model, path, quantization=quantization, calibration=reviews.validation.texts[:100])
        row = {"file": quantization or "float32"} | measure_file(path, *test)
        row["bytes_with_vocabulary"] = row["bytes"] + (folder / "vocabulary.txt").stat().st_size
        row["cold_start_seconds"] = round(cold_start(path, test.texts[:1]), 3)
        rows.append(row)
        print(row, flush=True)
    return rows


def plot(rows, path):
    from seqzoo.insight.figures import new_figure, save_png

    figure = new_figure(8, 3.5)
    axes = figure.subplots()
    names = [row["file"] for row in rows]
    axes.barh(names, [row["milliseconds"] for row in rows])
    axes.invert_yaxis()
    axes.set_xlabel("median milliseconds of one call, one thread")
    save_png(figure, path)


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    with tempfile.TemporaryDirectory() as folder:
        runners, inputs = layer_files(Path(folder), arguments)
        milliseconds = time_in_turn(runners, inputs, arguments.rounds)
        rows = [
            {
                "file": name,
                "milliseconds": round(milliseconds[name], 3),
                "times_as_fast_as_keras": round(
                    milliseconds[BASES[name.split(",")[0]]] / milliseconds[name], 2
                ),
                "bytes": runners[name].sidecar["bytes"],
                "error": runners[name].sidecar["measured_error"],
            }
            for name in FILES
        ]
        models = model_rows(Path(folder), arguments) if arguments.model else []
    print(f"\n{arguments.steps} steps, {arguments.features} in, {arguments.units} units, one thread")
    print(f"{'':28} {'ms':>8} {'speed':>6} {'bytes':>9} {'error':>8}")
    for row in rows:
        speed = f"{row['times_as_fast_as_keras']:.2f}"
        print(f"{row['file']:28} {row['milliseconds']:8.3f} {speed:>6} {row['bytes']:9,} {row['error']:8.1e}")
    arguments.output.mkdir(parents=True, exist_ok=True)
    settings = {
        key: getattr(arguments, key) for key in ("steps", "features", "units", "rounds", "seed", "model")
    }
    result = {"settings": settings, "layers": rows, "model": models}
    write_atomically(arguments.output / "results.json", json.dumps(result, indent=2) + "\n")
    plot(rows, arguments.output / "latency.png")
    print(f"Results: {arguments.output / 'results.json'}   picture: {arguments.output / 'latency.png'}")


if __name__ == "__main__":
    main()
