"""The types of the section `prices` of a .tflite file's sidecar."""

from typing import Annotated

from msgspec import Meta, Struct

Size = Annotated[int, Meta(ge=1)]
Names = Annotated[list[str], Meta(min_length=1)]


class Prices(Struct):
    """See `phone.describe_prices`."""

    task: str
    columns: Names
    window: Size
    steps: Size
    features: Names
    rules: str
    outputs: Names
    answer: str


class QuantilePrices(Prices):
    calibration: Annotated[list[Annotated[float, Meta(gt=0)]], Meta(min_length=2, max_length=2)]


def section_of(task):
    """The type of the section for the task of this name."""
    return QuantilePrices if task == "stock-quantiles" else Prices
