"""Add phone files to a zoo model's folder and card: `python -m recipes.add_tflite imdb-lstm --data-dir DIR`.

Each file is exported, run on the test split (one for micro on the first 2,500 reviews) and listed, with its
size, latency and accuracy, in card.json, from which README.md is made again. Scales of int8 come from reviews
of the training split.
"""

import argparse
import shutil
from pathlib import Path

from seqzoo.files import atomic_folder
from seqzoo.quiet import import_tensorflow


MICRO_EXAMPLES = 2500  # a micro file goes over all its steps for every text: 33 ms on a desktop


def parse(argv=None):
    parser = argparse.ArgumentParser(prog="python -m recipes.add_tflite", description=__doc__.splitlines()[0])
    parser.add_argument("model", help="the model's name, or its folder")
    parser.add_argument(
        "--file",
        action="append",
        metavar="TARGET:QUANTIZATION",
        help="such as micro:int8; repeatable; when left out, those that are right for the model",
    )
    parser.add_argument("--data-dir", help="where tensorflow-datasets prepared IMDB")
    parser.add_argument(
        "--calibration", type=int, default=100, help="reviews, not of the test split, that decide the scales"
    )
    parser.add_argument("--limit", type=int, help="test reviews to score, the first ones")
    return parser.parse_args(argv)


def default_files(config):
    """Pairs TARGET:QUANTIZATION that are right for a text classifier with this architecture."""
    files = ["interpreter:dynamic"]
    if config["cell"] == "lstm":  # no runtime has 8-bit arithmetic for a fused RNN
        files.append("interpreter:int8")
        if not config["bidirectional"]:
            files.append("micro:int8")
    return files


def add_files(arguments):
    """Export, measure and list; the model's folder is replaced as a whole, and only at the end."""
    from seqzoo import load_pretrained
    from seqzoo.data.reviews import Split, load_reviews
    from seqzoo.export import export_tflite
    from seqzoo.zoo.card import dump_json, read_card
    from seqzoo.zoo.folder import refresh_readme
    from seqzoo.zoo.integrity import describe_files
    from seqzoo.zoo.phone import measure_file
    from seqzoo.zoo.registry import find_model

    folder = Path(find_model(arguments.model))
    model, card = load_pretrained(folder), read_card(folder)
    reviews = load_reviews(card["data"]["name"], arguments.data_dir)
    texts = reviews.validation.texts[: arguments.calibration]
    with atomic_folder(folder, overwrite=True, replaces="card.json") as made:
        shutil.copytree(folder, made, dirs_exist_ok=True)
        card.setdefault("phone", {})
        for pair in arguments.file or default_files(model.config):
            target, _, quantization = pair.partition(":")
            quantization = None if quantization in ("", "none") else quantization
            path = made / f"{target}-{quantization or 'float32'}.tflite"
            export_tflite(model, path, target, quantization, calibration=texts, overwrite=True)
            limit = arguments.limit or (MICRO_EXAMPLES if target == "micro" else None)
            test = Split(*(part[:limit] for part in reviews.test))
            card["phone"][path.name] = measure_file(path, *test)
            print(f"{path.name}: {card['phone'][path.name]}", flush=True)
        card["files"] = {name: of for name, of in describe_files(made).items() if name != "card.json"}
        (made / "card.json").write_bytes(dump_json(card))
        refresh_readme(made)


if __name__ == "__main__":
    parsed = parse()
    import_tensorflow()
    add_files(parsed)
