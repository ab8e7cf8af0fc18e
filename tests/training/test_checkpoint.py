import json
import os
import random as random_module
import warnings

import keras
import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from seqzoo.training import checkpoint
from seqzoo.training.checkpoint import restore_checkpoint, save_checkpoint
from tests.processes import forked
from tests.training.networks import assert_same_state, batches, network, state


def trained(steps=2, **options):
    model = network(**options)
    data = batches()
    for rows in data.rows(0)[:steps]:
        model.train_on_batch(*data.batch(rows))
    return model


def built(**options):
    model = network(**options)
    model.optimizer.build(model.trainable_variables)
    return model


def test_no_checkpoint(tmp_path):
    assert restore_checkpoint(tmp_path, built()) is None
    assert restore_checkpoint(tmp_path / "missing", built()) is None


def test_everything_is_restored_into_a_model_that_began_otherwise(tmp_path):
    model, other = trained(seed=1), built(seed=2)
    assert any((a != b).any() for a, b in zip(state(model), state(other), strict=True))
    progress = {"step": 2, "loss": 0.1 + 0.2, "history": [{"epoch": 1, "loss": 1 / 3}]}
    save_checkpoint(tmp_path, model, progress)
    assert restore_checkpoint(tmp_path, other) == progress, "JSON keeps every bit of a float"
    assert_same_state(state(other), state(model))
    assert int(other.optimizer.iterations) == 2
    assert float(other.optimizer.learning_rate) == float(model.optimizer.learning_rate) > 0


def test_both_go_on_alike(tmp_path):
    model, other = trained(seed=1), built(seed=2)
    save_checkpoint(tmp_path, model, {"step": 2})
    restore_checkpoint(tmp_path, other)
    data = batches()
    for rows in data.rows(1)[:3]:
        for one in (model, other):
            one.train_on_batch(*data.batch(rows))
    assert_same_state(state(other), state(model))


def test_the_newest_counts_and_two_are_kept(tmp_path):
    model = trained()
    for step in (9, 10, 100, 20_000_000):
        save_checkpoint(tmp_path, model, {"step": step})
    assert sorted(os.listdir(tmp_path)) == ["step-00000100.safetensors", "step-20000000.safetensors"]
    assert restore_checkpoint(tmp_path, built())["step"] == 20_000_000


def test_a_file_holds_tensors_and_json_only(tmp_path):
    model = trained()
    save_checkpoint(tmp_path, model, {"step": 1})
    with safe_open(tmp_path / "step-00000001.safetensors", framework="numpy") as file:
        assert json.loads(file.metadata()["progress"]) == {"step": 1}
        tensors = [file.get_tensor(name) for name in sorted(file.keys())]
    assert_same_state(tensors, state(model))


def test_a_damaged_newest_checkpoint_costs_only_the_steps_since_the_one_before(tmp_path):
    model = trained()
    save_checkpoint(tmp_path, model, {"step": 1})
    before = state(model)
    model.train_on_batch(*batches().batch([0, 1, 2, 3]))
    save_checkpoint(tmp_path, model, {"step": 2})
    newest = tmp_path / "step-00000002.safetensors"
    whole = newest.read_bytes()
    for damaged in (b"", bytes(len(whole)), whole[: len(whole) // 2]):
        newest.write_bytes(damaged)
        other = built()
        with pytest.warns(UserWarning, match="goes on from step 1, step-00000001.safetensors. Damaged: .*step-00000002"):
            assert restore_checkpoint(tmp_path, other) == {"step": 1}
        assert_same_state(state(other), before)
    (tmp_path / "step-00000001.safetensors").write_bytes(b"")
    with pytest.raises(ValueError, match="None of the checkpoints can be read; delete them .* Received: .*step-00000002"):
        restore_checkpoint(tmp_path, built())


def flipped(path, random):
    """Flip one bit of a file; returns where."""
    data = bytearray(path.read_bytes())
    place = random.randrange(len(data))
    data[place] ^= 1 << random.randrange(8)
    path.write_bytes(data)
    return place


def test_any_flipped_bit_is_noticed_and_the_checkpoint_before_goes_on(tmp_path):
    model, random = trained(), random_module.Random(0)
    for step in (1, 2):
        save_checkpoint(tmp_path, model, {"step": step, "loss": 0.25, "history": []})
    newest = tmp_path / "step-00000002.safetensors"
    whole, before = newest.read_bytes(), state(model)
    for _ in range(30):
        place = flipped(newest, random)
        other = built()
        with pytest.warns(UserWarning, match="A checkpoint is damaged"):
            assert restore_checkpoint(tmp_path, other)["step"] == 1, place
        assert_same_state(state(other), before)
        newest.write_bytes(whole)
    assert restore_checkpoint(tmp_path, built())["step"] == 2


def test_the_last_bit_of_a_mantissa_and_a_wrong_step_are_noticed(tmp_path):
    model = trained()
    for step in (1, 2):
        save_checkpoint(tmp_path, model, {"step": step, "loss": 0.25})
    newest = tmp_path / "step-00000002.safetensors"
    whole = newest.read_bytes()
    begin = 8 + int.from_bytes(whole[:8], "little")
    another = bytearray(whole)
    another[begin] ^= 1  # of the first number's mantissa
    stepped = whole.replace(b'{\\"step\\": 2,', b'{\\"step\\": 7,')
    assert stepped != whole
    for damaged in (another, stepped):
        newest.write_bytes(damaged)
        with pytest.warns(UserWarning, match="its content has another SHA-256 than it says"):
            assert restore_checkpoint(tmp_path, built())["step"] == 1
    newest.write_bytes(whole)
    newest.rename(tmp_path / "step-00000009.safetensors")
    with pytest.warns(UserWarning, match="its progress is that of step 2"):
        assert restore_checkpoint(tmp_path, built())["step"] == 1


def test_a_checkpoint_from_before_there_were_hashes_goes_on(tmp_path):
    model = trained()
    save_checkpoint(tmp_path, model, {"step": 2})
    path = tmp_path / "step-00000002.safetensors"
    with safe_open(path, framework="numpy") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    save_file(tensors, path, metadata={"progress": json.dumps({"step": 2})})
    other = built()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert restore_checkpoint(tmp_path, other) == {"step": 2}
    assert_same_state(state(other), state(model))
    for metadata in (None, {"progress": "{"}, {"progress": "[]"}, {"progress": "{}"}, {"other": "x"}):
        save_file(tensors, path, metadata=metadata)
        with pytest.raises(ValueError, match="None of the checkpoints can be read"):
            restore_checkpoint(tmp_path, built())


def test_another_model_is_refused_and_not_changed(tmp_path):
    save_checkpoint(tmp_path, trained(units=3), {"step": 1})
    other = built(units=4)
    before = state(other)
    with pytest.raises(ValueError, match=r"belongs to another model. Expected: .*embeddings \(12, 4\).* Received: .*\(12, 3\)"):
        restore_checkpoint(tmp_path, other)
    assert_same_state(state(other), before)


@pytest.mark.parametrize("error", [OSError("No space left on device"), KeyboardInterrupt()])
def test_a_full_disk_or_an_interrupt_costs_no_earlier_checkpoint(tmp_path, monkeypatch, error):
    model = trained()
    for step in (1, 2):
        save_checkpoint(tmp_path, model, {"step": step})

    def fail(_):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(type(error)):
            save_checkpoint(tmp_path, model, {"step": 3})
    assert sorted(os.listdir(tmp_path)) == ["step-00000001.safetensors", "step-00000002.safetensors"]
    assert restore_checkpoint(tmp_path, built())["step"] == 2


def test_models_made_earlier_in_the_process_do_not_matter(tmp_path):
    """Keras numbers unnamed things: seed_generator_7, adam_w_1."""
    save_checkpoint(tmp_path, trained(), {"step": 1})
    for _ in range(2):
        built()
    assert restore_checkpoint(tmp_path, built()) == {"step": 1}


def test_the_same_state_gives_the_same_bytes_in_every_process(tmp_path):
    """The metadata of a safetensors file is hashed with a seed of its own each time; eight of them hardly agree by chance."""
    code = (
        "import numpy as np; from seqzoo.training import checkpoint as c; t = {'a': np.arange(3, dtype='float32')};"
        "print(c._in_order(c.safetensors_bytes(t, metadata={key: key for key in 'abcdefgh'})).hex())"
    )
    tensors, metadata = {"a": np.arange(3, dtype="float32")}, {key: key for key in "abcdefgh"}
    here = [checkpoint.safetensors_bytes(tensors, metadata=metadata) for _ in range(9)]
    assert len(set(here)) > 1, "there is nothing to put in order"
    assert {checkpoint._in_order(each).hex() for each in here} == {forked(code).stdout.strip()}
    model = network(seed=1)
    save_checkpoint(tmp_path, model, {"step": 1})
    header = (tmp_path / "step-00000001.safetensors").read_bytes()
    size = int.from_bytes(header[:8], "little")
    assert size % 8 == 0 and list(json.loads(header[8 : 8 + size])["__metadata__"]) == ["progress", "sha256"]


def test_states_of_stateful_layers_are_part_of_a_checkpoint(tmp_path):
    """Keras does not count them among a model's variables; a continued run would begin with zeros."""

    def stateful():
        model = keras.Sequential(
            [keras.Input((2, 1), batch_size=3), keras.layers.GRU(2, stateful=True, seed=1), keras.layers.Dense(1)]
        )
        model.compile("sgd", loss="mse")
        model.optimizer.build(model.trainable_variables)
        return model

    model = stateful()
    model(np.ones((3, 2, 1), np.float32))
    (states,) = model.layers[0].states
    assert np.abs(states.numpy()).max() > 0
    save_checkpoint(tmp_path, model, {"step": 1})
    again = stateful()
    restore_checkpoint(tmp_path, again)
    np.testing.assert_array_equal(again.layers[0].states[0].numpy(), states.numpy())


def test_what_stands_elsewhere_is_kept_and_given_back(tmp_path):
    """Rows of several workers: the checkpoint has those of all."""
    model = trained(seed=1)
    variable = model.trainable_variables[0]
    rows = np.arange(2 * variable.shape[0] * variable.shape[1], dtype=np.float32).reshape(-1, variable.shape[1])
    save_checkpoint(tmp_path, model, {"step": 1}, {id(variable): rows})
    again = built(seed=2)
    before, held = again.trainable_variables[0].numpy(), {id(again.trainable_variables[0]): np.zeros_like(rows)}
    assert restore_checkpoint(tmp_path, again, held) == {"step": 1}
    (found,) = held.values()
    np.testing.assert_array_equal(found, rows)
    np.testing.assert_array_equal(again.trainable_variables[0].numpy(), before)
    with pytest.raises(ValueError, match="belongs to another model"):
        restore_checkpoint(tmp_path, built(seed=2))
