"""Measure short- against long-range dependence in sentiment.

`python -m recipes.imdb.contrast --data-dir DIR`

Models judge pairs of reviews that hold the same words in another order and mean the opposite
(`recipes.imdb.contrast_pairs`): a turn with 5 to 200 words between its halves, where the half read last is the verdict;
a question, 5 to 200 words after both halves, which of them holds, where the order of what came early must be remembered.
A bag of words answers the same to both of a pair.
Each zoo model is also read at its last word alone, and asked about texts without a contradiction
(`recipes.imdb.contrast_controls`): these tell a model that cannot from one that weighs in another way.
"""

import collections
import json
import sys

import numpy as np

from seqzoo.progress import ProgressLine
from seqzoo.quiet import import_tensorflow

from ..shared.command import Parser, check_installed, run, whole

HEADLINES = ("Market falls into bear territory", "Bear falls into market territory")
REVIEW = "The movie started off great with an engaging plot... but by the end, it became boring and predictable"
SINGLES = [*HEADLINES, REVIEW]
BASELINE = "bag of bigrams"
KINDS = ("turn", "negation", "asked")


def parse(argv=None):
    parser = Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--models", nargs="+", default=["imdb-rnn", "imdb-lstm"], metavar="NAME", help="as for `seqzoo predict`")
    add("--data", choices=["imdb", "sample"], default="imdb", help="what the bag of bigrams learns from")
    add("--data-dir", help="where tensorflow-datasets prepared IMDB (else TFDS_DATA_DIR, else download)")
    add("--no-baseline", dest="baseline", action="store_false", help="leave the bag of bigrams out")
    add("--pairs", type=whole(1), default=70, help="turn pairs at each distance, and as many asked ones")
    add("--negations", type=whole(0), default=60, help="pairs around a negation")
    add("--seed", type=whole(0), default=0, help="of the pairs")
    add("--output", default="runs/contrast", help="the folder to make")
    return parser.parse_args(argv)


def load_scorers(arguments):
    """By name a function from a list of texts to log-odds of positive; probability one half is log-odds zero."""
    from seqzoo.zoo import load_pretrained

    from .contrast_controls import LAST_WORD, read_at_last_word

    scorers = {}
    for name in arguments.models:
        model = load_pretrained(name)
        for label, reader in ((model.name, model), (model.name + LAST_WORD, read_at_last_word(model))):
            if reader is not None:
                scorers[label] = lambda texts, reader=reader: log_odds(reader.predict(texts))
    if arguments.baseline:
        from seqzoo.data.reviews import load_reviews

        from .bag_of_bigrams import train_bag_of_bigrams

        texts, labels = load_reviews(arguments.data, arguments.data_dir).train
        print(f"The {BASELINE} learns from {len(texts):,} reviews ...", flush=True)
        scorers[BASELINE] = train_bag_of_bigrams(texts, labels).score
    return scorers


def ask(score, pairs):
    """All that is asked of one scorer: results, controls, and probabilities of the single texts."""
    from .contrast_controls import by_distance, halves_alone

    controls = {"halves_alone": halves_alone(score, pairs), "by_distance": by_distance(score, pairs)}
    return judge(score, pairs), controls, (1 / (1 + np.exp(-score(SINGLES)))).tolist()


def followed(scorers, pairs, progress):
    """The same scorers; `progress` shows which share of all letters that `ask` will ask about they have read."""
    read = 0

    def follow(name, score):
        def scored(texts):
            nonlocal read
            found = score(texts)
            read += sum(map(len, texts))
            progress.update(read, total, f"{name} judges")
            return found

        return scored

    letters = []
    ask(lambda texts: letters.append(sum(map(len, texts))) or np.zeros(len(texts)), pairs)
    total = len(scorers) * sum(letters)
    return {name: follow(name, score) for name, score in scorers.items()}


def log_odds(probabilities):
    """ln(p / (1 - p)), float64, of probabilities kept 1e-7 off 0 and 1."""
    p = np.clip(np.asarray(probabilities, np.float64), 1e-7, 1 - 1e-7)
    return np.log(p / (1 - p))


def judge(score, pairs):
    """How a scorer does on pairs, by kind and distance.

    Returns:
        A list of dicts: kind, distance, pairs, `praise_but_blame` and `blame_but_praise` (share of the negative, of
        the positive texts judged right), `accuracy` (their mean), `both` (share of pairs with both right) and
        `ordered` (share of pairs whose positive text scores higher, ties half: no leaning to one verdict enters it);
        of asked pairs also `ordered_first` and `ordered_second`, by which half the text asks for.
    """
    negative = np.asarray(score([pair.negative for pair in pairs]))
    positive = np.asarray(score([pair.positive for pair in pairs]))
    # The same words summed in another order differ in their last digits: that is no difference.
    tied = np.isclose(negative, positive, rtol=0, atol=1e-6)
    ordered = np.where(tied, 0.5, positive > negative)
    rows = []
    for kind in KINDS:
        here = [index for index, pair in enumerate(pairs) if pair.kind == kind]
        groups = collections.defaultdict(list)
        for index in here:
            groups["any" if kind == "negation" else pairs[index].distance].append(index)
        for distance, members in groups.items():
            right = negative[members] <= 0, positive[members] > 0
            rows.append(
                {
                    "kind": kind,
                    "distance": distance,
                    "pairs": len(members),
                    "praise_but_blame": float(right[0].mean()),
                    "blame_but_praise": float(right[1].mean()),
                    "accuracy": float(np.mean(right)),
                    "both": float((right[0] & right[1]).mean()),
                    "ordered": float(ordered[members].mean()),
                }
            )
            for holds in ("first", "second") if kind == "asked" else ():
                those = [index for index in members if pairs[index].holds == holds]
                rows[-1][f"ordered_{holds}"] = float(ordered[those].mean()) if those else None
    return rows


def same_bags(texts):
    from seqzoo.data.tokenizer import tokenize

    first, *others = (collections.Counter(tokenize(text)) for text in texts)
    return all(other == first for other in others)


def table(results, figure, kinds=("turn", "negation")):
    """Markdown: one row a model, one column a distance and one for the negations."""
    results = {name: [row for row in rows if row["kind"] in kinds] for name, rows in results.items()}
    heads = ["negation" if row["kind"] == "negation" else f"{row['distance']} words" for row in next(iter(results.values()))]
    lines = [f"| {', '.join(kinds)}: {figure} | " + " | ".join(heads) + " |", "|---|" + "---|" * len(heads)]
    for name, rows in results.items():
        lines.append(f"| {name} | " + " | ".join(_percent(row[figure]) for row in rows) + " |")
    return "\n".join(lines)


def _percent(value):
    return "" if value is None else f"{100 * value:.0f} %"


def table_of_controls(controls):
    """Markdown: one row a model; at each distance the pull of the half before the filler, and of the one after it."""
    distances = list(next(iter(controls.values()))["by_distance"])
    lines = ["| pull, first / last | " + " | ".join(f"{d} words" for d in distances) + " | agreeing halves | halves alone |"]
    lines.append("|---|" + "---|" * (len(distances) + 2))
    for name, found in controls.items():
        rows = found["by_distance"].values()
        pulls = [f"{row['pull_first']:.1f} / {row['pull_last']:.1f}" for row in rows]
        shares = np.mean([row["agreeing"] for row in rows]), np.mean(list(found["halves_alone"].values()))
        lines.append(f"| {name} | " + " | ".join([*pulls, *(f"{100 * share:.0f} %" for share in shares)]) + " |")
    return "\n".join(lines)


def main(argv=None):
    arguments = parse(argv)
    check_installed("matplotlib", *["sklearn"] * arguments.baseline)
    import_tensorflow()
    from seqzoo.files import write_atomically
    from seqzoo.insight.figures import save_png
    from seqzoo.training.run_folder import RunFolder

    from .contrast_pairs import contrast_pairs
    from .contrast_picture import picture

    folder = RunFolder(arguments.output, {k: v for k, v in vars(arguments).items() if k not in ("data_dir", "output")})
    pairs = contrast_pairs(arguments.pairs, arguments.negations, arguments.seed)
    print(f"Loading {', '.join([*arguments.models, *['the reviews'] * arguments.baseline])} ...", flush=True)
    results, controls, probabilities = {}, {}, {}
    with ProgressLine(interval=5) as progress:
        for name, score in followed(load_scorers(arguments), pairs, progress).items():
            results[name], controls[name], probabilities[name] = ask(score, pairs)
    write_atomically(folder.path / "pairs.jsonl", "".join(json.dumps(pair._asdict()) + "\n" for pair in pairs))
    same = sum(same_bags([pair.negative, pair.positive]) for pair in pairs)
    figures = {
        "pairs": len(pairs),
        "pairs_that_are_one_bag_of_words": same,
        "headlines_are_one_bag_of_words": same_bags(HEADLINES),
        "results": results,
        "controls": controls,
        "probability_of_positive": {text: {n: p[i] for n, p in probabilities.items()} for i, text in enumerate(SINGLES)},
    }
    folder.write_json("metrics.json", figures)
    save_png(picture(results, controls), folder.path / "contrast.png")
    print(f"{same} of {len(pairs)} pairs are one bag of words: it must answer the same to both, half right at best.")
    for text, by_model in figures["probability_of_positive"].items():
        print(f"  {'  '.join(f'{name} {p:.3f}' for name, p in by_model.items())}  {text}")
    for name in ("accuracy", "praise_but_blame", "blame_but_praise", "ordered"):
        print("\n" + table(results, name))
    for name in ("ordered", "ordered_first", "ordered_second"):
        print("\n" + table(results, name, ["asked"]))
    print("\n" + table_of_controls(controls))
    print(f"\nPicture, metrics.json and pairs.jsonl: {folder.path}")


if __name__ == "__main__":
    sys.exit(run(main))
