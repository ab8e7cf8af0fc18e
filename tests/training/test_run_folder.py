import json
import os

import numpy as np
import pytest

from seqzoo.training.run_folder import RunFolder, versions

ARGUMENTS = {"units": 8, "learning_rate": 0.01, "data": "sample"}


def started(path):
    run = RunFolder(path, ARGUMENTS)
    run.checkpoints.mkdir()
    return run


def test_config_says_what_was_asked_and_what_it_ran_with(tmp_path):
    run = RunFolder(tmp_path / "new" / "run", ARGUMENTS)
    config = json.loads((run.path / "config.json").read_text())
    assert config == {"arguments": ARGUMENTS, "started_in": os.path.relpath(".", run.path), "versions": versions()}
    assert {"python", "tensorflow", "keras", "numpy"} <= set(config["versions"])


def test_the_same_arguments_continue_and_keep_what_is_there(tmp_path):
    run = started(tmp_path / "run")
    config = json.loads((run.path / "config.json").read_text())
    config["versions"] = {"python": "3.0"}  # what it began with stays on record
    (run.path / "config.json").write_text(json.dumps(config))
    (run.checkpoints / "step-00000001.safetensors").write_text("state")
    again = RunFolder(tmp_path / "run", dict(reversed(ARGUMENTS.items())))
    assert json.loads((again.path / "config.json").read_text()) == config
    assert os.listdir(again.checkpoints) == ["step-00000001.safetensors"]


@pytest.mark.parametrize(
    "other, was, now",
    [
        (ARGUMENTS | {"units": 9}, "units=8", "units=9"),
        (ARGUMENTS | {"seed": 1}, "seed=None", "seed=1"),
        ({"units": 8, "data": "sample"}, "learning_rate=0.01", "learning_rate=None"),
    ],
)
def test_other_arguments_are_refused_with_both_values(tmp_path, other, was, now):
    run = started(tmp_path / "run")
    before = (run.path / "config.json").read_bytes()
    with pytest.raises(FileExistsError, match=f"{was}: give those arguments .* another output folder. Received: {now}$"):
        RunFolder(run.path, other)
    assert (run.path / "config.json").read_bytes() == before


def test_a_run_that_produced_nothing_gives_way(tmp_path):
    RunFolder(tmp_path, ARGUMENTS)  # e.g. its data was not found
    RunFolder(tmp_path, ARGUMENTS | {"units": 9})
    assert json.loads((tmp_path / "config.json").read_text())["arguments"]["units"] == 9


@pytest.mark.parametrize("name", ["metrics.json", "word_vectors.npy"])
def test_whatever_a_run_produced_is_kept_from_other_arguments(tmp_path, name):
    run = RunFolder(tmp_path, ARGUMENTS)
    run.write_json(name, {})
    with pytest.raises(FileExistsError, match="units=8"):
        RunFolder(tmp_path, ARGUMENTS | {"units": 9})


@pytest.mark.parametrize(
    "name, content",
    [
        ("notes.txt", "mine"),
        ("config.json", "{}"),
        ("config.json", '{"arguments": 3}'),
        ("config.json", '{"hidden_size": 768}'),
        ("config.json", "[1, 2]"),
        ("config.json", '{"argu'),
    ],
)
def test_a_folder_that_is_no_run_is_left_alone(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    with pytest.raises(FileExistsError, match="a new folder, an empty one, or an earlier run's. Received: .*something else"):
        RunFolder(tmp_path, ARGUMENTS)
    assert os.listdir(tmp_path) == [name] and (tmp_path / name).read_text() == content


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FileExistsError, match="something else"):
        RunFolder(tmp_path / "file", ARGUMENTS)
    assert (tmp_path / "file").read_text() == "mine"


def test_what_a_killed_process_left_half_written_is_removed(tmp_path):
    run = started(tmp_path / "run")
    (run.path / ".metrics.json.0123.partial").write_text("{")
    (run.checkpoints / ".step-00000002.safetensors.4567.partial").write_text("half")
    (run.path / ".model.89ab.partial").mkdir()
    (run.path / ".model.89ab.partial" / "weights").write_text("half")
    RunFolder(run.path, ARGUMENTS)
    assert sorted(os.listdir(run.path)) == ["checkpoints", "config.json"]
    assert not os.listdir(run.checkpoints)


def test_a_process_killed_while_writing_its_config_has_begun_nothing(tmp_path):
    (tmp_path / ".config.json.0123.partial").write_text('{"argu')
    RunFolder(tmp_path, ARGUMENTS)
    assert os.listdir(tmp_path) == ["config.json"]


def test_json_is_replaced_whole(tmp_path, monkeypatch):
    run = RunFolder(tmp_path, ARGUMENTS)
    run.write_json("metrics.json", {"accuracy": 0.5})

    def disk_full(_):
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(OSError, match="No space"):
        run.write_json("metrics.json", {"accuracy": 0.75})
    assert json.loads((tmp_path / "metrics.json").read_text()) == {"accuracy": 0.5}
    assert sorted(os.listdir(tmp_path)) == ["config.json", "metrics.json"]


def other_folder(tmp_path, name):
    (tmp_path / name).mkdir(exist_ok=True)
    return tmp_path / name


def test_a_path_from_another_folder_is_the_same_argument(tmp_path, monkeypatch):
    (tmp_path / "train.csv").write_text("text,label\n")
    (tmp_path / "runs" / "a" / "model").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    given = {"train": "train.csv", "teachers": "imdb-lstm,runs/a/model", "units": 8}
    RunFolder("out", given).checkpoints.mkdir()
    config = tmp_path / "out" / "config.json"
    before = config.read_bytes()
    monkeypatch.chdir(other_folder(tmp_path, "elsewhere"))
    for train, teacher in (("../train.csv", "../runs/a/model"), (str(tmp_path / "train.csv"), "../runs/../runs/a/model/")):
        again = RunFolder("../out", {"train": train, "teachers": f"imdb-lstm,{teacher}", "units": 8})
        assert again.arguments == given, "as first written"
        assert config.read_bytes() == before
    for wrong in ({"train": "../other.csv"}, {"teachers": "imdb-rnn,../runs/a/model"}, {"teachers": "imdb-lstm"}):
        with pytest.raises(FileExistsError, match="give those arguments"):
            RunFolder("../out", {"train": "../train.csv", "teachers": "imdb-lstm,../runs/a/model", "units": 8} | wrong)
    with pytest.raises(FileExistsError, match="train='train.csv'.*Received: train='train.csv'"):
        (tmp_path / "elsewhere" / "train.csv").write_text("another file of that name")
        RunFolder("../out", given | {"teachers": "imdb-lstm,../runs/a/model"})
    (tmp_path / "elsewhere" / "train.csv").unlink()
    moved = tmp_path.with_name(tmp_path.name + "-moved")
    monkeypatch.chdir(tmp_path.parent)
    tmp_path.rename(moved)
    monkeypatch.chdir(moved)
    assert RunFolder("out", given).arguments == given, "moved together"


def test_a_run_from_before_the_folder_was_noted_goes_on_as_it_was_written(tmp_path, monkeypatch):
    (tmp_path / "config.json").write_text(json.dumps({"arguments": {"train": "a.csv"}, "versions": {}}))
    (tmp_path / "checkpoints").mkdir()
    assert RunFolder(tmp_path, {"train": "a.csv"}).arguments == {"train": "a.csv"}
    with pytest.raises(FileExistsError, match="train='a.csv'"):
        RunFolder(tmp_path, {"train": "./a.csv"})


def test_a_word_that_is_also_a_folder_is_a_word(tmp_path, monkeypatch):
    (tmp_path / "sample").mkdir()
    monkeypatch.chdir(tmp_path)
    started(tmp_path / "run")
    monkeypatch.chdir(other_folder(tmp_path, "elsewhere"))
    (tmp_path / "elsewhere" / "sample").mkdir()
    assert RunFolder("../run", ARGUMENTS).arguments == ARGUMENTS


def test_a_damaged_array_is_made_again_or_refused(tmp_path):
    run = RunFolder(tmp_path, ARGUMENTS)
    made = run.array("values.npy", lambda: np.arange(3.0))
    path = tmp_path / "values.npy"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(ValueError, match="is damaged, and could not be made again as it was"):
        run.array("values.npy", lambda: np.arange(4.0))
    with pytest.warns(UserWarning, match="was damaged and is made again"):
        assert run.array("values.npy", lambda: np.arange(3.0)).tolist() == made.tolist()
    assert path.read_bytes() == whole
    (tmp_path / "values.npy.sha256").unlink()
    assert run.array("values.npy", lambda: pytest.fail("made again")).tolist() == made.tolist(), "from before"


def test_an_array_is_made_once(tmp_path):
    run = RunFolder(tmp_path / "run", ARGUMENTS)
    made = run.array("values.npy", lambda: np.arange(3))
    again = RunFolder(tmp_path / "run", ARGUMENTS).array("values.npy", lambda: pytest.fail("made again"))
    assert made.tolist() == again.tolist() == [0, 1, 2]
