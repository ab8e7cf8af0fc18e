import json

import pytest

from seqzoo.zoo import CardError, ModelIntegrityError, find_model, read_card, render_readme
from seqzoo.zoo.card import COMPUTED, dump_json, validate_card
from seqzoo.zoo.integrity import stays_inside
from tests import tiny

COMPLETE = tiny.card(
    format=1,
    task="text-classification",
    architecture={"cell": "lstm", "units": 3, "bidirectional": False},
    parameters=1234567,
    weights_dtype="float16",
    versions={"python": "3.11.0"},
    files={"weights.safetensors": {"sha256": "a" * 64, "bytes": 10}},
)


def changed(path, value):
    """COMPLETE with the field at `a.b.c` set, or taken away when the value is ..."""
    card = json.loads(json.dumps(COMPLETE))
    place = card
    *parents, last = path.split(".")
    for parent in parents:
        place = place[int(parent) if isinstance(place, list) else parent]
    last = int(last) if isinstance(place, list) else last
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return card


def test_a_complete_card_is_valid_and_unknown_fields_are_ignored():
    validate_card(COMPLETE)
    validate_card(COMPLETE | {"from_the_future": 1})
    validate_card(tiny.card(), optional=COMPUTED)


@pytest.mark.parametrize("name", sorted(set(COMPLETE) - {"limits"}))
def test_a_missing_field_is_named(name):
    with pytest.raises(CardError, match=f"needs .*Received: no {name}$"):
        validate_card(changed(name, ...))


@pytest.mark.parametrize(
    "path, value, valid",
    [
        ("format", 2, "`format` in the card must be 1. Received: 2"),
        ("format", True, "must be 1. Received: True"),
        (
            "task",
            "poetry",
            "'text-classification' or 'text-generation' or 'stock-volatility' or 'stock-quantiles' or 'keyword-spotting'. "
            "Received: 'poetry'",
        ),
        ("weights_dtype", "int8", "must be 'float16' or 'float32'. Received: 'int8'"),
        ("name", "../x", "`name` in the card must be of letters"),
        ("name", "", "`name` in the card must be of letters"),
        ("parameters", -1, "a whole number"),
        ("parameters", True, "a whole number"),
        ("architecture", [], "an object. Received: []"),
        ("metrics.test.accuracy", "0.9", "`metrics.test.accuracy` in the card must be a finite number"),
        ("metrics.test.accuracy", float("nan"), "a finite number"),
        (
            "metrics.test.loss",
            ...,
            "`metrics.test` in the card needs accuracy, loss, examples. Received: no loss",
        ),
        ("metrics.seeds.0", None, "`metrics.seeds.0` in the card must be a finite number"),
        ("baselines", {}, "a list"),
        ("baselines.0.parameters", 1.5, "`baselines[0].parameters` in the card must be a whole number"),
        ("search.1", 3, "`search[1]` in the card must be an object"),
        ("data.splits.test.fingerprint", 3, "`data.splits.test.fingerprint` in the card must be a text"),
        ("limits", "none", "a list"),
        ("files.weights.safetensors", 3, "an object"),
    ],
)
def test_a_wrong_field_is_named_with_what_is_valid(path, value, valid):
    if path == "files.weights.safetensors":
        card = COMPLETE | {"files": {"weights.safetensors": value}}
    else:
        card = changed(path, value)
    with pytest.raises(CardError) as caught:
        validate_card(card)
    assert valid in str(caught.value) and "Received: " in str(caught.value)


ESCAPES = ["../x", "a/../../x", "/etc/passwd", "..", "", ".", "C:\\x", "C:/x", "..\\x", "\\\\host\\x", "a\0b"]


@pytest.mark.parametrize("path", ESCAPES)
def test_paths_that_leave_the_folder_are_refused(path):
    assert not stays_inside(path)
    with pytest.raises(ModelIntegrityError, match="inside the model's folder. Received: "):
        validate_card(COMPLETE | {"files": {path: {"sha256": "a", "bytes": 1}}})


def test_paths_in_the_folder_are_fine():
    assert all(
        map(
            stays_inside,
            ["a", "a/b.c", "..a", "a..b/c", "saved_model/variables/variables.data-00000-of-00001"],
        )
    )


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[" * 100_000, b"\xff{}", b'{"seed": NaN}', b"[]", b"{}", b'"card"', b" " * 2_000_000],
)
def test_a_file_that_is_no_card_is_refused(tmp_path, data):
    (tmp_path / "card.json").write_bytes(data)
    with pytest.raises(CardError, match="Received: "):
        read_card(tmp_path)


def test_a_folder_without_a_card(tmp_path):
    with pytest.raises(ModelIntegrityError, match="holds card.json. Received: "):
        read_card(tmp_path)


def test_written_cards_are_read_back(tmp_path):
    card = COMPLETE | {"summary": "caf\u00e9 \U0001f600 \ud800"}
    (tmp_path / "card.json").write_bytes(dump_json(card))
    assert read_card(tmp_path) == card
    with pytest.raises(ValueError, match="JSON"):
        dump_json({"loss": float("nan")})


def test_the_readme_says_what_the_card_says():
    text = render_readme(COMPLETE)
    assert text == render_readme(json.loads(json.dumps(COMPLETE)))
    for part in (
        "# tiny\n",
        'seqzoo.load_pretrained("tiny")',
        "| **tiny** | test | 75.00 % | 1,234,567 |",
        "| bag \\| of words | test | 50.00 % | 12 |",
        "It beats bag | of words by 25.00 points.",
        "75.00 % (seed 0), 50.00 % (seed 1); spread 25.00 points",
        "| learning_rate | validation_accuracy | clip |",
        "| 0.2 |  | 1 |",
        "python -m tests.tiny",
        "Citation: The authors of this test.",
        "- Knows a dozen words.",
        f"| `weights.safetensors` | 10 | `{'a' * 64}` |",
    ):
        assert part in text


@pytest.mark.parametrize(
    "accuracy, verdict", [(0.8, "It loses to bag | of words by 5.00 points."), (0.75, "It equals bag | of words.")]
)
def test_the_readme_says_whether_the_baseline_is_beaten(accuracy, verdict):
    baseline = COMPLETE["baselines"][0] | {"accuracy": accuracy}
    assert f"\n{verdict}\n" in render_readme(COMPLETE | {"baselines": [baseline]})
    assert verdict not in render_readme(COMPLETE | {"baselines": [baseline | {"split": "validation"}]})


def own(task="text-classification", **changes):
    """A card that `save_folder` wrote of a model of somebody's own."""
    card = read_card(tiny.shared_folder() / "tiny")
    return card | {"task": task} | changes


def test_the_readme_of_ones_own_model_says_nothing_that_is_false():
    card = own(name="tickets")
    card["architecture"]["classes"] = ["bug", "question", "praise"]
    text = render_readme(card)
    assert 'seqzoo.load_pretrained("FOLDER")  # the path of this folder' in text and 'load_pretrained("tickets")' not in text
    assert "# [texts, 3]: for each text the probability of bug, question and praise" in text and "positive" not in text
    assert "prepared copy" not in text and "`seqzoo verify FOLDER`" in text
    card["architecture"]["classes"] = ["no", "yes"]
    assert "# probability of yes, one per text" in render_readme(card)


@pytest.mark.parametrize("name", ["imdb-lstm", "imdb-lm", "stock-volatility-rnn"])
def test_one_of_the_zoo_is_named_and_the_same_of_ones_own_is_not(name):
    card = read_card(find_model(name))
    assert f'load_pretrained("{name}")  # or the path' in render_readme(card)
    assert render_readme(card | {"published": True}) == render_readme(card)
    mine = render_readme(card | {"published": False})
    use = mine[mine.index("## Use") : mine.index("## Figures")]
    assert name not in use and "FOLDER" in use
    with pytest.raises(CardError, match="`published` in the card must be true or false. Received: 'yes'"):
        validate_card(card | {"published": "yes"})


def test_the_readme_does_not_depend_on_its_own_hash():
    files = COMPLETE["files"] | {"README.md": {"sha256": "b" * 64, "bytes": 5}}
    assert render_readme(COMPLETE | {"files": files}) == render_readme(COMPLETE)


def test_the_readme_of_a_card_without_figures():
    card = COMPLETE | {"metrics": {}, "baselines": [], "search": []}
    assert "None were measured." in render_readme(card) and "What was tried" not in render_readme(card)
