"""`seqzoo page`."""

from seqzoo.cli.shared import print_json

NAME = "page"
HELP = "Make a page that runs models in the browser and shows every gate; it needs no server."


def add_arguments(command):
    command.add_argument("models", metavar="NAME", nargs="*", help="as for predict; those that read the same share a tab")
    command.add_argument("--output", metavar="DIR", required=True, help="the folder to make; open index.html in it")
    command.add_argument("--examples", metavar="FILE", help="what is offered first: a text a line, or a CSV of daily prices")
    command.add_argument("--litert", metavar="DIR", help="where `npm install @litertjs/core` was run: adds a check in LiteRT.js")
    command.add_argument("--overwrite", action="store_true", help="replace an earlier page there")


def run(arguments):
    from seqzoo.cli.shared import start_tensorflow

    start_tensorflow(*arguments.models)
    from seqzoo.page import make_page

    path = make_page(arguments.output, arguments.models, arguments.examples, arguments.litert, arguments.overwrite)
    if arguments.json:
        return print_json(
            {"path": str(path), "bytes": sum(file.stat().st_size for file in path.parent.rglob("*") if file.is_file())}
        )
    print(f"The page is {path}")
    return 0
