import pytest

from recipes.memory import training


@pytest.fixture(autouse=True)
def uncompiled_steps(request, monkeypatch):
    """XLA takes seconds for each network, and two recipes train many for a few steps; what learns has the steps as they are."""
    if request.node.name.startswith("test_the_recipe_") and request.path.name != "test_adding_networks.py":
        monkeypatch.setattr(training, "COMPILED", False)
