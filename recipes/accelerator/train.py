"""Train on one GPU: a language model, a large teacher that begins with it, and a student that learns from the teacher.

`python -m recipes.accelerator.train texts.npz --output weights --minutes 10`

Needs JAX and optax, no TensorFlow. Each stage is kept when it is finished, and the same command goes on with the next; how
many steps a stage takes follows from `--minutes` and what one step takes on this machine. `recipes.accelerator.finish` makes a
model of what a student has learnt.
"""

import argparse
import importlib.util
import os
import sys
from pathlib import Path

from ..shared.command import run

# Of the minutes; the student takes what is left.
PARTS = {"language": 0.18, "teacher": 0.5, "small language": 0.1}


def parse(argv=None):
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("texts", type=Path, help="of recipes.accelerator.prepare")
    parser.add_argument("--output", type=Path, required=True, help="folder for what is learnt")
    parser.add_argument("--work", type=Path, help="folder for what is only needed to go on; default: the output's")
    parser.add_argument("--minutes", type=float, default=10.0, help="for all stages together")
    parser.add_argument("--language-rate", type=float, default=2e-3, help="learning rates: each a peak, then a cosine")
    parser.add_argument("--teacher-rate", type=float, default=3e-3)
    parser.add_argument("--student-rate", type=float, default=3e-3)
    parser.add_argument("--labelled", type=int, default=128, help="reviews in a batch of the teacher's")
    parser.add_argument("--unlabelled", type=int, default=192, help="likewise, without labels; both take some 55 GB")
    parser.add_argument("--short-rows", type=int, default=1024, help="shorter texts in a batch of the teacher's")
    parser.add_argument("--short-steps", type=float, default=0.1, help="share of the teacher's steps on shorter texts")
    parser.add_argument("--student-words", type=int, default=96000, help="in a batch of a student's, padding included")
    parser.add_argument("--short-share", type=float, default=0.15, help="likewise of the student's")
    parser.add_argument("--labelled-share", type=float, default=0.45, help="of the reviews in a student's batches")
    parser.add_argument("--own", type=float, default=0.5, help="how much of a label is the text's own, not the teacher's")
    parser.add_argument("--steps", action="append", default=[], metavar="STAGE=N", help="so many, whatever the time")
    parser.add_argument("--scale", type=int, default=1, help="divide every network's sizes by this, to try it out")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    options.steps = {name: int(number) for name, number in (of.split("=") for of in options.steps)}
    if wrong := sorted(set(options.steps) - {*PARTS, "student"}):
        parser.error(f"--steps takes STAGE=N, STAGE one of {', '.join(PARTS)}, student. Received: {', '.join(wrong)}")
    return options


def main(argv=None):
    options = parse(argv)
    if missing := [name for name in ("jax", "optax") if importlib.util.find_spec(name) is None]:
        raise ImportError(f"This needs {' and '.join(missing)}: pip install jax optax, or as jax's pages say for your GPU")
    # Triton's products are what was fused wrongly on an H200 under JAX 0.11.2; cuBLAS's are right there.
    given = os.environ.get("XLA_FLAGS", "")
    if "xla_gpu_enable_triton_gemm" not in given:
        os.environ["XLA_FLAGS"] = f"{given} --xla_gpu_enable_triton_gemm=false".strip()
    from .stages import learn

    learn(options, PARTS)


if __name__ == "__main__":
    sys.exit(run(main, interrupted="Interrupted; the same command goes on with the stage that was not finished."))
