"""A package's names imported when they are first used, so that importing the package costs nothing."""

import sys
from importlib import import_module


def lazy(package, homes):
    """`__getattr__` and `__dir__` of a package whose names live in modules of its own: `{name: module}`."""

    def get(name):
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{homes[name]}"), name)

    def names():
        return sorted({*vars(sys.modules[package]), *homes})

    return get, names
