"""See inside: gates over time, gradients through time, pictures and a report. Imports TensorFlow on first need."""

from seqzoo.lazy import lazy

_HOME = {
    "trace_gates": "gates",
    "gradient_flow": "gradients",
    "plot_gates": "plots",
    "plot_gradient_flow": "plots",
    "explain": "report",
}
__all__ = list(_HOME)
__getattr__, __dir__ = lazy(__name__, _HOME)
