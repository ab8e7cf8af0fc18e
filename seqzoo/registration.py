"""Makes `keras.models.load_model` know this package's classes once it is imported, whichever is imported first.

Keras finds a class of another package only if it has been registered, which happens when the class is made. The modules
that make them import Keras, and so must wait for it: `import seqzoo` alone does not.
"""

import contextlib
import importlib
import sys

# Every module that registers a class with Keras.
_MODULES = (
    "seqzoo.cells",
    "seqzoo.layers",
    "seqzoo.layers.bigram_embedding",
    "seqzoo.layers.pooling",
    "seqzoo.layers.sampled_softmax",
    "seqzoo.layers.weight_dropout",
    "seqzoo.layers.word_dropout",
    "seqzoo.tasks.text_generation.model",
    "seqzoo.training.discriminative",
)


def register_with_keras():
    """Register now if Keras is there, otherwise as soon as it has been imported."""
    if "keras" in sys.modules:
        _register()
    elif not any(isinstance(finder, _AfterKeras) for finder in sys.meta_path):
        sys.meta_path.insert(0, _AfterKeras())


def _register():
    for name in _MODULES:
        # A Keras that we can't use says so at the first use of a name. A module that is just being imported, which
        # brought Keras here, goes on afterwards.
        with contextlib.suppress(ImportError, AttributeError):
            importlib.import_module(name)


class _AfterKeras:
    """Finds nothing. It lets the others find Keras, and sees to it that registration follows."""

    def find_spec(self, name, path=None, target=None):
        if name != "keras":
            return None
        others = (finder.find_spec for finder in sys.meta_path if finder is not self and hasattr(finder, "find_spec"))
        spec = next(filter(None, (find(name, path, target) for find in others)), None)
        if spec is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = _Registering(spec.loader)
        return spec


class _Registering:
    """Keras's loader, and registration once it has done its work."""

    def __init__(self, loader):
        self._loader = loader

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self._loader  # what stands there from now on
        self._loader.exec_module(module)
        _register()
