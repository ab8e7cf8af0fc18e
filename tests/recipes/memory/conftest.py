import pytest

from recipes.memory import training


@pytest.fixture(autouse=True)
def uncompiled_steps(request, monkeypatch):
    """XLA takes seconds for each network, and the recipes train many for a few steps. One test has them as they are."""
    if request.node.name != "test_an_lstm_learns_to_add_and_a_seed_repeats":
        monkeypatch.setattr(training, "COMPILED", False)
