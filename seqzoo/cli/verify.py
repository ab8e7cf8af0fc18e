"""`seqzoo verify`."""

from seqzoo.cli.shared import add_model, print_json, start_tensorflow

NAME = "verify"
HELP = "Check a model's files, answers and, given the data, figures. Exit status 1 if something is wrong."
OPTIONS = {"epilog": "saved_model/ is a TensorFlow program and is run: verify models from sources that you trust."}


def add_arguments(command):
    add_model(command)
    command.add_argument("--data-dir", metavar="DIR", help="prepared data set, to recompute the test figures")


def run(arguments):
    start_tensorflow(arguments.model)
    from seqzoo.zoo import verify_model

    checks = verify_model(arguments.model, arguments.data_dir)
    ok = all(check.ok for check in checks)
    if arguments.json:
        print_json({"model": arguments.model, "ok": ok, "checks": [check._asdict() for check in checks]})
    else:
        for check in checks:
            print(f"{'ok    ' if check.ok else 'FAILED'}  {check.name}: {check.detail}")
        print(f"{arguments.model}: {sum(check.ok for check in checks)} of {len(checks)} checks passed")
    return 0 if ok else 1
