"""`seqzoo generate`."""

from seqzoo.cli.shared import add_model, load_for_few, one_line, print_json

NAME = "generate"
HELP = "Write on from a beginning, with a language model."


def add_arguments(command):
    add_model(command)
    command.add_argument("prompt", nargs="?", default="", help="the beginning; none lets the model begin")
    command.add_argument("--words", type=int, default=40, help="write at most so many (40)")
    command.add_argument("--temperature", type=float, default=0.8, help="below 1 likelier words, above 1 rarer (0.8)")
    command.add_argument("--seed", type=int, default=0, help="another seed gives another text (0)")


def run(arguments):
    model = load_for_few(arguments.model, NAME)
    options = {name: getattr(arguments, name) for name in ("words", "temperature", "seed")}
    text = model.generate(arguments.prompt, **options)
    if arguments.json:
        return print_json({"model": model.name, "prompt": arguments.prompt, **options, "text": text})
    print(one_line(text))
    return 0
