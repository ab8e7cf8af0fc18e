"""`--distribute` of the recipes, on two workers of this machine; the page's two lines among them."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests import tiny
from tests.training.distributed.fleet import Fleet

PAGE = Path(__file__).resolve().parents[3] / "docs" / "several-machines.md"
SMALL = (
    "--units 4 --embedding-size 4 --max-tokens 32 --epochs 1 --batch-size 128 --word-vectors none --no-baseline --no-saved-model"
)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    pytest.importorskip("matplotlib", reason="needs seqzoo[plot]")
    fleet = Fleet(tmp_path_factory.mktemp("recipes"))
    yield fleet
    fleet.close()


def newest(folder):
    return load_file(max((folder / "checkpoints").glob("step-*.safetensors")))


def test_the_two_lines_of_the_page(fleet):
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("TF_CONFIG=")]
    words = [shlex.split(line) for line in lines]
    configs = [json.loads(line[0].removeprefix("TF_CONFIG=")) for line in words]
    assert [config["task"] for config in configs] == [{"type": "worker", "index": n} for n in (0, 1)]
    assert configs[0]["cluster"] == configs[1]["cluster"] and words[0][1:] == words[1][1:]
    assert words[0][1:4] == ["seqzoo", "recipe", "imdb.sentiment"]
    outputs = [fleet.folder / "run", fleet.folder / "nothing"]
    arguments = tuple([*words[n][4:], *SMALL.split(), "--output", str(outputs[n])] for n in (0, 1))
    workers = fleet.run("recipe", 2, module="recipes.imdb.sentiment", arguments=arguments)
    (figures,) = json.loads((outputs[0] / "metrics.json").read_text())["history"]
    assert {"loss", "validation_accuracy", "validation_loss"} < set(figures) and (outputs[0] / "model/card.json").exists()
    assert not outputs[1].exists(), "only the chief writes"
    assert "epoch 1/1" in workers[0].said() and "epoch" not in workers[1].said()


def test_workers_go_on_from_a_trained_classifier(fleet):
    """Loading it checks its golden answers, which a model within the strategy gave once for each worker."""
    encoder = tiny.copy_to(fleet.folder / "begun")
    options = f"--data sample --encoder {encoder} --max-tokens 12 --epochs 1 --batch-size 512 --no-baseline --no-saved-model"
    given = [*options.split(), "--distribute", "multiworker", "--output", str(fleet.folder / "further")]
    fleet.run("recipe", 2, module="recipes.imdb.sentiment", arguments=given)
    assert json.loads((fleet.folder / "further" / "metrics.json").read_text())["history"]


@pytest.mark.slow
def test_the_forecaster_is_that_of_one_process(fleet):
    options = "--data sample --task volatility --units 3 --epochs 1 --batch-size 512 --no-report --weight-decay 0.01".split()
    given = {"module": "recipes.stocks.forecast"}
    fleet.run("recipe", 0, arguments=[*options, "--output", str(fleet.folder / "alone")], **given)
    together = [*options, "--output", str(fleet.folder / "together"), "--distribute", "multiworker"]
    fleet.run("recipe", 2, arguments=together, **given)
    one, two = (newest(fleet.folder / name / "volatility") for name in ("alone", "together"))
    weights = [name for name in one if re.search("kernel|bias", name)]
    assert one.keys() == two.keys() and len(weights) >= 15, "weights and both moments of AdamW"
    for name in weights:
        np.testing.assert_allclose(two[name], one[name], atol=1e-5, rtol=0, err_msg=name)


@pytest.mark.slow
def test_the_language_model_carries_the_states_of_all_rows(fleet):
    options = (
        "--data sample --vocabulary-size 300 --units 4 --embedding-size 4 --head 50 --draws 20 --epochs 1 --batch-size 64 "
        "--time-steps 64 --precision float32 --samples 0 --no-baseline --no-saved-model --distribute multiworker"
    ).split()
    output = fleet.folder / "language"
    workers = fleet.run("recipe", 2, module="recipes.imdb.language_model", arguments=[*options, "--output", str(output)])
    carried = [value for name, value in newest(output).items() if "carried" in name]
    assert [value.shape for value in carried] == [(64, 4)] * 2 and all(np.ptp(value, axis=0).min() > 0 for value in carried)
    assert "perplexity" in workers[0].said()
    # Another worker's arguments: refused before anything is trained.
    other = [*options, "--output", str(fleet.folder / "refused")]
    ends = fleet.start(
        "recipe_by_name", 2, module="recipes.imdb.language_model", arguments=(other, [*other, "--learning-rate", "0.5"])
    )
    assert [worker.wait() for worker in ends] == [2, 2]
    for worker in ends:
        assert "argument learning_rate 0.5 (the chief: 0.002)" in worker.said() and "worker 1 (" in worker.said()


@pytest.mark.parametrize("module", ["recipes.imdb.sentiment", "recipes.stocks.forecast"])
def test_without_tf_config_it_is_said_what_it_must_be(fleet, module):
    (worker,) = fleet.start("recipe_by_name", 0, module=module, arguments=["--data", "sample", "--distribute", "multiworker"])
    assert worker.wait() == 2 and "error: `TF_CONFIG` must name every worker" in worker.said()
