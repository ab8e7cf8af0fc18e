"""Judge models of sentiment by phenomenon: negation near and far, turns, others' opinions, questions and more.

`python -m recipes.opinions.phenomena --models imdb-lstm imdb-lstm-pretrained`
"""

import sys

from seqzoo.quiet import import_tensorflow

from ..shared.command import Parser, run


def parse(argv=None):
    parser = Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--models", nargs="+", default=["imdb-rnn", "imdb-lstm"], metavar="NAME", help="as for `seqzoo predict`")
    add("--tried", action="store_true", help="judge by tried.txt, which may be looked at while frames are written")
    add("--wrong", action="store_true", help="list the texts that each model judges wrongly")
    add("--output", metavar="FILE", help="a JSON file to write the figures to")
    return parser.parse_args(argv)


def table(results):
    """Markdown: a row a phenomenon, a column a model, the mean over all texts last."""
    lines = ["| phenomenon | " + " | ".join(results) + " |", "|---|" + "---|" * len(results)]
    for name in next(iter(results.values())):
        lines.append(f"| {name.replace('_', ' ')} | " + " | ".join(f"{100 * of[name]:.1f} %" for of in results.values()) + " |")
    return "\n".join(lines)


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    import json

    from seqzoo.files import write_atomically
    from seqzoo.zoo import load_pretrained

    from .suite import PATH, TRIED, by_phenomenon, judged, read_suite

    sayings, results, wrong = read_suite(TRIED if arguments.tried else PATH), {}, {}
    for name in arguments.models:
        model = load_pretrained(name)
        probabilities = model.predict([saying.text for saying in sayings])
        right = judged(sayings, probabilities)
        results[model.name] = by_phenomenon(sayings, right) | {"all": float(right.mean())}
        wrong[model.name] = [(s, float(p)) for s, p, ok in zip(sayings, probabilities, right, strict=True) if not ok]
    print(table(results))
    if arguments.wrong:
        for name, rows in wrong.items():
            print(f"\n{name} is wrong on {len(rows)} of {len(sayings)}:")
            print("\n".join(f"  {p:.3f}  {saying.phenomenon}: {saying.text}" for saying, p in rows))
    if arguments.output:
        write_atomically(arguments.output, json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(run(main))
