import importlib.util
from pathlib import Path

import pytest

MISSING = [name for name in ("tf2onnx", "onnx", "onnxruntime") if importlib.util.find_spec(name) is None]


def pytest_collection_modifyitems(items):
    for item in items if MISSING else ():
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.skip(reason=f"needs the extra `onnx`: {', '.join(MISSING)}"))
