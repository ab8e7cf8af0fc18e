import pytest

from tests.recipes.small_run import Run


@pytest.fixture(scope="session")
def uninterrupted(tmp_path_factory):
    """A run that nothing interrupts, still at work: `finished` waits for it."""
    run = Run(tmp_path_factory.mktemp("uninterrupted") / "run")
    yield run
    run.process.kill()
    run.process.join()


@pytest.fixture(scope="session")
def finished(uninterrupted):
    """The folder of a finished run. Read it only."""
    status = uninterrupted.end()
    assert status == 0, uninterrupted.log.read_text()
    return uninterrupted.folder
