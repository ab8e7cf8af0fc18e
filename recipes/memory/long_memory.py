"""How far memory reaches: RNN, LSTM and GRU with equal parameter counts on three tasks, over growing spans.

`python -m recipes.memory.long_memory` is a look in minutes; `--full` is the study. A run is one network trained from one
seed; it ends when it has solved its task or its steps are used up. Killed and started again, only what is missing is run.
"""

import concurrent.futures
import contextlib
import itertools
import json
import multiprocessing
import os
import signal
import sys

from ..shared.command import Parser, check_installed, positive, run, whole

CELLS = ("rnn", "lstm", "gru")
QUICK = {"spans": [10, 30, 100], "seeds": [0, 1], "steps": 1500, "learning_rates": [0.003, 0.01]}
FULL = {"spans": [10, 25, 50, 100], "seeds": [0, 1, 2], "steps": 2000, "learning_rates": [0.003, 0.01]}


def parse(argv=None):
    from seqzoo.data.long_memory import TASKS

    parser = Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--full", action="store_true", help=f"the study: {FULL}; without it {QUICK}")
    add("--tasks", nargs="+", choices=list(TASKS), default=list(TASKS), metavar="TASK")
    add("--spans", nargs="+", type=whole(10))
    add("--seeds", nargs="+", type=whole(0))
    add("--steps", type=whole(50), help="at most, rounded to fifties")
    add("--learning-rates", nargs="+", type=positive, help="a seed counts with the rate that solves most seeds")
    add("--parameters", type=whole(100), default=4500, help="trained values of each network")
    add("--batch-size", type=whole(1), default=32)
    add("--workers", type=whole(1), default=os.cpu_count(), help="processes, one core each")
    add("--output", help="run folder; default runs/long-memory or runs/long-memory-full")
    arguments = parser.parse_args(argv)
    for name, value in (FULL if arguments.full else QUICK).items():
        if getattr(arguments, name) is None:
            setattr(arguments, name, value)
    if arguments.output is None:
        arguments.output = "runs/long-memory-full" if arguments.full else "runs/long-memory"
    return arguments


@contextlib.contextmanager
def workers(count):
    """A pool of processes; Ctrl-C ends them at once, in the middle of a run, which the same command makes again."""
    pool = concurrent.futures.ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), start_worker)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.kill()
        raise
    pool.shutdown()


def start_worker():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the parent answers
    # One thread each: these networks are too small to share between cores. TensorFlow reads this when it starts.
    os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = "1"
    from seqzoo.quiet import import_tensorflow

    import_tensorflow()


def run_all(task_name, cell, span, trials, parameters, steps, batch):
    """Train one network for each (learning rate, seed) of `trials`; they share one compiled step.

    Returns:
        A list of dicts: what was run, the `steps` taken, and the `measure` over the last fifty steps.
    """
    import numpy as np

    from seqzoo.data.long_memory import TASKS

    from .training import CHUNK, Trainer, build_network, is_solved, units_for

    task = TASKS[task_name]
    units = units_for(cell, parameters, task)
    trainer, results = None, []
    for rate, seed in trials:
        network = build_network(cell, units, task, seed)
        trainer = trainer or Trainer(network, task, span, batch)
        trainer.start(network.get_weights(), rate, [seed, span])
        taken, solved = 0, False
        while taken + CHUNK <= steps:
            taken += CHUNK
            measures = trainer.chunk()[1]
            solved = is_solved(task, measures)
            if solved or not np.all(np.isfinite(measures)):
                break
        about = {"task": task_name, "cell": cell, "span": span, "learning_rate": rate, "seed": seed, "units": units}
        figures = {"parameters": network.count_params(), "steps": taken, "measure": float(np.mean(measures))}
        results.append({**about, **figures, "solved": bool(solved)})
    return results


def missing_runs(arguments, done):
    """Jobs for `run_all`, the quick ones first: (task, cell, span) and the (rate, seed) pairs not yet there."""
    have = {(r["task"], r["cell"], r["span"], r["learning_rate"], r["seed"]) for r in done}
    for span, task, cell in itertools.product(sorted(arguments.spans), arguments.tasks, CELLS):
        pairs = itertools.product(arguments.learning_rates, arguments.seeds)
        trials = [pair for pair in pairs if (task, cell, span, *pair) not in have]
        if trials:
            yield task, cell, span, trials


def best_by_span(results):
    """For each task, cell and span the learning rate that solved most seeds (then in fewest steps).

    Returns:
        A list of dicts: task, cell, span, learning_rate, seeds, solved (fraction), steps (median of those solved).
    """
    import statistics

    rows, cases = [], sorted({(r["task"], r["span"], r["cell"]) for r in results})
    for task, span, cell in cases:
        here = [r for r in results if (r["task"], r["span"], r["cell"]) == (task, span, cell)]
        choices = []
        for rate in sorted({r["learning_rate"] for r in here}):
            runs = [r for r in here if r["learning_rate"] == rate]
            steps = [r["steps"] for r in runs if r["solved"]]
            choices.append(
                {
                    "task": task,
                    "cell": cell,
                    "span": span,
                    "learning_rate": rate,
                    "seeds": len(runs),
                    "solved": len(steps) / len(runs),
                    "steps": statistics.median(steps) if steps else None,
                }
            )
        rows.append(min(choices, key=lambda row: (-row["solved"], row["steps"] or 0)))
    return rows


def table(rows):
    """Solved fraction by task, cell and span, as Markdown."""
    spans = sorted({row["span"] for row in rows})
    lines = ["| task | cell | " + " | ".join(f"span {span}" for span in spans) + " |", "|---|---|" + "---|" * len(spans)]
    for task, cell in itertools.product(dict.fromkeys(row["task"] for row in rows), CELLS):
        by_span = {row["span"]: row for row in rows if (row["task"], row["cell"]) == (task, cell)}
        if by_span:
            texts = [_fraction(by_span[span]) if span in by_span else "" for span in spans]
            lines.append(f"| {task} | {cell.upper()} | " + " | ".join(texts) + " |")
    return "\n".join(lines)


def _fraction(row):
    solved = f"{round(row['solved'] * row['seeds'])} of {row['seeds']}"
    return f"{solved} ({row['steps']:.0f} steps)" if row["steps"] else solved


def picture(rows):
    """Fraction of seeds solved against span, one panel a task."""
    from seqzoo.insight.figures import CELL_COLORS, new_figure

    tasks = list(dict.fromkeys(row["task"] for row in rows))
    figure = new_figure(4 * len(tasks), 3.6)
    for axis, task in zip(figure.subplots(1, len(tasks), squeeze=False)[0], tasks, strict=True):
        # A little apart, since lines that lie on each other hide each other.
        for cell, style, lift in (("rnn", "o-", -0.015), ("lstm", "s--", 0.015), ("gru", "^:", 0.0)):
            points = sorted((row["span"], row["solved"] + lift) for row in rows if (row["task"], row["cell"]) == (task, cell))
            if points:
                axis.semilogx(*zip(*points, strict=True), style, color=CELL_COLORS[cell], label=cell.upper())
        spans = sorted({row["span"] for row in rows})
        axis.set_xticks(spans, spans)
        axis.minorticks_off()
        axis.set_ylim(-0.06, 1.06)
        axis.set_title(task)
        axis.set_xlabel("span (steps)")
        axis.set_ylabel("fraction of seeds that solve it")
        axis.grid(alpha=0.3)
        axis.legend()
    return figure


def main(argv=None):
    arguments = parse(argv)
    check_installed("matplotlib")
    from seqzoo.insight.figures import save_png
    from seqzoo.training.run_folder import RunFolder

    keep = {k: v for k, v in vars(arguments).items() if k not in ("output", "workers")}
    folder = RunFolder(arguments.output, keep)
    store = folder.path / "metrics.json"
    results = json.loads(store.read_text())["runs"] if store.exists() else []
    jobs = list(missing_runs(arguments, results))
    settings = (arguments.parameters, arguments.steps, arguments.batch_size)
    with workers(arguments.workers) as pool:
        futures = [pool.submit(run_all, *job, *settings) for job in jobs]
        for number, future in enumerate(concurrent.futures.as_completed(futures), 1):
            results += future.result()
            last = results[-1]
            here = [r for r in results if (r["task"], r["cell"], r["span"]) == (last["task"], last["cell"], last["span"])]
            solved = sum(r["solved"] for r in here)
            print(
                f"{number}/{len(jobs)}  {last['task']}, span {last['span']}, {last['cell'].upper()}: "
                f"{solved} of {len(here)} runs solved"
            )
            folder.write_json("metrics.json", {"summary": best_by_span(results), "runs": results})
    rows = best_by_span(results)
    save_png(picture(rows), folder.path / "long_memory.png")
    print(table(rows))
    counts = sorted({(r["cell"], r["task"], r["units"], r["parameters"]) for r in results})
    print("Parameters: " + ", ".join(f"{cell.upper()} {task} {p} ({u} units)" for cell, task, u, p in counts))
    print(f"Picture and metrics.json: {folder.path}")


if __name__ == "__main__":
    sys.exit(run(main, interrupted="Interrupted: the same command goes on with the runs that are missing."))
