"""Make the zoo's model of opinions from a finished run: calibrate it on validation data, then judge it once on test data.

`python -m recipes.opinions.publish sentiment-lstm runs/opinions-2 --texts DIR --data-dir DIR --search 'runs/opinions-*'`
"""

import argparse
import glob
import shlex
import sys
from pathlib import Path

import numpy as np

from seqzoo.quiet import import_tensorflow

from ..shared import command
from .commands import commands_of, first_of, read_run
from .earlier import Earlier

CALIBRATED_ON = ("sst_dev", "edited", "original", "reviews", "product_sentences", "pros_cons")  # each counts alike

# Trained and measured with `imdb-bilstm`, whose card has its command.
BASELINE = {
    "name": "naive-Bayes-weighted logistic regression on bag of bigrams",
    "accuracy": 0.91416,
    "parameters": 439001,
    "split": "test",
}


def parse(argv=None):
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("name", help="the model's name in the zoo")
    parser.add_argument("run", type=Path, help="the run folder")
    parser.add_argument("--texts", required=True, help="as for recipes.opinions.train")
    parser.add_argument("--data-dir", help="where tensorflow-datasets prepared IMDB")
    parser.add_argument("--search", action="append", default=[], help="pattern of run folders: what was tried before")
    parser.add_argument(
        "--earlier", type=Path, help="folder of the published model that the first run began with: its commands go before"
    )
    parser.add_argument("--note", action="append", default=[], help="a sentence for the card's limits")
    parser.add_argument("--reviews", type=int, help="of IMDB's test reviews judge so many, drawn at random; default: all")
    parser.add_argument("--output", type=Path, default=Path("saved_models"))
    parser.add_argument("--overwrite", action="store_true", help="replace the model of this name")
    return parser.parse_args(argv)


def calibrated(model, validation):
    """The temperature chosen on the validation parts, after dividing `model`'s logits by it."""
    from seqzoo.tasks.text_classification.calibration import cool, temperature_of

    from ..imdb.contrast import log_odds

    logits, labels, weights = [], [], []
    for name in CALIBRATED_ON:
        texts, of = validation[name]
        logits.append(log_odds(model.predict(texts)))
        labels.append(np.asarray(of))
        weights.append(np.full(len(of), 1 / len(of)))
    temperature = temperature_of(*map(np.concatenate, (logits, labels, weights)))
    cool(model, temperature)
    return temperature


def measure(model, texts, labels):
    """A card's figures on one set of texts."""
    from seqzoo.tasks.text_classification.calibration import expected_calibration_error
    from seqzoo.tasks.text_classification.figures import figures_of

    probabilities = model.predict(texts)
    return figures_of(probabilities, labels) | {"calibration_error": expected_calibration_error(probabilities, labels)}


def of_suite(model):
    """Accuracy by phenomenon, and over all."""
    from .suite import by_phenomenon, judged, read_suite

    sayings = read_suite()
    right = judged(sayings, model.predict([saying.text for saying in sayings]))
    return {name.replace("_", " "): share for name, share in by_phenomenon(sayings, right).items()} | {"all": float(right.mean())}


def of_pairs(model):
    """Share of the pairs of `recipes.imdb.contrast` in the right order."""
    from ..imdb.contrast import judge, log_odds
    from ..imdb.contrast_pairs import contrast_pairs

    rows = judge(lambda texts: log_odds(model.predict(texts)), contrast_pairs())
    return {
        f"{row['kind']} pairs, {row['distance']} words between".replace(", any words between", ""): row["ordered"] for row in rows
    }


def command_line(arguments, earlier):
    words = [command.command_of("opinions.publish"), arguments.name, str(arguments.run), "--texts DIR --data-dir DIR"]
    words += [f"--search '{pattern}'" for pattern in arguments.search]
    words += [f"--reviews {arguments.reviews}"] if arguments.reviews else []
    words += [f"--note {shlex.quote(note)}" for note in arguments.note]
    return "\n".join([*commands_of(arguments.run, earlier), " ".join(words)])


def with_teacher(data, made_with, arguments):
    """What a run learned from, with what its teacher thought of the unlabelled reviews."""
    from .data import Texts
    from .teacher import FILE, unlabelled

    if made_with.get("teacher"):
        run = Path(made_with["averaged"].split(",")[-1]) if made_with.get("averaged") else arguments.run
        data.train["unlabelled reviews"] = Texts(
            unlabelled(arguments.data_dir, made_with.get("taught")), np.load(run / FILE, allow_pickle=False)
        )
    return data


def search_rows(patterns):
    """One dict per run that was tried: in what it differs from the others, and its validation figures."""
    folders = sorted({Path(path).parent for pattern in patterns for path in glob.glob(f"{pattern}/metrics.json")})
    tried = [(folder, *read_run(folder)) for folder in folders]
    keys = dict.fromkeys(key for _, arguments, _ in tried for key in arguments)
    keys = [key for key in keys if len({str(arguments.get(key)) for _, arguments, _ in tried}) > 1]
    return [
        {"run": folder.name}
        | {key: str(arguments[key]) for key in keys if arguments.get(key) not in (None, [])}
        | {key: round(value, 4) for key, value in metrics["validation"].items()}
        for folder, arguments, metrics in tried
    ]


def publish(arguments):
    """Calibrate, measure and write the model, with its card, into the zoo."""
    import seqzoo
    from seqzoo.data.reviews import Split, load_reviews
    from seqzoo.zoo.folder import as_stored, save_folder

    from .card import GOLDEN, fingerprint, limits_of, opinions_card
    from .data import load_for, sst

    made_with, _ = read_run(arguments.run)
    data = with_teacher(load_for(made_with, arguments.texts, arguments.data_dir), made_with, arguments)
    model = seqzoo.load_pretrained(arguments.run / "model")
    temperature = calibrated(model, data.validation)
    model = as_stored(model, "float16")  # what is measured is what is kept
    print(f"temperature {temperature:.3f}", flush=True)
    reviews, sentences = load_reviews("imdb", arguments.data_dir, 0.1).test, sst(Path(arguments.texts) / "sst/test.txt")
    if arguments.reviews:
        drawn = np.sort(np.random.Generator(np.random.PCG64(0)).permutation(len(reviews.texts))[: arguments.reviews])
        reviews = Split([reviews.texts[place] for place in drawn], reviews.labels[drawn])
    judged_on = {
        "SST-2 test, sentences": sentences,
        "counterfactual dev, edited reviews": data.validation["edited"],
        "counterfactual dev, original reviews": data.validation["original"],
        "product sentences, held out": data.validation["product_sentences"],
        "pros and cons, held out": data.validation["pros_cons"],
        "IMDB test, reviews": reviews,
    }
    measured = {}
    for name, texts in judged_on.items():
        measured[name] = measure(model, *texts)
        print(f"{name}: {measured[name]}", flush=True)
    metrics = {
        "test": {key: measured["IMDB test, reviews"][key] for key in ("accuracy", "loss", "examples")},
        "measured": measured,
        "phenomena": of_suite(model),
        "pairs": of_pairs(model),
    }
    print(f"phenomena: {metrics['phenomena']}\npairs: {metrics['pairs']}", flush=True)
    first, earlier = first_of(made_with), Earlier.of(arguments.earlier)
    first_made = made_with | {"encoder": earlier.encoder if earlier else first["encoder"]}
    search = [*(earlier.search if earlier else ()), *search_rows(arguments.search)]
    limits = [*limits_of(first_made, temperature, metrics["phenomena"]), *arguments.note]
    card = opinions_card(arguments.name, first_made, model, data, metrics, search, command_line(arguments, earlier), limits)
    card["data"]["splits"]["test: SST-2"] = {"examples": len(sentences.texts), "fingerprint": fingerprint(*sentences)}
    card["data"]["splits"]["test"] = {"examples": len(reviews.texts), "fingerprint": reviews.fingerprint()}
    if arguments.reviews:
        card["limits"].append(f"Of IMDB's 25,000 test reviews {arguments.reviews:,}, drawn at random, were judged.")
    else:
        card["data"]["test_of"] = "imdb"  # so that `seqzoo verify` computes it again
    card["baselines"] = [BASELINE]
    card["published"] = True
    save_folder(model, arguments.output / arguments.name, card, GOLDEN, overwrite=arguments.overwrite)
    print(f"{arguments.output / arguments.name} is made; now: {command.command_of('publishing.models_table')}")


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    return command.run(publish, arguments, name="opinions.publish")


if __name__ == "__main__":
    sys.exit(command.run(main))
