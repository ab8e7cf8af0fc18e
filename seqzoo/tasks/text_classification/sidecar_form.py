"""The types of the section `text` of a .tflite file's sidecar."""

from typing import Annotated

from msgspec import Meta, Struct

Size, Id = Annotated[int, Meta(ge=1)], Annotated[int, Meta(ge=0)]


class TextSection(Struct):
    """See `phone.describe_text`."""

    rules: str
    word: str
    line_break: str
    padding: Id
    unknown: Id
    max_tokens: Size
    keep: str
    pad: str
    vocabulary_size: Size
    vocabulary: Annotated[str, Meta(min_length=1)]
    vocabulary_sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
