"""See inside: gates over time, gradients through time, pictures and a report. Imports TensorFlow on first need."""

from importlib import import_module

_HOME = {
    "trace_gates": "gates",
    "gradient_flow": "gradients",
    "plot_gates": "plots",
    "plot_gradient_flow": "plots",
    "explain": "report",
}
__all__ = list(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__():
    return sorted({*globals(), *__all__})
