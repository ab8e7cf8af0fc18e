"""Short- against long-range dependence in sentiment, measured: `python -m recipes.contrast --data-dir DIR`.

Models judge pairs of reviews that hold the same words in another order and mean the opposite
(`recipes.contrast_pairs`), the two halves 5 to 200 words apart. A bag of words answers the same to both of a pair.
"""

import collections
import json
import sys

import numpy as np

from recipes.command import Parser, check_installed, run, whole
from seqzoo.quiet import import_tensorflow

HEADLINES = ("Market falls into bear territory", "Bear falls into market territory")
REVIEW = "The movie started off great with an engaging plot... but by the end, it became boring and predictable"
BASELINE = "bag of bigrams"


def parse(argv=None):
    parser = Parser(prog="python -m recipes.contrast", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--models", nargs="+", default=["imdb-rnn", "imdb-lstm"], metavar="NAME", help="as for `seqzoo predict`")
    add("--data", choices=["imdb", "sample"], default="imdb", help="what the bag of bigrams learns from")
    add("--data-dir", help="where tensorflow-datasets prepared IMDB (else TFDS_DATA_DIR, else download)")
    add("--no-baseline", dest="baseline", action="store_false", help="leave the bag of bigrams out")
    add("--pairs", type=whole(1), default=70, help="pairs at each distance")
    add("--negations", type=whole(0), default=60, help="pairs around a negation")
    add("--seed", type=whole(0), default=0, help="of the pairs")
    add("--output", default="runs/contrast", help="the folder to make")
    return parser.parse_args(argv)


def load_scorers(arguments):
    """By name a function from a list of texts to log-odds of positive; probability one half is log-odds zero."""
    from seqzoo.zoo import load_pretrained

    scorers = {}
    for name in arguments.models:
        model = load_pretrained(name)
        scorers[model.name] = lambda texts, model=model: _log_odds(model.predict(texts))
    if arguments.baseline:
        from recipes.bag_of_bigrams import train_bag_of_bigrams
        from seqzoo.data.reviews import load_reviews

        scorers[BASELINE] = train_bag_of_bigrams(*load_reviews(arguments.data, arguments.data_dir).train).score
    return scorers


def _log_odds(probabilities):
    p = np.clip(np.asarray(probabilities, np.float64), 1e-7, 1 - 1e-7)
    return np.log(p / (1 - p))


def judge(score, pairs):
    """How a scorer does on pairs, by kind and distance.

    Returns:
        A list of dicts: kind, distance, pairs, `praise_but_blame` and `blame_but_praise` (share of the negative, of
        the positive texts judged right), `accuracy` (their mean), `both` (share of pairs with both right) and
        `ordered` (share of pairs whose positive text scores higher, ties half: no leaning to one verdict enters it).
    """
    negative = np.asarray(score([pair.negative for pair in pairs]))
    positive = np.asarray(score([pair.positive for pair in pairs]))
    # The same words summed in another order differ in their last digits: that is no difference.
    tied = np.isclose(negative, positive, rtol=0, atol=1e-6)
    ordered = np.where(tied, 0.5, positive > negative)
    rows = []
    for kind in ("turn", "negation"):
        here = [index for index, pair in enumerate(pairs) if pair.kind == kind]
        groups = collections.defaultdict(list)
        for index in here:
            groups[pairs[index].distance if kind == "turn" else "any"].append(index)
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
    return rows


def same_bags(texts):
    from seqzoo.data.tokenizer import tokenize

    first, *others = (collections.Counter(tokenize(text)) for text in texts)
    return all(other == first for other in others)


def table(results, figure):
    """Markdown: one row a model, one column a distance and one for the negations."""
    rows = next(iter(results.values()))
    heads = [f"{row['distance']} words" if row["kind"] == "turn" else "negation" for row in rows]
    lines = [f"| {figure} | " + " | ".join(heads) + " |", "|---|" + "---|" * len(heads)]
    for name, rows in results.items():
        lines.append(f"| {name} | " + " | ".join(f"{100 * row[figure]:.0f} %" for row in rows) + " |")
    return "\n".join(lines)


def picture(results):
    """Accuracy of single texts (left) and share of pairs in the right order (right) against distance."""
    from seqzoo.insight.figures import BLACK, BLUE, GREEN, ORANGE, PURPLE, new_figure

    figure = new_figure(10, 3.8)
    axes = figure.subplots(1, 2, sharey=True)
    titles = {"accuracy": "Texts judged right", "ordered": "Pairs put in the right order"}
    for axis, (name, title) in zip(axes, titles.items()):
        for (model, rows), color, style in zip(
            results.items(), (ORANGE, BLUE, GREEN, PURPLE) * len(results), ("o-", "s--", "^:", "D-.") * len(results)
        ):
            points = [(row["distance"], row[name]) for row in rows if row["kind"] == "turn"]
            axis.semilogx(*zip(*points), style, color=color, label=model)
        distances = [point[0] for point in points]
        axis.axhline(0.5, color=BLACK, lw=1, ls=":", label="bag of words (same answer to both)")
        axis.set_xticks(distances, distances)
        axis.minorticks_off()
        axis.set_ylim(-0.02, 1.02)
        axis.set_title(title)
        axis.set_xlabel("words between praise and blame")
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("share")
    axes[0].legend()
    return figure


def main(argv=None):
    arguments = parse(argv)
    check_installed("matplotlib", *["sklearn"] * arguments.baseline)
    import_tensorflow()
    from recipes.contrast_pairs import contrast_pairs
    from seqzoo.files import write_atomically
    from seqzoo.insight.figures import save_png
    from seqzoo.training.run_folder import RunFolder

    folder = RunFolder(arguments.output, {k: v for k, v in vars(arguments).items() if k not in ("data_dir", "output")})
    pairs = contrast_pairs(arguments.pairs, arguments.negations, arguments.seed)
    scorers = load_scorers(arguments)
    results = {name: judge(score, pairs) for name, score in scorers.items()}
    singles = [*HEADLINES, REVIEW]
    probabilities = {name: (1 / (1 + np.exp(-score(singles)))).tolist() for name, score in scorers.items()}
    write_atomically(folder.path / "pairs.jsonl", "".join(json.dumps(pair._asdict()) + "\n" for pair in pairs))
    same = sum(same_bags([pair.negative, pair.positive]) for pair in pairs)
    figures = {
        "pairs": len(pairs),
        "pairs_that_are_one_bag_of_words": same,
        "headlines_are_one_bag_of_words": same_bags(HEADLINES),
        "results": results,
        "probability_of_positive": {text: {n: p[i] for n, p in probabilities.items()} for i, text in enumerate(singles)},
    }
    folder.write_json("metrics.json", figures)
    save_png(picture(results), folder.path / "contrast.png")
    print(f"{same} of {len(pairs)} pairs are one bag of words: it must answer the same to both, half right at best.")
    for text, by_model in figures["probability_of_positive"].items():
        print(f"  {'  '.join(f'{name} {p:.3f}' for name, p in by_model.items())}  {text}")
    for name in ("accuracy", "praise_but_blame", "blame_but_praise", "ordered"):
        print("\n" + table(results, name))
    print(f"\nPicture, metrics.json and pairs.jsonl: {folder.path}")


if __name__ == "__main__":
    sys.exit(run(main))
