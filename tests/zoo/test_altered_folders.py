"""Folders in which a card was changed alone, or states sizes that nobody has: refused, at once, by name."""

import json
import os
import random
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

import seqzoo
from seqzoo.files import sha256_of
from seqzoo.tasks import get_task
from seqzoo.zoo import CardError, ModelIntegrityError, list_pretrained, load_pretrained, read_card, render_readme
from seqzoo.zoo.pins import open_card, pins
from seqzoo.zoo.quick import load_quick
from seqzoo.zoo.readme import headline
from seqzoo.zoo.registry import find_model
from seqzoo.zoo.verify import has_data
from tests import tiny
from tests.zoo.card_fuzz import mutated, places

ZOO = Path(seqzoo.__file__).parents[1] / "saved_models"


@pytest.fixture
def folder(tmp_path):
    return tiny.copy_to(tmp_path)


@pytest.fixture
def stock(tmp_path):
    """A copy of a forecaster, and the way to change its card."""
    return shutil.copytree(ZOO / "stock-quantiles-lstm", tmp_path / "mine", ignore=shutil.ignore_patterns("saved_model"))


def edit(folder, change):
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    change(card)
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")


@pytest.mark.parametrize("load", [load_pretrained, load_quick])
def test_a_card_that_reads_fewer_words_than_the_model_is_refused(folder, load):
    assert load(folder).name == "tiny"
    edit(folder, lambda card: card["architecture"].update(max_tokens=1))
    with pytest.raises(
        ModelIntegrityError, match=r"must answer as its golden.json says: its card.json was changed.*Received: \["
    ):
        load(folder)


@pytest.mark.parametrize("change", [{"calibration": [1.0, 1.0]}, {"calibration": [0.9794, 1.09]}])
def test_a_card_with_another_calibration_is_refused(stock, change):
    edit(stock, lambda card: card["architecture"].update(change))
    with pytest.raises(ModelIntegrityError, match="must answer as its golden.json"):
        load_pretrained(stock)


def test_a_pooling_of_the_same_size_is_noticed(tmp_path):
    from seqzoo.zoo import save_folder

    save_folder(tiny.model(pooling="max"), tmp_path / "m", tiny.card(), tiny.TEXTS, saved_model=False)
    edit(tmp_path / "m", lambda card: card["architecture"].update(pooling="mean"))
    with pytest.raises(ModelIntegrityError, match="must answer as"):
        load_pretrained(tmp_path / "m")


def test_loading_leaves_the_network_as_it_was(folder):
    network = load_pretrained(folder).network
    assert network.run_eagerly is False
    assert {layer.fused for layer in network._flatten_layers() if hasattr(layer, "fused")} == {"auto"}


@pytest.mark.parametrize("name", list_pretrained())
def test_the_shapes_that_a_task_states_are_those_of_its_model(name):
    model = load_pretrained(name)
    stated = dict(get_task(model.card["task"]).weight_shapes(model.card["architecture"]))
    assert stated == {tensor: value.shape for tensor, value in model.tensors().items()}


@pytest.mark.parametrize(
    "form",
    [
        {"cell": "rnn", "layers": 3},
        {"bidirectional": True, "layers": 2, "pooling": "last_max_mean"},
        {"classes": ["a", "b", "c"], "pooling": "last"},
        {"pairs": ["by the", "the acting"]},
    ],
    ids=str,
)
def test_the_shapes_of_other_forms_of_a_classifier(form):
    model = tiny.model(**form)
    assert dict(get_task(model.task).weight_shapes(model.config)) == {k: v.shape for k, v in model.tensors().items()}


def test_the_shapes_of_other_forms_of_forecasters_and_language_models():
    from seqzoo.data.vocabulary import Vocabulary
    from seqzoo.tasks.stock_forecasting.heads import QuantileForecaster
    from seqzoo.tasks.text_generation.model import LanguageModel

    words = Vocabulary.build(tiny.TEXTS, 30)
    language = {"vocabulary_size": len(words), "embedding_size": 3, "units": 4, "layers": 2}
    for model in (QuantileForecaster({"cell": "gru", "units": 3, "layers": 2}), LanguageModel(language, words)):
        assert dict(get_task(model.task).weight_shapes(model.config)) == {k: v.shape for k, v in model.tensors().items()}


@pytest.mark.parametrize(
    "change",
    [{"units": 160_000}, {"units": 10**12}, {"layers": 10**9}, {"layers": 300_000, "units": 1}, {"embedding_size": 10**9}],
    ids=str,
)
@pytest.mark.parametrize("parameters", [None, 10**15], ids=["parameters as they are", "a quadrillion"])
def test_sizes_that_the_weights_have_not_are_refused_before_anything_is_built(folder, monkeypatch, change, parameters):
    monkeypatch.setattr("seqzoo.tasks.text_classification.model.build_network", lambda *_: pytest.fail("built"))
    edit(folder, lambda card: card["architecture"].update(change))
    if parameters:
        edit(folder, lambda card: card.update(parameters=parameters))
    start = time.perf_counter()
    with pytest.raises((CardError, ModelIntegrityError), match="Received: ") as caught:
        load_pretrained(folder)
    assert time.perf_counter() - start < 1 and len(str(caught.value)) < 1500


def test_a_sparse_file_of_a_hundred_gigabytes_is_refused(folder):
    size = 100 * 10**9
    with open(folder / "weights.safetensors", "r+b") as file:
        file.truncate(size)
    entry = {"sha256": "0" * 64, "bytes": size}
    edit(folder, lambda card: card["files"].update({"weights.safetensors": entry}))
    for load in (load_pretrained, load_quick):
        start = time.perf_counter()
        with pytest.raises(CardError, match="weights.safetensors in .* must have at most 2,147,483,648 bytes"):
            load(folder)
        assert time.perf_counter() - start < 1
    edit(folder, lambda card: card["files"].update({"weights.safetensors": entry | {"bytes": 2 * 10**9}}))
    with pytest.raises(CardError, match="must have the size of 223 parameters in float32, 892 bytes"):
        load_pretrained(folder)
    edit(folder, lambda card: card["files"].update({"golden.json": entry}))
    with pytest.raises(CardError, match="golden.json in .* must have at most|weights.safetensors"):
        load_pretrained(folder)


def test_three_hundred_thousand_tensors_are_refused(folder):
    header = {f"t{index}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for index in range(300_000)}
    data = json.dumps(header).encode()
    data = len(data).to_bytes(8, "little") + data
    (folder / "weights.safetensors").write_bytes(data)
    entry = {"sha256": sha256_of(folder / "weights.safetensors"), "bytes": len(data)}
    edit(folder, lambda card: card["files"].update({"weights.safetensors": entry}))
    start = time.perf_counter()
    with pytest.raises(CardError) as caught:
        load_pretrained(folder)
    assert time.perf_counter() - start < 1 and len(str(caught.value)) < 1000
    few = json.dumps(dict(list(header.items())[:8000])).encode()  # within a header's limit
    data = len(few).to_bytes(8, "little") + few
    (folder / "weights.safetensors").write_bytes(data)
    entry = {"sha256": sha256_of(folder / "weights.safetensors"), "bytes": len(data)}
    edit(folder, lambda card: card["files"].update({"weights.safetensors": entry}))
    start = time.perf_counter()
    with pytest.raises(ModelIntegrityError, match="must have the shape that the architecture") as caught:
        load_pretrained(folder)
    assert time.perf_counter() - start < 1 and len(str(caught.value)) < 1000


NAMED = (CardError, ModelIntegrityError)
SHOWN = ["imdb-lstm", "imdb-lm", "stock-volatility-lstm", "stock-quantiles-lstm"]


@pytest.mark.parametrize("name", SHOWN)
def test_no_altered_card_gives_an_error_without_a_name(tmp_path, name):
    card, draw, refused = read_card(ZOO / name), random.Random(16), 0
    for _ in range(120):
        altered, deed = mutated(card, draw)
        (tmp_path / "card.json").write_text(json.dumps(altered))
        try:
            read = read_card(tmp_path)
            headline(read)
            text = render_readme(read)
            has_data(tmp_path, ZOO)
            assert "\x1b" not in text and "\x07" not in text and "\u202e" not in text, deed
        except NAMED as error:
            assert len(str(error)) < 3000, deed
            refused += 1
        except Exception as error:
            pytest.fail(f"{deed}: {error!r}")
    assert 24 < refused < 120


@pytest.mark.parametrize("name", ["tiny", "stock-quantiles-lstm"])
def test_no_altered_architecture_gives_an_error_without_a_name(tmp_path, name):
    source = tiny.shared_folder() / "tiny" if name == "tiny" else ZOO / name
    folder = shutil.copytree(source, tmp_path / "mine", ignore=shutil.ignore_patterns("saved_model"))
    card, draw, refused = read_card(folder), random.Random(17), 0
    among = [path for path in places(card) if path[0] in ("architecture", "parameters", "weights_dtype", "task", "files")]
    for _ in range(30):
        altered, deed = mutated(card, draw, among)
        (folder / "card.json").write_text(json.dumps(altered))
        start = time.perf_counter()
        try:
            load_pretrained(folder)
        except NAMED as error:
            assert len(str(error)) < 3000, deed
            refused += 1
        except Exception as error:
            pytest.fail(f"{deed}: {error!r}")
        assert time.perf_counter() - start < 5, deed
    assert refused > 9


# Names


def test_the_pins_are_those_of_the_models_here():
    from recipes.publishing.pins import made_pins

    assert pins() == made_pins(ZOO), "run python -m recipes.publishing.models_table"
    assert sorted(pins()) == sorted(name for name in os.listdir(ZOO) if (ZOO / name).is_dir())


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder of models that SEQZOO_MODELS names, with a function that puts one there under a name."""
    monkeypatch.setenv("SEQZOO_MODELS", str(tmp_path))

    def put(name, source, change=None):
        folder = shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("saved_model"))
        if change:
            edit(folder, change)
        return folder

    return put


def test_a_name_of_the_zoo_is_its_model_wherever_it_lies(own):
    own("stock-volatility-rnn", ZOO / "stock-volatility-rnn")
    assert load_pretrained("stock-volatility-rnn").name == "stock-volatility-rnn"
    changed = own("imdb-rnn", ZOO / "imdb-rnn", lambda card: card["metrics"]["test"].update(accuracy=0.99))
    for opened in (load_pretrained, load_quick, open_card):
        with pytest.raises(ModelIntegrityError, match=f"not the card of the pretrained model of that name.*{pins()['imdb-rnn']}"):
            opened("imdb-rnn")
    assert load_pretrained(changed).name == "imdb-rnn", "a path is trusted as it stands"


def test_another_model_may_not_go_by_a_name_of_the_zoo(own, tmp_path):
    own("imdb-lstm", tiny.shared_folder() / "tiny")
    own("mine", ZOO / "stock-volatility-rnn")
    with pytest.raises(ModelIntegrityError, match="not the card of"):
        load_pretrained("imdb-lstm")
    with pytest.raises(ModelIntegrityError, match="called imdb-lstm, but its card is that of tiny.*Rename the folder"):
        load_pretrained(tmp_path / "imdb-lstm")
    with pytest.raises(ModelIntegrityError, match="called mine, but its card is that of stock-volatility-rnn"):
        load_pretrained("mine")


def test_a_model_of_ones_own_may_be_renamed(own, tmp_path):
    own("other", tiny.shared_folder() / "tiny")
    assert load_pretrained("other").name == load_pretrained(tmp_path / "other").name == "tiny"
    assert find_model("other") == tmp_path / "other"


def test_a_load_parses_the_bytes_that_it_checked(folder, monkeypatch):
    """Every file of a model is opened once: what another process writes meanwhile is not read."""
    opened, real = [], open

    def spy(file, *arguments, **options):
        if str(file).startswith(str(folder)):
            opened.append(Path(file).name)
        return real(file, *arguments, **options)

    monkeypatch.setattr("builtins.open", spy)
    monkeypatch.setattr(Path, "read_bytes", lambda self: spy(self, "rb").read())
    monkeypatch.setattr(Path, "read_text", lambda self, *_, **__: spy(self, "rb").read().decode())
    model = load_pretrained(folder)
    assert sorted(opened) == ["card.json", "golden.json", "vocabulary.txt", "weights.safetensors"]
    assert np.isfinite(model.predict(["great"])).all()
