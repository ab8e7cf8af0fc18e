"""See it at work: a trained LSTM judges opinions; a small one is trained, exported and asked from another process.

`make demo` in a clone.
"""

import subprocess
import sys
import time
from pathlib import Path

from seqzoo.quiet import import_tensorflow

from .shared.command import Parser, run

REVIEWS = [
    "The movie started off great with an engaging plot... but by the end, it became boring and predictable",
    "It began slowly and I nearly left, but the last hour is the best I have seen in years.",
    "A complete waste of two hours.",
    "The soup was not bad.",
    "I used to hate this phone; now I love it.",
]
# Runs with TensorFlow alone (which brings keras with it, but not seqzoo).
ASK = """
import os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf
served = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
for text, p in zip(sys.argv[2:], served(text=tf.constant(sys.argv[2:]))["probability"].numpy()):
    print(f"   {p:.3f}  {text}")
print("   loaded with seqzoo" if "seqzoo" in sys.modules else "   loaded without seqzoo")
"""
SAMPLE_REVIEWS = ["A great start, but in the end it was boring.", "A boring start, but in the end it was great."]


def main(argv=None):
    Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0]).parse_args(argv)
    began = time.monotonic()
    folder = new_folder()
    import_tensorflow()
    import seqzoo

    print("1. A trained LSTM judges opinions (probability of positive)")
    model = seqzoo.load_pretrained("sentiment-lstm")
    test = model.card["metrics"]["test"]
    right = f"{100 * test['accuracy']:.2f} % of {test['examples']:,} test reviews right"
    print(f"   {model.name}: {model.card['parameters']:,} parameters, {right}")
    show(model, REVIEWS)
    for text in typed():
        show(model, [text])

    print("\n2. A small LSTM is trained on the embedded sample of generated reviews")
    from .imdb import sentiment

    sentiment.main(f"--data sample --no-saved-model --output {folder / 'run'}".split())

    print("\n3. It is exported, and another process with TensorFlow alone asks it")
    from seqzoo.export import export_saved_model

    path = export_saved_model(seqzoo.load_pretrained(folder / "run" / "model"), folder / "saved_model")
    asked = subprocess.run(
        [sys.executable, "-c", ASK, str(path), *SAMPLE_REVIEWS], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if asked.returncode:
        raise OSError(f"The other process failed:\n{asked.stderr}")
    print(asked.stdout, end="")

    print("\nTo go on: `source .venv/bin/activate` makes `seqzoo` a command; try `seqzoo list`, `seqzoo recipe`.")
    print(f"\nWhere everything lies ({time.monotonic() - began:.0f} s)")
    for name, what in (
        ("run/model", "the trained model: seqzoo.load_pretrained takes this path"),
        ("run/metrics.json", "its figures by epoch, beside the baseline's"),
        ("run/curves.png", "its learning curves"),
        ("saved_model", "the exported SavedModel"),
    ):
        print(f"   {folder / name}  {what}")


def show(model, texts):
    for text, probability in zip(texts, model.predict(texts), strict=True):
        print(f"   {probability:.3f}  {text}")


def typed():
    """Reviews from the keyboard, or the lines of a pipe, until an empty one."""
    if sys.stdin is None or sys.stdin.closed:
        return
    if sys.stdin.isatty():
        print("   Type reviews of your own; an empty line goes on.")
    while True:
        if sys.stdin.isatty():
            print("   > ", end="", flush=True)
        line = sys.stdin.readline().strip()
        if not line:
            return
        yield line


def new_folder():
    """runs/demo, or runs/demo-2, ... : an earlier demo's results stay."""
    folder, number = Path("runs/demo"), 1
    while folder.exists():
        number += 1
        folder = Path(f"runs/demo-{number}")
    return folder


if __name__ == "__main__":
    sys.exit(run(main))
