"""Milliseconds from one raw input to the answer, of every pretrained model and its phone file."""

import json
import os
import platform
import statistics
import time

from seqzoo.files import write_atomically
from seqzoo.zoo.registry import find_model, list_pretrained, models_folder

WORDS = 200  # of the text that the text models are asked about: a film review has as many
CALLS, WARM_UP = 50, 5


def latency_path():
    """The file with what was measured, beside the models."""
    return models_folder() / "latency.json"


def read_latency():
    """What `measure_latency` wrote, `{"models": {name: {...}}, ...}`; no models where nothing was measured."""
    path = latency_path()
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"models": {}}


def phone_file(card):
    """Name of the smallest file for a phone's interpreter on a card; None without one."""
    files = {name: of["bytes"] for name, of in card.get("phone", {}).items() if of["target"] == "interpreter"}
    return min(files, key=files.get, default=None)


def measure_latency(names=None, calls=CALLS):
    """Measure models (all, or those of `names`, which replace what was measured of them) and write the file."""
    from seqzoo.training.run_folder import versions

    found = read_latency()
    models = {name: of for name, of in found["models"].items() if name in list_pretrained()}
    for name in names or list_pretrained():
        models[name] = _measure(name, calls)
        print(f"{name}: {models[name]}", flush=True)
    found = {
        "what": f"median milliseconds of {calls} calls with one raw input (a text of {WORDS} words, a window of prices): "
        "`predict` on all cores, the phone file on one thread",
        "processor": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": versions(),
        "models": dict(sorted(models.items())),
    }
    write_atomically(latency_path(), json.dumps(found, indent=1) + "\n")


def _measure(name, calls):
    from seqzoo import load_pretrained
    from seqzoo.export import TFLiteRunner

    model = load_pretrained(name)
    given = _one_input(model)
    row = {"weights": model.card["files"]["weights.safetensors"]["sha256"]}
    row["cpu_milliseconds"] = _median(lambda: model.predict(given), calls)
    if file := phone_file(model.card):
        runner = TFLiteRunner(find_model(name) / file)
        row |= {"file": file, "mobile_milliseconds": _median(lambda: runner(given), calls)}
    return row


def _one_input(model):
    if not hasattr(model, "vocabulary"):
        return model.golden["inputs"][:1]
    words = model.vocabulary.words[2:]
    return [" ".join(words[7 * k % len(words)] for k in range(WORDS))]


def _median(call, calls):
    for _ in range(WARM_UP):
        call()
    seconds = []
    for _ in range(calls):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return round(1000 * statistics.median(seconds), 2)
