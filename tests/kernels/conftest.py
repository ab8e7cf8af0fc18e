import pytest
from kernel_kinds import compiled_after


@pytest.fixture(autouse=True)
def compiled_at_once():
    """An eager caller's first calls of a size are uncompiled; here they are compiled, unless a file says `uncompiled`."""
    with compiled_after(0):
        yield


@pytest.fixture
def uncompiled(compiled_at_once):
    """For what is about something else than compiling, which takes seconds each time; a graph is compiled all the same."""
    with compiled_after(10**9):
        yield
