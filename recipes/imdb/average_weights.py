"""Make one model of several by averaging their weights.

`python -m recipes.imdb.average_weights RUN RUN ... --output RUN`

Runs that begin with the same trained model (`recipes.imdb.sentiment --encoder RUN/model`) and differ in their seed end in
one valley of the loss; its middle errs less than its slopes, and answers as fast as one model (stochastic weight averaging,
Izmailov et al. 2018, arXiv:1803.05407; model soups, Wortsman et al. 2022, arXiv:2203.05482). What comes out is a run folder
like those it was made of.
"""

import sys
from pathlib import Path

from seqzoo.quiet import import_tensorflow

from ..shared.command import Parser, run
from .copies import add_without, judging


def parse(argv=None):
    parser = Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=Path, help="finished runs of recipes.imdb.sentiment, two or more")
    add_without(parser)
    parser.add_argument("--output", type=Path, required=True, help="run folder")
    parser.add_argument("--data-dir", help="where tensorflow-datasets prepared IMDB")
    arguments = parser.parse_args(argv)
    if len(set(arguments.runs)) < max(2, len(arguments.runs)):
        parser.error(f"two different runs or more are needed. Received: {' '.join(map(str, arguments.runs))}")
    return arguments


def average(models):
    """The first of the text classifiers with the mean of all their weights.

    Raises:
        ValueError: for models of another architecture, vocabulary or classes than the first's.
    """
    first, *others = models
    same = [name for name in first.config if name not in ("seed", "word_dropout", "embedding_dropout", "dropout", "max_tokens")]
    for other in others:
        differing = [name for name in same if other.config.get(name) != first.config[name]]
        if differing or other.vocabulary != first.vocabulary or other.classes != first.classes:
            raise ValueError(
                "The models must have one architecture, one vocabulary and the same classes. Received: "
                f"{', '.join(differing) or 'vocabularies or classes'} that differ"
            )
    tensors = [model.tensors() for model in models]
    first.load_tensors({name: sum(of[name] for of in tensors) / len(tensors) for name in tensors[0]})
    return first


def make(arguments):
    """Average the runs' models, measure the result on the validation reviews, if there are any, and write its run folder."""
    import seqzoo
    from seqzoo.data.reviews import load_reviews
    from seqzoo.zoo.folder import as_stored

    from ..publishing.chain import read_arguments

    made_with = read_arguments(arguments.runs[0])
    reviews = load_reviews(made_with["data"], arguments.data_dir, made_with["validation"])
    model = as_stored(average([seqzoo.load_pretrained(path / "model") for path in arguments.runs]), "float16")
    told = {**made_with, "averaged": ",".join(map(str, arguments.runs))}
    keep(model, told, reviews, arguments.without, arguments.output)


def keep(model, made_with, reviews, without, output):
    """Measure a model that was made of others and write its run folder.

    Args:
        model: `TextClassifier`, as it is stored.
        made_with: dict, the arguments that say how it came about.
        reviews: `seqzoo.data.reviews.Reviews` that its card tells of.
        without: None, or the CSV file of the validation reviews that do not judge it; see `recipes.imdb.copies.judging`.
        output: the folder.
    """
    from seqzoo.tasks.text_classification.figures import measure
    from seqzoo.training.run_folder import RunFolder
    from seqzoo.zoo.folder import save_folder

    from .review_card import GOLDEN_TEXTS, recipe_command, review_card

    made_with = {name: value for name, value in made_with.items() if name != "without"}
    if without:
        made_with["without"] = without.name
    metrics = {"parameters": model.count_parameters(), "baselines": [], "history": []}
    validation = judging(reviews, without)
    if validation.texts:
        metrics["validation"] = measure(model, *validation)
        print(f"validation accuracy {metrics['validation']['accuracy']:.4f} of {len(validation.texts):,} reviews")
    folder = RunFolder(output, made_with)
    folder.write_json("metrics.json", metrics)
    name = f"{made_with['data']}-{model.config['cell']}-{made_with['seed']}"
    card = review_card(name, folder.arguments, reviews, metrics, command=recipe_command(folder.arguments), config=model.config)
    save_folder(model, folder.path / "model", card, GOLDEN_TEXTS, overwrite=True, saved_model=False)
    print(f"Run: {folder.path}   model: {folder.path / 'model'}")


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    return run(make, arguments)


if __name__ == "__main__":
    sys.exit(run(main))
