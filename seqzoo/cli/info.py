"""`seqzoo info`."""

from seqzoo.cli.shared import add_model, print_json

NAME = "info"
HELP = "Show a model's card: figures, baselines, training, data, limits."


def add_arguments(command):
    add_model(command)


def run(arguments):
    from seqzoo.zoo import open_card, render_readme

    _, card = open_card(arguments.model)
    if arguments.json:
        return print_json(card)
    print(render_readme(card), end="")
    return 0
