"""The small networks of the page's long-memory tab: RNN, LSTM and GRU that add two marked numbers, for several spans.

`seqzoo recipe memory.adding` trains them. For every cell and span the same learning rates and seeds are tried, with the same
steps and, as near as can be, the same number of trained values; the network with the smallest error on sequences that are
kept for the choice stands for the cell. Its error is measured on 2,000 other ones, with its weights in float16 as they are
stored. The output, `adding.safetensors` and `adding.json`, is what lies in seqzoo/page/networks.
"""

import itertools
import json
import sys
from pathlib import Path

from ..shared.command import Parser, positive, run, whole

CELLS = ("rnn", "lstm", "gru")
CHOSEN_ON, MEASURED_ON, BATCH = 1000, 2000, 32  # sequences


def parse(argv=None):
    parser = Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--spans", nargs="+", type=whole(2), default=[10, 15, 25, 50, 100])
    add("--seeds", nargs="+", type=whole(0), default=[0])
    add("--learning-rates", nargs="+", type=positive, default=[0.003, 0.01])
    add("--steps", type=whole(50), default=2000, help="the last third of them at a tenth of the rate")
    add("--parameters", type=whole(20), default=2000, help="trained values of each network")
    add("--output", default="runs/adding", help="the folder to write")
    return parser.parse_args(argv)


def train(cell, span, trials, parameters, steps):
    """(about, tensors in float16) of the best of the `trials`, pairs of a learning rate and a seed."""
    import numpy as np

    from seqzoo.data.long_memory import TASKS

    from .training import CHUNK, Trainer, build_network, units_for

    task = TASKS["adding"]
    units = units_for(cell, parameters, task)
    trainer = best = None
    for rate, seed in trials:
        network = build_network(cell, units, task, seed)
        start = network.get_weights()
        trainer = trainer or Trainer(network, task, span, BATCH)
        trainer.start(start, rate, [seed, span])
        for done in range(0, steps, CHUNK):
            if done >= 2 * steps // 3:
                trainer.optimizer.learning_rate = rate / 10
            trainer.chunk()
        weights = [np.asarray(value, np.float16) for value in trainer.network.get_weights()]
        error = _error(trainer.network, weights, task.make(np.random.default_rng([1, span]), CHOSEN_ON, span))
        if best is None or error < best[0]:
            best = error, rate, seed, weights
    _, rate, seed, weights = best
    error = _error(trainer.network, weights, task.make(np.random.default_rng([2, span]), MEASURED_ON, span))
    about = {"cell": cell, "span": span, "units": units, "learning_rate": rate, "seed": seed, "error": round(error, 6)}
    names = ("kernel", "recurrent_kernel", "bias", "head/kernel", "head/bias")
    tensors = dict(zip((f"{cell}_{span}/{name}" for name in names), weights, strict=True))
    return about | {"parameters": int(sum(value.size for value in weights))}, tensors


def _error(network, weights, examples):
    """The mean squared error of the network with these weights."""
    import numpy as np

    network.set_weights([value.astype("float32") for value in weights])
    inputs, targets = examples
    outputs = np.concatenate([network.predict_on_batch(inputs[begin : begin + 500]) for begin in range(0, len(inputs), 500)])
    error = float(np.mean((outputs - targets) ** 2))
    return error if np.isfinite(error) else float("inf")


def main(argv=None):
    arguments = parse(argv)
    import safetensors.numpy

    from seqzoo.files import write_atomically

    folder = Path(arguments.output)
    folder.mkdir(parents=True, exist_ok=True)
    trials = list(itertools.product(arguments.learning_rates, arguments.seeds))
    found, tensors = [], {}
    for span, cell in itertools.product(sorted(set(arguments.spans)), CELLS):
        about, weights = train(cell, span, trials, arguments.parameters, arguments.steps)
        found.append(about)
        tensors |= weights
        print(f"span {span}, {cell.upper()}: mean squared error {about['error']:.5f} (always answering 1: 0.16667)", flush=True)
    settings = {name: value for name, value in vars(arguments).items() if name != "output"}
    about = {"settings": settings, "chosen_on": CHOSEN_ON, "measured_on": MEASURED_ON, "batch_size": BATCH, "networks": found}
    write_atomically(folder / "adding.safetensors", safetensors.numpy.save(tensors))
    write_atomically(folder / "adding.json", json.dumps(about, indent=1) + "\n")
    print(f"adding.safetensors and adding.json: {folder}")


if __name__ == "__main__":
    sys.exit(run(main))
