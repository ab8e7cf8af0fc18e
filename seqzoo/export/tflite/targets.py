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
            "ABS ADD ARG_MAX ARG_MIN AVERAGE_POOL_2D BATCH_MATMUL CAST CEIL CONCATENATION CONV_2D COS CUMSUM DEPTHWISE_CONV_2D "
            "DEQUANTIZE DIV ELU EQUAL EXP EXPAND_DIMS FLOOR FULLY_CONNECTED GATHER GATHER_ND GREATER GREATER_EQUAL HARD_SWISH "
            "LEAKY_RELU LESS LESS_EQUAL LOG LOGICAL_AND LOGICAL_NOT LOGICAL_OR LOGISTIC MAXIMUM MAX_POOL_2D MEAN MINIMUM MUL NEG "
            "NOT_EQUAL PACK PAD PADV2 PRELU QUANTIZE REDUCE_MAX RELU RELU6 RESHAPE REVERSE_V2 ROUND RSQRT SELECT_V2 SHAPE SIN "
            "SLICE SOFTMAX SPLIT SPLIT_V SQRT SQUARE SQUARED_DIFFERENCE SQUEEZE STRIDED_SLICE SUB SUM TANH TRANSPOSE "
            "TRANSPOSE_CONV UNPACK ZEROS_LIKE".split()
        )
        | {LSTM},
    ),
}
# TensorFlow Lite Micro has these operators for some types alone; the type is that of the output.
MICRO_TYPES = {"SELECT_V2": ("float32", "int8", "int16"), "UNPACK": ("float32", "int8", "int16", "int32")}
# These for some types of what they take.
MICRO_TAKES = {"CAST": ("bool", "float32", "int8", "int16", "int32", "uint32")}
VARIABLES = frozenset(
    "VAR_HANDLE READ_VARIABLE ASSIGN_VARIABLE CALL_ONCE RANDOM_UNIFORM RANDOM_STANDARD_NORMAL MULTINOMIAL".split()
)
# Greatest difference from the Keras model, as a share of the greatest output (at least 1).
TOLERANCES = {None: 1e-5, "float16": 2e-3, "dynamic": 3e-2, "int8": 5e-2}
STRICT = (None, "float16")  # no file where these are further off; of 8 bits there is one, with a warning


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


def check_tolerance(tolerance):
    """Raises ValueError unless it is None or a share of the greatest output."""
    number = isinstance(tolerance, (int, float)) and not isinstance(tolerance, bool)
    if tolerance is not None and not (number and 0 < tolerance < float("inf")):
        raise ValueError(
            "`tolerance` must be a number above 0, the greatest difference from the model as a share of the greatest output, or "
            f"None. Received: {tolerance!r}"
        )


def check_known(target, counts):
    """Raises ExportError if operators, a Counter of names, are none of the built-in ones, or keep something between calls."""
    from seqzoo.export.tflite.flatbuffer import OPERATORS

    builtin = set(OPERATORS.values()) - {"CUSTOM", "DELEGATE"}
    _refuse(target, [name for name in counts if name not in builtin])
    kept = [name for name in counts if name in VARIABLES]
    if kept:
        raise ExportError(
            "A file keeps nothing between calls, so no answer may hang on a variable that a call changes, or on chance: call "
            f"layers such as Dropout without training=True. Received: {', '.join(kept)}"
        )


def check_operators(target, counts):
    """Raises ExportError if a file's operators, a Counter of names, do not all run on the target."""
    check_known(target, counts)
    allowed, forbidden = TARGETS[target].operators, TARGETS[target].forbidden
    elsewhere = "" if target == "interpreter" else _ELSEWHERE
    _refuse(target, [name for name in counts if name in forbidden or (allowed is not None and name not in allowed)], elsewhere)


def check_types(graph):
    """Raises ExportError if TensorFlow Lite Micro has not a file's operator for its type."""
    _refuse("micro", _untyped(graph, "outputs", MICRO_TYPES), _ELSEWHERE)
    wrong = _untyped(graph, "inputs", MICRO_TAKES)
    if wrong:
        raise ExportError(
            f"Target 'micro' ({TARGETS['micro'].runs_on}) has an operator for other types: give the keras.Input dtype='int32', "
            f"which holds the same numbers{_ELSEWHERE}. Received: {', '.join(sorted(wrong))}, which it has not"
        )


def _untyped(graph, side, types):
    """The operators whose first tensor on a side has none of the types listed for them, a list of "CAST of uint8"."""
    sides = [(graph.name(operator), getattr(operator, side)) for operator in graph.operators]
    typed = {(name, graph.dtype(int(tensors[0]))) for name, tensors in sides if len(tensors)}
    return [f"{name} of {dtype}" for name, dtype in typed if dtype not in types.get(name, (dtype,))]


_ELSEWHERE = ", and target 'interpreter' with quantization='dynamic' has it"


def _refuse(target, wrong, elsewhere=""):
    if wrong:
        raise ExportError(
            f"Every operator must run on target {target!r} ({TARGETS[target].runs_on}): another pooling or layer may do"
            f"{elsewhere}. Received: {', '.join(sorted(wrong))}, which it has not"
        )
