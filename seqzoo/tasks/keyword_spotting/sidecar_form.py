"""The types of the section `sound` of a .tflite file's sidecar."""

from typing import Annotated

from msgspec import Meta, Struct

Size, Place = Annotated[int, Meta(ge=1)], Annotated[int, Meta(ge=0)]


class SoundSection(Struct):
    """See `phone.describe_sound`."""

    rate: Size
    hop: Size
    range: str
    tail: Place
    smoothing: Size
    silence: Place
    threshold: Annotated[float, Meta(gt=0, le=1)]
    refractory: Size
    rule: str
    lead: Place = 0
