"""Show why an RNN forgets: four pictures and their numbers in one folder.

An RNN and an LSTM of like size learn which two of X and Y they saw, in which order, long before the end
(`seqzoo.data.long_memory.temporal_order`). The loss is read at the last step only, so every gradient that reaches
an earlier step came back through time.
"""

import sys

import numpy as np

from seqzoo.progress import ProgressLine
from seqzoo.quiet import import_tensorflow

from ..shared.command import Parser, check_installed, run, whole

TASK = "temporal order"
NETWORKS = 7  # trained in all: two cells, two ways to clip, three biases
ROWS = 32  # sequences over which gradients are averaged


def parse(argv=None):
    parser = Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--span", type=whole(10), default=30, help="steps in a sequence; what decides stands before their middle")
    add("--parameters", type=whole(100), default=4500, help="trained values of each network")
    add("--steps", type=whole(50), default=1000, help="training steps, rounded to fifties")
    add("--seed", type=whole(0), default=0)
    add("--output", default="runs/vanishing-gradients", help="the folder to make")
    return parser.parse_args(argv)


def flow_by_distance(network, task, span, seed):
    """Root mean square over rows of dL/dh_t (and dL/dc_t) by distance from the last step, and the bounds on it.

    Returns a dict of float64 `[span]`, index 0 for the last step. For an RNN, dL/dh_{t-1} is
    U diag(1 - h_t^2) dL/dh_t, so it shrinks at least by the greatest singular value of that matrix. `bound` knows
    only that tanh' <= 1 and multiplies singular values of U alone (Pascanu et al. 2013, arXiv:1211.5063, section
    2.1); `tight_bound` takes the slopes as they were.
    """
    from seqzoo.insight import gradient_flow, trace_gates

    from .training import loss_of

    inputs, targets = task.make(np.random.default_rng([seed, 1]), ROWS, span)
    ((name, flow),) = gradient_flow(network, inputs, targets, loss_of(task)).items()
    found = {k: np.sqrt((v.astype(np.float64) ** 2).mean(axis=0))[::-1] for k, v in flow._asdict().items() if v is not None}
    if name == "rnn":
        recurrent = network.get_layer(name).cell.recurrent_kernel.numpy().astype(np.float64)
        found["bound"] = found["hidden"][0] * np.linalg.norm(recurrent, 2) ** np.arange(span)
        slopes = 1 - trace_gates(network, inputs)[name].hidden.astype(np.float64) ** 2  # [rows, span, units]
        factors = np.linalg.norm(recurrent * slopes[:, :0:-1, None, :], 2, axis=(2, 3))  # [rows, span - 1], last step first
        shares = np.concatenate([np.ones((ROWS, 1)), np.cumprod(factors, axis=1)], axis=1)
        at_end = flow.hidden[:, -1:].astype(np.float64)
        found["tight_bound"] = np.sqrt(((at_end * shares) ** 2).mean(axis=0))
    return found


class Trainers:
    """Trains networks in place; those of one cell and one clipping share a compiled step. `progress` shows how far they are."""

    def __init__(self, task, arguments, progress):
        self.task, self.arguments, self.trainers = task, arguments, {}
        self.progress, self.trained = progress, 0

    def train(self, network, learning_rate, clip=1.0, optimizer=None):
        """Loss, measure and norm of the gradient at every step, float `[steps]` each; by Adam when None is named."""
        from .training import CHUNK, Trainer

        kind = network.layers[1].name, clip, optimizer is None
        if kind not in self.trainers:
            self.trainers[kind] = Trainer(network, self.task, self.arguments.span, clip=clip, optimizer=optimizer)
        trainer = self.trainers[kind]
        trainer.start(network.get_weights(), learning_rate, [self.arguments.seed, 2])
        count, chunks = self.arguments.steps // CHUNK, []
        for chunk in range(1, count + 1):
            chunks.append(trainer.chunk())
            text = f"network {self.trained + 1}/{NETWORKS} ({kind[0].upper()})  loss {float(chunks[-1][0][-1]):.4f}"
            self.progress.update(self.trained * count + chunk, NETWORKS * count, text)
        self.trained += 1
        network.set_weights(trainer.network.get_weights())
        return dict(zip(("loss", "measure", "norm"), np.concatenate(chunks, axis=1), strict=True))


def with_forget_bias(network, value):
    cell = network.get_layer("lstm").cell
    bias = cell.bias.numpy()
    bias[cell.units : 2 * cell.units] = value
    cell.bias.assign(bias)
    return network


def compare_cells(arguments, task, build, train):
    """Gradients of RNN and LSTM against distance, at the start and after training."""
    found = {"start": {}, "trained": {}}
    for cell, rate in (("rnn", 0.003), ("lstm", 0.01)):
        network = build(cell)
        found["start"][cell] = flow_by_distance(network, task, arguments.span, arguments.seed)
        history = train(network, rate)
        found["trained"][cell] = flow_by_distance(network, task, arguments.span, arguments.seed)
        found["trained"][cell]["accuracy"] = float(history["measure"][-50:].mean())
    return found


def compare_clipping(arguments, build, train):
    """An RNN under gradient descent with momentum: Adam, which divides by the gradient's own size, hides explosions."""
    import keras

    found = {}
    for clip in (None, 1.0):
        descent = keras.optimizers.SGD(momentum=0.9)
        found["no clipping" if clip is None else f"clipped at {clip:g}"] = train(build("rnn"), 0.02, clip, descent)
    return found


def compare_forget_bias(arguments, task, build, train):
    """LSTMs whose forget gates start half open (bias 0), as Keras does (1), and nearly open (4)."""
    found = {}
    for bias in (0, 1, 4):
        network = with_forget_bias(build("lstm"), bias)
        flow = flow_by_distance(network, task, arguments.span, arguments.seed)
        found[bias] = {**flow, **train(network, 0.01)}
    return found


def summary(cells, clipping, forget):
    """The numbers behind the pictures, as plain values."""
    half = len(forget[0]["hidden"]) // 2

    def reach(flow):
        return {k: float(v[half] / v[0]) for k, v in flow.items() if np.ndim(v)}

    return {
        "distance": half,
        "gradient_at_distance_over_gradient_at_end": {
            when: {cell: reach(flow) for cell, flow in flows.items()} for when, flows in cells.items()
        },
        "accuracy_trained": {cell: flow["accuracy"] for cell, flow in cells["trained"].items()},
        "clipping": {
            name: {
                "greatest_gradient_norm": float(np.nanmax(run["norm"])),
                "greatest_loss": float(np.nanmax(run["loss"])),
                "last_loss": float(run["loss"][-50:].mean()),
                "last_accuracy": float(run["measure"][-50:].mean()),
            }
            for name, run in clipping.items()
        },
        "forget_bias": {
            str(bias): {
                "cell_gradient_at_distance": float(run["cell"][half] / run["cell"][0]),
                "last_accuracy": float(run["measure"][-50:].mean()),
            }
            for bias, run in forget.items()
        },
    }


def main(argv=None):
    arguments = parse(argv)
    check_installed("matplotlib")
    import_tensorflow()
    from seqzoo.data.long_memory import TASKS
    from seqzoo.insight.figures import save_png
    from seqzoo.training.run_folder import RunFolder

    from . import pictures
    from .training import build_network, units_for

    folder = RunFolder(arguments.output, {k: v for k, v in vars(arguments).items() if k != "output"})
    task = TASKS[TASK]

    def build(cell, **options):
        return build_network(cell, units_for(cell, arguments.parameters, task), task, arguments.seed, **options)

    with ProgressLine(interval=5) as progress:
        train = Trainers(task, arguments, progress).train
        cells = compare_cells(arguments, task, build, train)
        clipping = compare_clipping(arguments, build, train)
        forget = compare_forget_bias(arguments, task, build, train)
    save_png(pictures.activations(), folder.path / "activations.png")
    save_png(pictures.cells(cells), folder.path / "gradient_flow.png")
    save_png(pictures.clipping(clipping), folder.path / "clipping.png")
    save_png(pictures.forget_bias(forget), folder.path / "forget_bias.png")
    figures = summary(cells, clipping, forget)
    folder.write_json("metrics.json", figures)
    half = figures["distance"]
    print(f"Of the gradient at the last step, this share is left {half} steps before it:")
    for when, shares in figures["gradient_at_distance_over_gradient_at_end"].items():
        for cell, share in shares.items():
            text = "  ".join(f"{name} {value:.1e}" for name, value in share.items())
            print(f"  {when:8} {cell:5} {text}")
    print("Accuracy after training: " + "  ".join(f"{c} {a:.2f}" for c, a in figures["accuracy_trained"].items()))
    for name, values in figures["clipping"].items():
        print(
            f"RNN, {name}: greatest gradient norm {values['greatest_gradient_norm']:.1e}, greatest loss "
            f"{values['greatest_loss']:.2f}, loss at the end {values['last_loss']:.3f}"
        )
    for bias, values in figures["forget_bias"].items():
        print(
            f"LSTM, forget bias {bias}: of dL/dc {values['cell_gradient_at_distance']:.1e} is left after {half} steps, "
            f"accuracy at the end {values['last_accuracy']:.2f}"
        )
    print(f"Pictures and metrics.json: {folder.path}")


if __name__ == "__main__":
    sys.exit(run(main))
