import contextlib
import gc
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.processes import forked

# Before anything imports TensorFlow: its start-up messages would drown the test report.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

# A shell that starts the tests with `&` lets them and their children ignore Ctrl-C, which several tests press.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    with contextlib.suppress(ValueError):  # only the main thread may say so
        signal.signal(signal.SIGINT, signal.default_int_handler)

_BUILDER = "import seqzoo.export.tflite.build, seqzoo.tasks as tasks; list(tasks.importable_tasks())\n"
_ROOT = Path(__file__).resolve().parent.parent
# Where networks are compiled as a user's are: kernels, layers, the text classifier (under other Keras releases every model of the
# zoo), what was reported or is timed, and exports that show how XLA's part stays behind.
_COMPILED = {"kernels", "layers", "text_classification", "benchmarks", "onnx", "test_saved_model.py", "test_export.py"}
# What Keras does around our layers, and ours do around their steps; an ONNX file, which nothing that is compiled gets into
# (test_keras_exports.py has that).
_NOT_COMPILED = {"test_composition.py", "test_masks_of_next_keras.py", "test_load_model.py", "test_export_onnx.py"}
_NOT_COMPILED |= {"test_masks.py", "test_gradients.py", "test_trace.py", "test_layer_dropout.py", "test_weights_files.py"}
_NOT_COMPILED |= {"test_saving.py", "test_seeds.py"}
# The files that take longest come first, so that none of them is left to one process while the other has nothing to do.
_LONGEST = (
    *("test_distributed.py", "test_docs.py", "test_reported_keras.py", "test_refusals.py", "test_work_in_browser.py"),
    *("test_language_model.py", "test_scoring_beam_files.py", "test_market_recipe.py", "test_text_classifier.py"),
    *("test_in_browser.py", "test_stock_forecast.py", "test_resume.py", "test_export_onnx.py", "test_targets.py"),
    *("test_against_keras.py", "test_cli.py", "test_language_model_recipe.py", "test_folder.py", "test_gradients.py"),
    *("test_second_derivatives.py", "test_verify.py", "test_compiled.py", "test_masks_in_files.py", "test_load_model.py"),
)


def pytest_collection_modifyitems(items):
    place = {name: place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


def pytest_collection_finish():
    """What is imported by now stays to the end: Python's collector need not walk through TensorFlow again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True, scope="module")
def uncompiled_graphs(request):
    """Elsewhere networks are tiny and answer a few times: XLA, which compiles every size that a graph meets, would take two
    thirds of the tests' time. The same operations run uncompiled; tests/kernels has both forms beside the same oracle."""
    compiled = sys.modules.get("seqzoo.kernels.compiled")  # not imported for it: some files do without TensorFlow
    path = request.path.relative_to(_ROOT / "tests")
    as_users = path.name.startswith("test_reported") or (_COMPILED & set(path.parts) and path.name not in _NOT_COMPILED)
    if compiled is None or as_users:
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "_worth_compiling", lambda *_: False)
        yield


@pytest.fixture(autouse=True, scope="module")
def forked_builds(request):
    """A phone file is built in a process forked from one that has imported what that takes. Not in the test of that process."""
    job = sys.modules.get("seqzoo.export.tflite.job")
    if job is None or request.path.name == "test_export.py":
        yield
        return
    program, path = [sys.executable, "-m", "seqzoo.export.tflite.build"], os.environ.get("PYTHONPATH")

    def run(command, **options):
        if command[:-1] != program or os.environ.get("PYTHONPATH") != path:
            return subprocess.run(command, **options)
        code = "import runpy, sys; sys.argv[0] = 'build'; runpy.run_module('seqzoo.export.tflite.build', run_name='__main__')"
        return forked(code, command[-1], begun=_BUILDER, cwd=os.getcwd())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "subprocess", SimpleNamespace(run=run))
        yield


@pytest.fixture(scope="session")
def imdb_data_dir():
    """The folder where tensorflow-datasets prepared imdb_reviews. Skips without one, never downloads."""
    named = [os.environ.get("SEQZOO_DATA_DIR"), os.environ.get("TFDS_DATA_DIR")]
    for folder in [Path(name) for name in named if name] + [_ROOT.parent / "shared" / "data" / "tfds"]:
        if any(folder.glob("imdb_reviews/plain_text/*/dataset_info.json")):
            return str(folder)
    pytest.skip("needs a prepared copy of imdb_reviews: set TFDS_DATA_DIR")
