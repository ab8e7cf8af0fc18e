import pytest


@pytest.fixture(autouse=True)
def compiled_at_once(monkeypatch):
    """The tests here are of the compiled form; an eager caller's first calls of a size would be of the uncompiled one."""
    from seqzoo.kernels import compiled

    monkeypatch.setattr(compiled, "CALLS_UNCOMPILED", 0)
