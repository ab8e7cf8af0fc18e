import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
import tensorflow as tf

import seqzoo
from seqzoo.files import sha256_of
from seqzoo.zoo import ModelIntegrityError, as_stored, check_golden, load_pretrained, save_folder
from seqzoo.zoo.card import CardError, dump_json
from tests import tiny
from tests.processes import forked

PARSED = ["weights.safetensors", "vocabulary.txt", "golden.json"]


@pytest.fixture
def folder(tmp_path):
    return tiny.copy_to(tmp_path)


def edit_card(folder, change):
    card = json.loads((folder / "card.json").read_text())
    change(card)
    (folder / "card.json").write_text(json.dumps(card))


def replace(folder, name, data):
    """Give a file other contents and the card its right hash, as a model's maker could."""
    (folder / name).write_bytes(data)
    entry = {"sha256": sha256_of(folder / name), "bytes": len(data)}
    edit_card(folder, lambda card: card["files"].update({name: entry}))


def test_a_saved_model_is_loaded_as_it_was(folder):
    model, loaded = tiny.model(), seqzoo.load_pretrained(folder)
    assert loaded.config == model.config and loaded.vocabulary.words == model.vocabulary.words
    assert loaded.tensors().keys() == model.tensors().keys()
    for name, tensor in model.tensors().items():
        np.testing.assert_array_equal(loaded.tensors()[name], tensor)
    texts = tiny.TEXTS + tiny.HOSTILE
    np.testing.assert_allclose(loaded.predict(texts), model.predict(texts), atol=1e-6)
    assert np.ptp(model.predict(texts)) > 0.2, "a model that always says the same would prove nothing"
    assert loaded.name == "tiny" and loaded.card == json.loads((folder / "card.json").read_text())
    assert check_golden(loaded) <= 1e-5


def test_the_card_lists_every_file(folder):
    card = json.loads((folder / "card.json").read_text())
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert set(card["files"]) == found - {"card.json"}
    assert {"README.md", "saved_model/saved_model.pb", *PARSED} <= found
    for name, entry in card["files"].items():
        assert entry == {"sha256": sha256_of(folder / name), "bytes": (folder / name).stat().st_size}
    assert card["parameters"] == tiny.model().count_parameters()
    assert {"python", "tensorflow", "keras", "numpy"} <= set(card["versions"])


def test_float16_weights_are_half_the_size_and_what_is_loaded_is_what_was_measured(tmp_path):
    model = tiny.model()
    save_folder(model, tmp_path / "half", tiny.card(weights_dtype="float16"), tiny.TEXTS, saved_model=False)
    stored = safetensors.numpy.load_file(tmp_path / "half" / "weights.safetensors")
    assert {str(tensor.dtype) for tensor in stored.values()} == {"float16"}
    loaded, expected = load_pretrained(tmp_path / "half"), as_stored(model, "float16")
    assert {str(v.dtype) for v in loaded.network.trainable_variables} == {"float32"}
    np.testing.assert_allclose(loaded.predict(tiny.TEXTS), expected.predict(tiny.TEXTS), rtol=0, atol=1e-6)
    assert check_golden(loaded) <= 1e-5
    assert not (tmp_path / "half" / "saved_model").exists()
    assert np.abs(expected.predict(tiny.TEXTS) - model.predict(tiny.TEXTS)).max() > 0


@pytest.mark.parametrize("rests", ["embedding", "lstm_0", "whole network"])
@pytest.mark.parametrize("halved", [False, True])
def test_a_layer_that_rests_is_kept_too(tmp_path, monkeypatch, rests, halved):
    """Freezing word vectors, as one does in fine-tuning, once left them out of `tensors` and made saving fail."""
    monkeypatch.setattr("seqzoo.tasks.served_network.SMALL", 0 if halved else 10**9)
    model = as_stored(tiny.model(), "float16")
    whole, count, answers = model.tensors(), model.count_parameters(), model.predict(tiny.TEXTS)
    (model.network if rests == "whole network" else model.network.get_layer(rests)).trainable = False
    assert set(model.tensors()) == set(whole) and model.count_parameters() == count
    save_folder(model, tmp_path / "rests", tiny.card(weights_dtype="float16"), tiny.TEXTS)
    np.testing.assert_allclose(load_pretrained(tmp_path / "rests").predict(tiny.TEXTS), answers, rtol=0, atol=1e-6)
    served = tf.saved_model.load(str(tmp_path / "rests" / "saved_model"))
    found = served.signatures["serving_default"](tf.constant(tiny.TEXTS))
    np.testing.assert_allclose(np.ravel(next(iter(found.values()))), answers, rtol=0, atol=1e-6)


def test_weights_too_big_for_float16_are_refused(tmp_path):
    model = tiny.model()
    model.load_tensors({name: tensor * 1e6 for name, tensor in model.tensors().items()})
    with pytest.raises(ValueError, match="finite"):
        save_folder(model, tmp_path / "half", tiny.card(weights_dtype="float16"), tiny.TEXTS)
    assert os.listdir(tmp_path) == []
    with pytest.raises(ValueError, match="'float16' or 'float32'. Received: 'int8'"):
        as_stored(model, "int8")


@pytest.mark.parametrize("name", PARSED)
@pytest.mark.parametrize("damage", ["one bit", "longer", "empty", "missing", "folder", "link out", "pipe"])
def test_a_damaged_file_is_named_and_nothing_is_parsed(folder, tmp_path, monkeypatch, name, damage):
    path, data = folder / name, (folder / name).read_bytes()
    entry = json.loads((folder / "card.json").read_text())["files"][name]
    path.unlink()
    if damage == "one bit":
        path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    elif damage == "longer":
        path.write_bytes(data + b"\n")
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "folder":
        path.mkdir()
    elif damage == "link out":  # to the right bytes, even
        (tmp_path / "elsewhere").write_bytes(data)
        path.symlink_to(tmp_path / "elsewhere")
    elif damage == "pipe":
        os.mkfifo(path)

    def parsed(*_):
        pytest.fail("a file was parsed before all were checked")

    monkeypatch.setattr("safetensors.numpy.load", parsed)
    monkeypatch.setattr("seqzoo.zoo.parts.parse_golden", parsed)
    monkeypatch.setattr("seqzoo.data.vocabulary.Vocabulary.parse", parsed)
    with pytest.raises(ModelIntegrityError) as caught:
        load_pretrained(folder)
    text = str(caught.value)
    assert name in text and "Received: " in text
    if damage != "link out":
        assert f"expected {entry['bytes']} bytes with SHA-256 {entry['sha256']}" in text
    if damage == "one bit":
        assert f"Received: {len(data)} bytes with SHA-256 {sha256_of(path)}" in text


def test_a_link_inside_the_folder_is_fine(folder):
    (folder / "vocabulary.txt").rename(folder / "words")
    (folder / "vocabulary.txt").symlink_to("words")
    assert load_pretrained(folder).name == "tiny"


@pytest.mark.parametrize("name", PARSED)
def test_a_file_that_the_card_does_not_list_is_refused(folder, name):
    edit_card(folder, lambda card: card["files"].pop(name))
    with pytest.raises(ModelIntegrityError, match=f"must list {name}.*Received: README.md, "):
        load_pretrained(folder)


def test_an_unknown_format_or_task_names_the_valid_ones(folder):
    edit_card(folder, lambda card: card.update(task="poetry"))
    with pytest.raises(CardError, match="must be 'text-classification' or .* Received: 'poetry'"):
        load_pretrained(folder)
    edit_card(folder, lambda card: card.update(format=9))
    with pytest.raises(CardError, match="`format`.* must be 1. Received: 9"):
        load_pretrained(folder)


def weights(change=lambda tensors: None):
    tensors = tiny.model().tensors()
    change(tensors)
    return safetensors.numpy.save(tensors)


def spoil(tensors):
    next(iter(tensors.values())).flat[0] = np.nan


@pytest.mark.parametrize(
    "name, data, error",
    [
        ("weights.safetensors", b"not tensors", "must be a safetensors file"),
        ("weights.safetensors", b"\xff" * 16, "must be a safetensors file"),
        ("weights.safetensors", weights(lambda t: t.popitem()), "must have the shape that the architecture"),
        (
            "weights.safetensors",
            weights(lambda t: t.update({k: v.T for k, v in t.items() if v.ndim > 1})),
            "shape",
        ),
        ("weights.safetensors", weights(spoil), "finite"),
        (
            "weights.safetensors",
            weights(lambda t: t.update(extra=np.zeros(2, np.float64))),
            "must be float32",
        ),
        ("vocabulary.txt", b"[PAD]\n[UNK]\ngreat\n", "does not fit the weights"),
        ("vocabulary.txt", b"great\nbad\n", "PAD"),
        ("golden.json", b"[]", "an object"),
        ("golden.json", b'{"inputs": ["a"], "outputs": [], "tolerance": 1e-5}', "as many outputs as inputs"),
        ("golden.json", b'{"inputs": ["a"], "outputs": [0.5], "tolerance": 1}', "tolerance of at most"),
        ("golden.json", b'{"inputs": ["a"], "outputs": [NaN], "tolerance": 1e-5}', "JSON"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_files_with_the_right_hash_and_wrong_contents(folder, name, data, error):
    replace(folder, name, data)
    with pytest.raises(ValueError, match=f"{error}.*Received: "):
        load_pretrained(folder)


@pytest.mark.parametrize("change", [{"cell": "gru"}, {"units": 0}, {"units": 4}, {"colour": 1}, {"layers": "two"}])
def test_an_architecture_that_is_unknown_or_does_not_fit_is_refused(folder, change):
    edit_card(folder, lambda card: card["architecture"].update(change))
    with pytest.raises(ValueError, match="Received: "):
        load_pretrained(folder)


def test_check_golden_notices_other_answers(folder):
    loaded = load_pretrained(folder)
    for wrong in (lambda texts: loaded.predict(texts) + 2e-5, lambda texts: loaded.predict(texts) * np.nan):
        with pytest.raises(ModelIntegrityError, match="within 1e-05. Received: "):
            check_golden(loaded, wrong)
    with pytest.raises(ModelIntegrityError, match="shape"):
        check_golden(loaded, lambda texts: loaded.predict(texts)[:-1])


@pytest.mark.parametrize(
    "changes, golden, error",
    [
        ({"card": {}}, tiny.TEXTS, CardError),
        ({"card": {"name": "a/b"}}, tiny.TEXTS, CardError),
        ({"card": tiny.card(weights_dtype="int8")}, tiny.TEXTS, CardError),
        ({"model": object()}, tiny.TEXTS, TypeError),
        ({}, "great", TypeError),
        ({}, [], TypeError),
        ({}, [1], TypeError),
    ],
)
def test_bad_arguments_leave_nothing_behind(tmp_path, changes, golden, error):
    arguments = {"model": tiny.model(), "card": tiny.card()} | changes
    with pytest.raises(error, match="Received: "):
        save_folder(path=tmp_path / "new", golden_inputs=golden, saved_model=False, **arguments)
    assert os.listdir(tmp_path) == []


def test_an_existing_folder_is_replaced_only_on_demand_and_only_if_it_is_a_model(folder, tmp_path):
    other = tiny.model(seed=1)
    with pytest.raises(FileExistsError, match="overwrite=True"):
        save_folder(other, folder, tiny.card(), tiny.TEXTS)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_text("dear")
    with pytest.raises(FileExistsError, match="card.json"):
        save_folder(other, tmp_path / "photos", tiny.card(), tiny.TEXTS, overwrite=True)
    save_folder(other, folder, tiny.card(), tiny.TEXTS, overwrite=True, saved_model=False)
    np.testing.assert_allclose(load_pretrained(folder).predict(tiny.TEXTS), other.predict(tiny.TEXTS), atol=1e-6)
    assert sorted(os.listdir(tmp_path)) == ["photos", "tiny"] and not (folder / "saved_model").exists()


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize("name", [*PARSED, "README.md", "card.json", "saved_model"])
def test_a_full_disk_or_an_interrupt_keeps_the_previous_model(folder, monkeypatch, error, name):
    before = {p: sha256_of(p) for p in folder.rglob("*") if p.is_file()}
    write_bytes, other = Path.write_bytes, tiny.model(seed=1)

    def fail(*_, **__):
        raise error

    def fail_at_name(self, data):
        if self.name == name:
            write_bytes(self, data[: len(data) // 2])  # the disk is full half-way
            fail()
        return write_bytes(self, data)

    monkeypatch.setattr(Path, "write_bytes", fail_at_name)
    monkeypatch.setattr("seqzoo.zoo.folder.write_atomically", lambda path, data: fail_at_name(path, data))
    if name == "vocabulary.txt":
        monkeypatch.setattr(type(other.vocabulary), "save", fail)
    if name == "saved_model":
        monkeypatch.setattr("tensorflow.saved_model.save", fail)
    with pytest.raises(type(error)):
        save_folder(other, folder, tiny.card(), tiny.TEXTS, overwrite=True, saved_model=name == "saved_model")
    monkeypatch.undo()
    assert {p: sha256_of(p) for p in folder.rglob("*") if p.is_file()} == before
    assert os.listdir(folder.parent) == ["tiny"], "nothing half-written stays"
    assert check_golden(load_pretrained(folder)) <= 1e-5


DISK_WITHOUT_ROOM = """
import resource, signal, sys
from seqzoo.zoo import save_folder
from tests import tiny
from tests.processes import forked
model = tiny.model(seed=1)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for room in (500, 5000):  # less than the weights, less than the SavedModel
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    try:
        save_folder(model, sys.argv[1], tiny.card(), tiny.TEXTS, overwrite=True)
    except Exception as error:
        print(room, type(error).__name__)
"""


def test_writes_that_the_system_refuses_keep_the_previous_model(folder):
    child = forked(DISK_WITHOUT_ROOM, folder)
    assert [line.split()[0] for line in child.stdout.splitlines()] == ["500", "5000"], child.stderr
    assert os.listdir(folder.parent) == ["tiny"]
    loaded = load_pretrained(folder)
    np.testing.assert_allclose(loaded.predict(tiny.TEXTS), tiny.model().predict(tiny.TEXTS), atol=1e-6)


def test_a_model_moved_aside_by_a_killed_process_is_loaded(folder):
    folder.rename(folder.with_name(".tiny.previous"))
    assert load_pretrained(folder).name == "tiny"


def test_golden_texts_may_hold_anything(tmp_path):
    card = tiny.card(command="python -m x --text '\ud800'")
    save_folder(tiny.model(), tmp_path / "odd", card, tiny.HOSTILE, saved_model=False)
    loaded = load_pretrained(tmp_path / "odd")
    assert loaded.golden["inputs"] == tiny.HOSTILE and check_golden(loaded) <= 1e-5
    assert loaded.card["command"] == card["command"]
    assert dump_json(loaded.card) == (tmp_path / "odd" / "card.json").read_bytes()
