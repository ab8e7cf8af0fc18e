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
