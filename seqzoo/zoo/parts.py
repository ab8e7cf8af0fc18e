"""The files that a model is made of, read once: the bytes that were checked are the bytes that are parsed."""

from typing import NamedTuple

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from seqzoo.tasks import get_task
from seqzoo.zoo.golden import GOLDEN, parse_golden
from seqzoo.zoo.integrity import ModelIntegrityError, read_checked
from seqzoo.zoo.sizes import check_header, check_shapes, check_sizes

WEIGHTS = "weights.safetensors"


class Parts(NamedTuple):
    """content: the bytes of every file that was read, by name. golden: parsed golden.json. tensors: float32, by name."""

    content: dict
    golden: dict
    tensors: dict


def read_parts(folder, card, shapes=None):
    """`Parts` of a model's folder. Imports no TensorFlow.

    Args:
        folder: `pathlib.Path`. card: its card, valid.
        shapes: `{name: shape}` that the tensors must have, where they are known.

    Raises:
        CardError: if golden.json is not valid, or a file is too big for the card's parameters or for any model.
        ModelIntegrityError: if a file is missing, differs from the card or holds other tensors.
    """
    names = (WEIGHTS, GOLDEN, *get_task(card["task"]).files)
    check_sizes(card, names, WEIGHTS, folder / "card.json")
    content = {name: read_checked(folder, name, card["files"]) for name in names}
    golden = parse_golden(content[GOLDEN], folder / GOLDEN)
    check_header(content[WEIGHTS], folder / WEIGHTS)
    tensors = _parse_weights(content[WEIGHTS], card["weights_dtype"], folder / WEIGHTS)
    if shapes is not None:
        check_shapes(tensors, shapes, folder / WEIGHTS)
    return Parts(content, golden, {name: tensor.astype(np.float32) for name, tensor in tensors.items()})


def _parse_weights(data, dtype, path):
    try:
        tensors = safetensors.numpy.load(data)
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ModelIntegrityError(f"{path} must be a safetensors file. Received: {error!s:.500}") from None
    for name, tensor in tensors.items():
        if tensor.dtype != dtype:
            raise ModelIntegrityError(f"`{name:.200}` in {path} must be {dtype}, as the card says. Received: {tensor.dtype}")
    return tensors
