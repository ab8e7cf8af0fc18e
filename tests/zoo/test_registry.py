import subprocess
import sys

import pytest

import seqzoo
from seqzoo.zoo import UnknownModelError, registry
from seqzoo.zoo.registry import find_model, list_pretrained, models_folder


def make(folder, *names):
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "card.json").write_text("{}")
    return folder


@pytest.fixture
def models(tmp_path, monkeypatch):
    folder = make(tmp_path / "models", "imdb-rnn", "imdb-lstm", "stocks-lstm")
    (folder / "not-a-model").mkdir()
    (folder / "README.md").write_text("")
    monkeypatch.setenv("SEQZOO_MODELS", str(folder))
    return folder


def test_names_are_sorted_and_filtered(models):
    assert list_pretrained() == ["imdb-lstm", "imdb-rnn", "stocks-lstm"]
    assert seqzoo.list_pretrained("imdb-*") == ["imdb-lstm", "imdb-rnn"]
    assert list_pretrained("IMDB-*") == [] and list_pretrained("*-[lr][sn]*") == list_pretrained()


@pytest.mark.parametrize("pattern", [None, 3, b"imdb-*"])
def test_a_pattern_must_be_text(models, pattern):
    with pytest.raises(TypeError, match="must be a str.*Received: "):
        list_pretrained(pattern)


@pytest.mark.parametrize("name, closest", [("imdb-lstmm", "imdb-lstm"), ("IMDB_RNN", "imdb-rnn")])
def test_an_unknown_name_offers_the_closest_and_all(models, name, closest):
    with pytest.raises(UnknownModelError) as caught:
        find_model(name)
    text = str(caught.value)
    assert f"Did you mean {closest}" in text and text.endswith(f"Received: {name!r}")
    assert "Available: imdb-lstm, imdb-rnn, stocks-lstm." in text
    assert isinstance(caught.value, ValueError)


def test_an_unknown_name_without_anything_like_it(models):
    with pytest.raises(UnknownModelError, match="Available: imdb-lstm") as caught:
        find_model("zzz")
    assert "Did you mean" not in str(caught.value)
    with pytest.raises(UnknownModelError, match="Received: ''$"):
        find_model("")


def test_a_name_never_leads_out_of_the_models_folder(models):
    make(models.parent, "secret")
    for name in ("../secret", ".."):
        with pytest.raises(UnknownModelError):
            find_model(name)
    assert find_model("imdb-lstm") == models / "imdb-lstm"


def test_paths(models, tmp_path, monkeypatch):
    mine = make(tmp_path / "runs", "mine") / "mine"
    monkeypatch.chdir(tmp_path / "runs")
    for path in (mine, str(mine), "./mine", "mine"):
        assert find_model(path) == mine
    with pytest.raises(UnknownModelError, match="holds card.json.*Received: './other'"):
        find_model("./other")
    for other in (None, 3):
        with pytest.raises(TypeError, match="Received: "):
            find_model(other)


def test_a_registered_name_comes_before_a_folder_of_that_name(models, tmp_path, monkeypatch):
    make(tmp_path / "here", "imdb-lstm")
    monkeypatch.chdir(tmp_path / "here")
    assert find_model("imdb-lstm") == models / "imdb-lstm"
    assert find_model("./imdb-lstm") == tmp_path / "here" / "imdb-lstm"


def test_a_model_moved_aside_by_a_killed_process_is_still_there(models):
    (models / "imdb-rnn").rename(models / ".imdb-rnn.previous")
    assert "imdb-rnn" in list_pretrained()
    assert find_model("imdb-rnn") == models / ".imdb-rnn.previous"


def test_where_models_lie(tmp_path, monkeypatch):
    monkeypatch.delenv("SEQZOO_MODELS", raising=False)
    package = tmp_path / "seqzoo"
    package.mkdir()
    monkeypatch.setattr(registry, "PACKAGE", package)
    assert models_folder() == tmp_path / "saved_models" and list_pretrained() == []
    with pytest.raises(UnknownModelError, match="Available: none"):
        find_model("imdb-lstm")
    make(tmp_path / "saved_models", "beside")
    assert list_pretrained() == ["beside"]
    make(package / "saved_models", "inside")  # an installed wheel; what lies beside it is somebody else's
    assert list_pretrained() == ["inside"]
    monkeypatch.setenv("SEQZOO_MODELS", str(make(tmp_path / "mine", "chosen")))
    assert list_pretrained() == ["chosen"]
    monkeypatch.setenv("SEQZOO_MODELS", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match="SEQZOO_MODELS must name.*Received: "):
        list_pretrained()


def test_listing_imports_no_tensorflow(models):
    code = "import sys, seqzoo; print(seqzoo.list_pretrained())\nprint('tensorflow' in sys.modules, 'keras' in sys.modules)"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert output.split("\n")[:2] == ["['imdb-lstm', 'imdb-rnn', 'stocks-lstm']", "False False"]
