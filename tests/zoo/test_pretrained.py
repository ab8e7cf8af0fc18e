"""Every model that is registered is tested: putting a folder into saved_models/ is enough."""

import pytest

from seqzoo.zoo import list_pretrained, read_card, verify_model
from seqzoo.zoo.registry import find_model

MEGABYTE = 2**20


@pytest.mark.parametrize("name", list_pretrained())
def test_files_answers_and_parameters_are_as_the_card_says(name):
    checks = verify_model(name)
    assert [check for check in checks if not check.ok] == []
    names = [check.name for check in checks]
    assert {
        "parameters",
        "golden outputs",
        "golden outputs, SavedModel",
        "README.md is made from card.json",
    } <= set(names)


@pytest.mark.parametrize("name", list_pretrained())
def test_the_card_stands_up_to_a_reader(name):
    folder = find_model(name)
    card = read_card(folder)
    assert card["name"] == name == folder.name
    split = "held_out" if card["task"] == "text-generation" else "test"
    assert any(baseline["split"] == split for baseline in card["baselines"]), "no figure without a baseline"
    assert card["metrics"][split]["examples"] == card["data"]["splits"][split]["examples"]
    seeds = len(card["metrics"].get("seeds", ()))
    assert seeds >= 3 or ("two seeds" if seeds == 2 else "one seed") in " ".join(card.get("limits", [])).lower()
    assert card["search"] or split == "held_out"  # a language model's settings were not searched for
    assert card["command"] and card["data"]["citation"] and card["data"]["terms"]
    assert size(folder) < 30 * MEGABYTE


def test_all_models_together_stay_small():
    assert sum(size(find_model(name)) for name in list_pretrained()) < 120 * MEGABYTE


def size(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
