"""The types of all that a sidecar holds. Fields that are not here are ignored; a task has the form of its own section."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

FORMAT = 1
Count, Size = Annotated[int, Meta(ge=0)], Annotated[int, Meta(ge=1)]
Name, Digest = Annotated[str, Meta(min_length=1)], Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Dtype = Literal["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"]


class Tensor(Struct):
    """An input or output: `tensor` is its number in the file, None in `shape` is time."""

    name: Name
    tensor: Count
    dtype: Dtype
    shape: list[Count | None]


class Scale(Struct):
    """real = scale * (stored - zero_point)"""

    name: Name
    tensor: Count
    dtype: Dtype
    scale: Annotated[float, Meta(gt=0)]
    zero_point: int


class Metric(Struct):
    """A caller's own figure, of the file and of its model, on as many examples."""

    name: Name
    file: float
    model: float
    examples: Size


class Normalization(Struct):
    """What the first input is to be given with: (raw - mean) / std."""

    mean: Annotated[list[float], Meta(min_length=1)]
    std: Annotated[list[Annotated[float, Meta(gt=0)]], Meta(min_length=1)]


class Sidecar(Struct):
    format: Literal[FORMAT]
    file: Name
    sha256: Digest
    bytes: Size
    model: str
    runs_on: str
    versions: dict[str, str]
    target: Name
    quantization: Literal["float16", "dynamic", "int8"] | None
    form: Name
    batch_size: Size
    time_steps: Size | None
    inputs: Annotated[list[Tensor], Meta(min_length=1)]
    outputs: Annotated[list[Tensor], Meta(min_length=1)]
    operators: dict[str, Size] | UnsetType = UNSET
    states: list[Name] | UnsetType = UNSET
    checked_steps: Size | UnsetType = UNSET
    samples: dict[str, Count] | UnsetType = UNSET
    scales: list[Scale] | UnsetType = UNSET
    int8_share: Annotated[float, Meta(ge=0, le=1)] | UnsetType = UNSET
    measured_error: Annotated[float, Meta(ge=0)] | UnsetType = UNSET
    tolerance: Annotated[float, Meta(gt=0)] | UnsetType = UNSET
    metric: Metric | UnsetType = UNSET
    labels: list[Name] | UnsetType = UNSET
    normalization: Normalization | UnsetType = UNSET


def check_form(fields, form):
    """Raises ValueError unless parsed JSON is what a type says, naming the place."""
    try:
        msgspec.convert(fields, form)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None
