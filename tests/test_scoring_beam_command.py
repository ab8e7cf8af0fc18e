"""`seqzoo predict --runner`: what goes to Beam, what is ours, what is said."""

import json
from pathlib import Path

import pytest

from seqzoo import cli

FILES = ["--input", "in-*.csv", "--output", "out"]


@pytest.fixture
def asked(monkeypatch):
    """What `score_files` is asked, without a run."""
    beam_run = pytest.importorskip("seqzoo.scoring.beam_run", reason="needs seqzoo[beam]", exc_type=ImportError)
    found = []

    def score_files(*arguments, **options):
        found.append((arguments, options))
        columns = {"probability": "probability", "label": "label"}
        counts = {"rows": 9, "failed": 2, "resumed": 3, "columns": columns, "files": {"a.csv": 7, "failed/a.csv.jsonl": 2}}
        return counts | {"unreadable": {}, "seconds": 1.0}

    monkeypatch.setattr(beam_run, "score_files", score_files)
    return found


def test_options_that_are_none_of_ours_go_to_the_runner(asked, capsys):
    others = ["--flink_master", "localhost:8081", "--parallelism=4", "--streaming", "--experiments", "a=b"]
    arguments = [
        "predict",
        "--json",
        "imdb-rnn",
        *FILES,
        "--runner",
        "FlinkRunner",
        *others,
        "--column",
        "review",
        "--prefix",
        "my_",
    ]
    assert cli.main(arguments) == 0
    ((given, options),) = asked
    assert given == ("imdb-rnn", "in-*.csv", "out")
    flags = ["--runner=FlinkRunner", "--flink_master=localhost:8081", "--parallelism=4", "--streaming", "--experiments=a=b"]
    assert options == {"options": flags, "column": "review", "prefix": "my_"}
    assert json.loads(capsys.readouterr().out)["rows"] == 9


def test_the_answer_is_one_line(asked, capsys):
    assert cli.main(["predict", "imdb-rnn", *FILES, "--runner=DirectRunner", "--overwrite", "--format", "csv"]) == 0
    assert asked[0][1] == {"options": ["--runner=DirectRunner"], "overwrite": True, "format": "csv"}
    assert capsys.readouterr().out == (
        "out: 9 rows, 3 of them by an earlier run in 1 file, 2 not scored (out/failed says why). "
        "Columns added: probability, label\n"
    )


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--runner", "DirectRunner", "a text"], "--runner goes with --input and --output"),
        (["--format", "csv", *FILES], "--format with --runner"),
        (["--direct_num_workers=2", *FILES], "unrecognized arguments: --direct_num_workers=2"),
        (["--runner", "DirectRunner", "--input", "in.csv"], "--input CSV with --output CSV"),
    ],
)
def test_what_does_not_go_together_is_said(arguments, message, capsys):
    assert cli.main(["predict", "imdb-rnn", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_model_of_another_kind_is_refused(capsys):
    assert cli.main(["predict", "imdb-lm", *FILES, "--runner", "DirectRunner"]) == 2
    assert "use `seqzoo generate`" in capsys.readouterr().err


def test_a_run_and_a_file_that_breaks_off(monkeypatch, tmp_path, capsys):
    pytest.importorskip("apache_beam", reason="needs seqzoo[beam]")
    from seqzoo.scoring import beam_pipeline
    from tests.beam_found import CountingHandler

    monkeypatch.setattr(beam_pipeline, "PretrainedModelHandler", CountingHandler)
    monkeypatch.chdir(tmp_path)
    Path("in-0.csv").write_text('text\na b c\n \n"never closed\n')
    assert cli.main(["predict", "imdb-rnn", *FILES, "--runner", "DirectRunner", "--json"]) == 1
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert (found["rows"], found["failed"], found["path"], found["model"]) == (2, 1, "out", "imdb-rnn")
    assert "in-0.csv was not read to its end" in printed.err and "unexpected end of data" in printed.err
    assert Path("out/in-0.csv").read_text() == "text,probability,label\na b c,0.300000,negative\n"
