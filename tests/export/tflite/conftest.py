import importlib.util

import pytest

if importlib.util.find_spec("ai_edge_litert") is None:  # the extra `mobile`
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def raw():
    """`networks.converted`: each conversion is made once, for TensorFlow's converter is what takes the
    time.
    """
    from tests.export.tflite.networks import converted

    return converted


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def in_process():
    """Files are built and checked in this process: that a fault there ends nobody's program is tested elsewhere."""
    from seqzoo.export.tflite import build, export

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "run_job", build.build)
        yield
