"""Time training steps on one worker and on several, count what they exchange, and model how it goes on with more.

The workers are processes on this machine. Measured are the step time, and what goes over the loopback in a step (of everything on
the machine: for this program's alone, run it as root by `unshare -n sh -c "ip link set lo up; ..."`). What a replica gives to
the reductions follows from the shapes. From the step of one process and these bytes a model says what share of their time
8, 64 and 256 machines would spend on computing: no measurement, see `efficiency`.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

from seqzoo.files import write_atomically

from ..shared.command import Parser, command_of, positive, run, whole

# name -> (vocabulary, embedding, units, rows, steps in time): the sizes of the recipes' networks.
NETWORKS = {
    "forecaster": (None, 7, 32, 512, 22),
    "text classifier": (16000, 64, 64, 32, 192),
    "language model": (20000, 192, 256, 16, 32),
}
HEAD = DRAWS = 500  # words that compete in the language model's softmax
COUNTS, SPEEDS = (8, 64, 256), (1.0, 25.0)  # machines; Gbit/s
LATENCY = 50e-6  # seconds for a message from one machine to the next


def parse(argv=None):
    parser = Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--workers", type=whole(1), nargs="+", default=[1, 2, 4], help="processes on this machine")
    add("--networks", nargs="+", choices=list(NETWORKS), default=list(NETWORKS))
    add("--steps", type=whole(1), default=20, help="timed ones, after three others")
    add("--given", type=Path, help="model from the figures of this file, an earlier --output, instead of measuring")
    add("--latency", type=positive, default=LATENCY, help="seconds for a message between two machines")
    add("--output", type=Path, help="a JSON file to write")
    add("--as-worker", action="store_true", help="what the program starts itself with")
    return parser.parse_args(argv)


def efficiency(seconds, dense, sparse, workers, gigabits, latency=LATENCY):
    """The share of a step that computes, by a model: no overlap, no waiting for the slowest, full speed both ways at once.

    Dense gradients go round a ring, which sends each byte 2 (w - 1) / w times in 2 (w - 1) messages (Patarasuk & Yuan 2009). Rows
    of embeddings are gathered: every machine gets those of all others, in (w - 1) messages.

    Args:
        seconds: a step of one process. dense, sparse: bytes that each gives. workers: number of machines.
        gigabits: per second, of every machine's network. latency: seconds a message.
    """
    bandwidth = gigabits * 1e9 / 8
    ring = 2 * (workers - 1) / workers * dense / bandwidth + 2 * (workers - 1) * latency
    gather = ((workers - 1) * sparse / bandwidth + (workers - 1) * latency) if sparse else 0.0
    return seconds / (seconds + ring + gather)


def build(name, rows):
    """`(model, batches)` of a size in `NETWORKS`; called within the workers' scope."""
    import keras
    import numpy as np

    import seqzoo
    from seqzoo.training.batches import ShuffledBatches

    vocabulary, size, units, batch, time_steps = NETWORKS[name]
    random, total = np.random.default_rng(0), batch * (rows // batch)
    if vocabulary is None:
        inputs = keras.Input((time_steps, size))
        x = seqzoo.LSTM(units)(inputs)
        data = random.normal(size=(total, time_steps, size)).astype(np.float32)
    else:
        inputs = keras.Input((time_steps,), dtype="int32")
        x = keras.layers.Embedding(vocabulary, size)(inputs)
        x = keras.layers.GlobalMaxPooling1D()(seqzoo.LSTM(units, return_sequences=True)(x))
        # Zipf's law: frequent words come again and again.
        data = np.minimum(random.zipf(1.2, (total, time_steps)), vocabulary - 1).astype(np.int32)
    model = keras.Model(inputs, keras.layers.Dense(1)(x))
    model.compile(keras.optimizers.AdamW(1e-3, global_clipnorm=1.0), loss="mse")
    return model, ShuffledBatches(data, np.zeros((total, 1), np.float32), total)


def build_language_model(rows, replicas):
    """As `build`, of the language model with its sampled softmax."""
    import keras
    import numpy as np

    from seqzoo.data.vocabulary import Vocabulary
    from seqzoo.data.word_stream import WordStream
    from seqzoo.tasks.text_generation.model import LanguageModel
    from seqzoo.tasks.text_generation.training import NextWordTraining, mean_loss

    words, size, units, _, time_steps = NETWORKS["language model"]
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = [letters[n // 676] + letters[n // 26 % 26] + letters[n % 26] for n in range(17576)]
    vocabulary = Vocabulary.build([" ".join([*names, *(name + "x" for name in names)][: words - 2])], words)
    model = LanguageModel({"vocabulary_size": len(vocabulary), "embedding_size": size, "units": units}, vocabulary)
    random = np.random.default_rng(0)
    texts = [np.minimum(random.zipf(1.2, 500), words - 1).astype(np.int32) for _ in range(rows * time_steps // 10)]
    trained = NextWordTraining(model, rows // replicas, HEAD)
    trained.compile(keras.optimizers.AdamW(1e-3, global_clipnorm=1.0), loss=mean_loss)
    return trained, WordStream(texts, words, rows, time_steps, 0, HEAD, DRAWS)


def as_worker(names, steps):
    """One worker's part: prints, where it is the chief, a line of JSON with what it measured of each network."""
    from ..shared.distribution import start

    found = {}
    with start("multiworker" if os.environ.get("TF_CONFIG") else None) as workers:
        for name in names:
            rows = NETWORKS[name][3] * workers.replicas
            with workers.scope():
                if name == "language model":
                    model, batches = build_language_model(rows, workers.replicas)
                else:
                    model, batches = build(name, rows)
            training, times, chosen = workers.training(model), [], batches.rows(0)
            for step in range(steps + 3):
                if step == 3:
                    before = loopback()
                began = time.perf_counter()
                training.step(batches, chosen[step % len(chosen)], 0, lambda: False)
                times.append(time.perf_counter() - began)
            wire = (loopback() - before) / steps
            traffic = training.traffic if workers.several else {"dense": None, "sparse": None}
            found[name] = {"seconds": statistics.median(times[3:]), "loopback": wire, **traffic}
    if workers.chief:
        print(json.dumps(found), flush=True)


def loopback():
    """Bytes that this network namespace has sent to itself, 0 where /proc does not tell."""
    try:
        lines = Path("/proc/net/dev").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split(":")[1].split()[0]) for line in lines if line.strip().startswith("lo:")), 0)


def measure(names, count, steps):
    """The chief's figures of so many workers on this machine, which share its cores: `{network: figures}`."""
    ports = []
    for _ in range(count):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(f"127.0.0.1:{free.getsockname()[1]}")
    program = command_of("benchmarks.distributed").split()[1:]
    words = [sys.executable, *program, "--as-worker", "--steps", str(steps), "--networks", *names]
    processes = []
    for index in range(count):
        task = {"cluster": {"worker": ports}, "task": {"type": "worker", "index": index}}
        own = {"TF_CONFIG": json.dumps(task)} if count > 1 else {}
        environment = {k: v for k, v in os.environ.items() if k != "TF_CONFIG"} | own
        processes.append(subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True))
    said = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        raise ChildProcessError(f"A worker of {count} ended early, see above. Received: {[p.returncode for p in processes]}")
    return json.loads(said[0].strip().splitlines()[-1])


def main(argv=None):
    arguments = parse(argv)
    if arguments.as_worker:
        return as_worker(arguments.networks, arguments.steps)
    if arguments.given:
        found = json.loads(arguments.given.read_text(encoding="utf-8"))
    else:
        by_count = {n: measure(arguments.networks, n, arguments.steps) for n in sorted({1, *arguments.workers})}
        found = {name: {str(n): figures[name] for n, figures in by_count.items()} for name in arguments.networks}
    print("| network | workers | step, ms | against one | given to reductions, MB: dense, rows | over the loopback, MB |")
    print("|---|---|---|---|---|---|")
    for name, by_count in found.items():
        for count, figures in by_count.items():
            given = ", ".join(filter(None, (_megabytes(figures[kind]) for kind in ("dense", "sparse"))))
            against = figures["seconds"] / by_count["1"]["seconds"]
            wire = _megabytes(figures["loopback"]) if count != "1" else ""
            print(f"| {name} | {count} | {1000 * figures['seconds']:.0f} | {against:.2f} | {given} | {wire} |")
    print(f"\nA model, not a measurement ({1e6 * arguments.latency:.0f} us a message): share of a step that computes, %\n")
    print(f"| network | {' | '.join(f'{n} at {speed:g} Gbit/s' for speed in SPEEDS for n in COUNTS)} |")
    print("|---" * (1 + len(COUNTS) * len(SPEEDS)) + "|")
    for name, by_count in found.items():
        known = next(figures for figures in by_count.values() if figures["dense"] is not None)
        given = (by_count["1"]["seconds"], known["dense"], known["sparse"])
        row = [efficiency(*given, n, speed, arguments.latency) for speed in SPEEDS for n in COUNTS]
        print(f"| {name} | {' | '.join(f'{100 * share:.0f}' for share in row)} |")
    if arguments.output:
        write_atomically(arguments.output, json.dumps(found, indent=1) + "\n")


def _megabytes(count):
    return "" if count is None else f"{count / 1e6:.3f}"


if __name__ == "__main__":
    sys.exit(run(main))
