"""What people reported of training, one test for each report, its number in the name."""

import pytest

from seqzoo.training.fit import fit
from seqzoo.training.run_folder import RunFolder
from tests.training.networks import Silent, assert_same_state, batches, network, state


def test_keras_19389_a_restarted_run_has_its_optimizer_back(tmp_path):
    """keras-team/keras#19389: after a complete restart BackupAndRestore lost the optimizer's variables."""
    whole = network(seed=1)
    fit(whole, batches(), 1, progress=Silent())
    with pytest.raises(KeyboardInterrupt):
        fit(network(seed=1), batches(), 1, RunFolder(tmp_path, {}), checkpoint_every=2, progress=Silent(3))
    again, progress = network(seed=2), Silent()  # as a new process has it: other weights, an optimizer not built
    fit(again, batches(), 1, RunFolder(tmp_path, {}), checkpoint_every=2, progress=progress)
    assert len(progress.steps) == 2, "the steps after the last checkpoint, and only these"
    assert int(again.optimizer.iterations) == int(whole.optimizer.iterations) == 4
    assert_same_state(state(again), state(whole))
