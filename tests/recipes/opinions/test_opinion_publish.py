"""What the card of a model of opinions says of how it was made."""

import json
import shlex

import pytest

from recipes.imdb.review_card import WIDER
from recipes.opinions import average, publish, train
from recipes.opinions.card import limits_of
from recipes.opinions.commands import commands_of, first_of, read_run

SAID = {"negation near": 0.9, "irony": 0.4}


def run_folder(path, encoder, **more):
    arguments = vars(train.parse(["--texts", "T", "--encoder", encoder]))
    arguments = {key: value for key, value in arguments.items() if key not in train.REPORTING}
    path.mkdir()
    (path / "config.json").write_text(json.dumps({"arguments": arguments | more}))
    (path / "metrics.json").write_text(json.dumps({"validation": {}}))
    return path


def test_the_commands_of_an_average_and_of_all_that_it_began_with(tmp_path):
    first = run_folder(tmp_path / "first", "imdb-lm")
    second = run_folder(tmp_path / "second", f"{first}/model", framed=900, share=["reviews=0.5", "pros cons=1"])
    runs = f"{first},{second}"
    mean = run_folder(tmp_path / "mean", f"{first}/model", framed=900, share=[], averaged=runs)
    lines = publish.command_line(publish.parse(["name", str(mean), "--texts", "T"]), None).splitlines()
    assert [line.split()[2] for line in lines] == [f"recipes.opinions.{of}" for of in "train train average publish".split()]
    assert [line.split(" --output ")[-1] for line in lines[:3]] == [str(first), str(second), str(mean)]
    again = train.parse(shlex.split(lines[1])[3:])
    assert again.framed == 900 and again.share == ["reviews=0.5", "pros cons=1"] and again.encoder == f"{first}/model"
    assert average.parse(shlex.split(lines[2])[3:]).runs == [first, second]


def test_the_commands_of_a_published_model_that_was_trained_further(tmp_path):
    older, published = run_folder(tmp_path / "older", "imdb-lm"), tmp_path / "published"
    commands = publish.command_line(publish.parse(["name", str(older), "--texts", "T"]), None)
    published.mkdir()
    card = {"name": "name", "command": commands, "search": [{"run": "older"}]}
    (published / "card.json").write_text(json.dumps(card))
    run = run_folder(tmp_path / "run", "name", share=[])
    arguments = publish.parse(["name", str(run), "--texts", "T", "--earlier", str(published)])
    earlier = publish.Earlier.of(arguments.earlier)
    assert earlier.encoder == "imdb-lm" and earlier.search == [{"run": "older"}]
    lines = publish.command_line(arguments, earlier).splitlines()
    assert [line.split()[2] for line in lines] == [f"recipes.opinions.{of}" for of in "train train publish".split()]
    assert f"--encoder {older}/model" in lines[1] and "--encoder imdb-lm" in lines[0]
    assert average.model_of(published) == published and average.model_of(run) == run / "model"
    mean = run_folder(tmp_path / "mean", "name", share=[], averaged=f"saved_models/name,{run}")
    lines = commands_of(mean, earlier)
    assert f"recipes.opinions.average {older} {run} " in lines[2] and len(lines) == 3
    (published / "card.json").write_text(json.dumps(card | {"command": "python -m recipes.imdb.train"}))
    with pytest.raises(ValueError, match="made by recipes.opinions.publish. Received: "):
        publish.Earlier.of(published)


def test_two_runs_that_began_alike_are_made_by_a_command_each(tmp_path):
    first = run_folder(tmp_path / "first", "imdb-lm", seed=5)
    both = [run_folder(tmp_path / name, f"{first}/model") for name in ("one", "other")]
    mean = run_folder(tmp_path / "mean", f"{first}/model", averaged=",".join(map(str, both)))
    last = run_folder(tmp_path / "last", f"{mean}/model")
    lines = commands_of(last)
    assert [line.split(" --output ")[-1] for line in lines] == [str(path) for path in (first, *both, mean, last)]
    assert first_of(read_run(last)[0]) == read_run(first)[0]


def test_an_average_needs_two_runs(capsys):
    with pytest.raises(SystemExit):
        average.parse(["a", "--texts", "T", "--output", "o"])
    assert "two different runs or more are needed. Received: a" in capsys.readouterr().err


def test_limits_say_what_it_began_with_and_what_it_reads_worse_than_by_chance():
    learned = {"made": 60000, "framed": 90000, "turned": 9000, "max_tokens": 400}
    told = limits_of({"encoder": "imdb-lstm-pretrained", **learned}, 0.8, SAID)
    assert told[0].startswith("Began with the text classifier imdb-lstm-pretrained,")
    assert any(line.startswith(WIDER) for line in told) and any("originals of counterfactual_dev" in line for line in told)
    assert any("60,000 sentences of a grammar, 90,000 of frames, 9,000 turns at a distance" in line for line in told)
    assert "Worse than by chance it reads: irony." in told
    plain = limits_of({"encoder": "imdb-lm", "made": 60000, "max_tokens": 400}, 0.8, {"irony": 0.6})
    assert plain[0].startswith("Began with the language model imdb-lm,")
    assert not any("counterfactual_dev" in line or "chance it reads" in line or "frames," in line for line in plain)
