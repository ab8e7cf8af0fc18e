"""`seqzoo predict --runner`: files of any number through a pipeline of Apache Beam."""

import importlib
import json
import logging
import sys

from seqzoo.cli.shared import check_command, print_json

OPTIONS = ("column", "encoding", "format", "prefix", "overwrite")


def add_arguments(command):
    command.add_argument(
        "--runner",
        metavar="RUNNER",
        help="score by Apache Beam (extra beam): --input may be a pattern of CSV, JSON lines, Parquet or TFRecord files, "
        "--output is a folder; DirectRunner is this machine. What else stands here goes to Beam, such as "
        "--direct_num_workers=2",
    )
    command.add_argument("--format", metavar="KIND", help="of the input, with --runner: csv, jsonl, parquet, tfrecord (by name)")
    command.set_defaults(passed_on=[])


def run(arguments):
    check_command(arguments.model, "predict")
    logging.getLogger().setLevel(logging.ERROR)  # Beam says much, from its import on
    importlib.import_module("seqzoo.scoring.beam")  # which names the extra where Beam is not there
    from seqzoo.scoring.beam_run import how_to_go_on_in, score_files

    options = {name: getattr(arguments, name) for name in OPTIONS if getattr(arguments, name) is not None}
    try:
        found = score_files(
            arguments.model,
            arguments.input,
            arguments.output,
            options=[f"--runner={arguments.runner}", *arguments.passed_on],
            **options,
        )
    except KeyboardInterrupt:
        print(f"Stopped. {how_to_go_on_in(arguments.output)}", file=sys.stderr)
        raise
    for path, reason in found["unreadable"].items():
        print(f"seqzoo: warning: {path} was not read to its end: {json.dumps(reason)}", file=sys.stderr)
    status = 1 if found["unreadable"] else 0
    if arguments.json:
        print_json({"model": arguments.model, "path": arguments.output, **found})
        return status
    before = f", {found['resumed']:,} of them by an earlier run" if found["resumed"] else ""
    count = sum(not name.startswith("failed/") for name in found["files"])
    files = f"{count:,} file{'s' * (count != 1)}"
    print(
        f"{arguments.output}: {found['rows']:,} rows{before} in {files}, {found['failed']:,} not scored "
        f"({arguments.output}/failed says why). Columns added: {', '.join(found['columns'].values())}"
    )
    return status
