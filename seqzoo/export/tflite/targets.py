"""The places where an exported file may run, and what each of them can take. Imports nothing of TensorFlow."""

from typing import NamedTuple

from seqzoo.export.tflite.names import LSTM, RNN


class ExportError(ValueError):
    """A converted file is not what it must be, so it was not published."""


class Target(NamedTuple):
    """One kind of runtime.

    Attributes:
        runs_on: for people.
        quantizations: those that are right there; None is float32.
        operators: the builtins that its kernels cover, or None for all.
        forbidden: operators that it refuses or gets wrong.
    """

    runs_on: str
    quantizations: tuple
    operators: frozenset | None = None
    forbidden: frozenset = frozenset()


TARGETS = {
    "interpreter": Target("the LiteRT (TFLite) Interpreter on Android, iOS, Linux", (None, "float16", "dynamic", "int8")),
    "compiled": Target(
        "LiteRT CompiledModel and LiteRT.js in browsers",
        (None, "float16", "dynamic", "int8"),
        forbidden=frozenset({LSTM, RNN}),
    ),
    "stream": Target(
        "the LiteRT Interpreter and CompiledModel, one step a call",
        (None, "float16", "dynamic", "int8"),
        forbidden=frozenset({LSTM, RNN, "WHILE"}),
    ),
    "micro": Target(
        "TensorFlow Lite Micro on microcontrollers",
        ("int8",),
        operators=frozenset(
            "ADD CAST CONCATENATION DEQUANTIZE DIV EXPAND_DIMS FULLY_CONNECTED GATHER GREATER LESS LOGISTIC "
            "MAXIMUM MINIMUM PACK QUANTIZE REDUCE_MAX RESHAPE SELECT_V2 SHAPE SPLIT STRIDED_SLICE SUB SUM TANH".split()
        )
        | {LSTM},
    ),
}
# Greatest difference from the Keras model, as a share of the greatest output (at least 1).
TOLERANCES = {None: 1e-5, "float16": 2e-3, "dynamic": 3e-2, "int8": 5e-2}


def check_pair(target, quantization):
    """Raises ValueError unless the target exists and takes the quantization."""
    if target not in TARGETS:
        raise ValueError(f"`target` must be one of {', '.join(TARGETS)}. Received: {target!r}")
    valid = TARGETS[target].quantizations
    if quantization not in valid:
        others = [name for name, other in TARGETS.items() if quantization in other.quantizations]
        hint = f" ({quantization!r} works with target {' or '.join(others)})" if others else ""
        raise ValueError(
            f"Target {target!r} takes quantization {' or '.join(map(repr, valid))}{hint}. Received: {quantization!r}"
        )


def check_operators(target, counts):
    """Raises ExportError if a file's operators, a Counter of names, do not all run on the target."""
    from seqzoo.export.tflite.flatbuffer import OPERATORS

    builtin = set(OPERATORS.values()) - {"CUSTOM", "DELEGATE"}
    wrong = sorted(
        name
        for name in counts
        if name not in builtin
        or name in TARGETS[target].forbidden
        or (TARGETS[target].operators is not None and name not in TARGETS[target].operators)
    )
    if wrong:
        raise ExportError(
            f"Every operator must run on target {target!r} ({TARGETS[target].runs_on}). Received: "
            f"{', '.join(wrong)}, which it has not; another pooling or layer, or another target, may do"
        )
