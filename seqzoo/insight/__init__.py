"""See inside: gates over time, gradients through time, pictures and a report. Imports TensorFlow on first need."""

from typing import TYPE_CHECKING

from seqzoo.lazy import lazy

_HOME = {
    "trace_gates": "gates",
    "gradient_flow": "gradients",
    "plot_gates": "plots",
    "plot_gradient_flow": "plots",
    "explain": "report",
}
__all__ = list(_HOME)

if TYPE_CHECKING:  # the same names, for editors and type checkers
    from seqzoo.insight.gates import trace_gates as trace_gates
    from seqzoo.insight.gradients import gradient_flow as gradient_flow
    from seqzoo.insight.plots import plot_gates as plot_gates
    from seqzoo.insight.plots import plot_gradient_flow as plot_gradient_flow
    from seqzoo.insight.report import explain as explain
else:
    __getattr__, __dir__ = lazy(__name__, _HOME)
