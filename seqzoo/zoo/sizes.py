"""What a card says of sizes, compared before anything of that size is read or built."""

import json
from itertools import islice
from math import prod

from seqzoo.zoo.card import CardError, reading_card
from seqzoo.zoo.integrity import ModelIntegrityError

LARGEST = 2 * 2**30  # bytes of a model's weights
LARGEST_OTHER = 256 * 2**20  # of its vocabulary, its golden answers
LARGEST_HEADER = 2**20  # of weights.safetensors, some hundred bytes a tensor
MOST_TENSORS = LARGEST_HEADER // 50
BYTES = {"float16": 2, "float32": 4}


def expected_shapes(task, card, path):
    """`{name: shape}` of a model's tensors by its card's architecture, as the task says them; None where it does not.

    Raises:
        CardError: if the architecture is not valid, or states sizes that are not those of the card's parameters.
    """
    with reading_card(card, "`architecture`"):
        found = task.weight_shapes(card["architecture"])
        if found is None:
            return None
        shapes, count = {}, 0
        for name, shape in islice(found, MOST_TENSORS + 1):
            shapes[name], count = tuple(shape), count + prod(shape)
            if count > card["parameters"]:
                break
    if count != card["parameters"] or len(shapes) > MOST_TENSORS:
        more = "more than " * (count > card["parameters"])
        raise CardError(
            f"`architecture` in {path} must be that of the {card['parameters']:,} parameters that the card states, in at most "
            f"{MOST_TENSORS:,} tensors. Received: one of {more}{count:,} in {len(shapes):,} tensors"
        )
    return shapes


def check_sizes(card, names, weights, path):
    """Compare the sizes of files that the card lists with its parameters and with what a model may have.

    Args:
        names: the files that are to be read. weights: which of them holds the weights.

    Raises:
        CardError: naming the file.
    """
    for name in names:
        if name not in card["files"]:
            continue  # reading it says so
        stated, most = card["files"][name]["bytes"], LARGEST if name == weights else LARGEST_OTHER
        if stated > most:
            raise CardError(f"{name} in {path} must have at most {most:,} bytes. Received: {stated:,}")
        least = card["parameters"] * BYTES[card["weights_dtype"]]
        if name == weights and not least < stated <= least + 8 + LARGEST_HEADER:
            raise CardError(
                f"{name} in {path} must have the size of {card['parameters']:,} parameters in {card['weights_dtype']}, "
                f"{least:,} bytes, and a header of at most {LARGEST_HEADER:,}. Received: {stated:,} bytes"
            )


def check_header(data, expected, path):
    """Compare the names and shapes in a safetensors file's header with the expected ones.

    Args:
        data: the file's bytes. expected: `{name: shape}`, or None.

    Raises:
        ModelIntegrityError: naming the first tensor that differs.
    """
    length = int.from_bytes(data[:8], "little")
    if not 2 <= length <= min(LARGEST_HEADER, len(data) - 8):
        raise ModelIntegrityError(
            f"{path} must be a safetensors file, which begins with the length of its header, at most {LARGEST_HEADER:,}. "
            f"Received: {length:,}"
        )
    try:
        header = json.loads(data[8 : 8 + length])
        received = {name: tuple(of["shape"]) for name, of in header.items() if name != "__metadata__"}
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise ModelIntegrityError(f"{path} must be a safetensors file. Received: {str(error):.200}") from None
    if expected is None or received == expected:
        return
    name = next(name for name in (*expected, *received) if expected.get(name) != received.get(name))
    wanted, found = (of.get(name, "no tensor of that name") for of in (expected, received))
    raise ModelIntegrityError(
        f"`{name:.200}` in {path} must have the shape that the card's architecture gives it: {wanted}. Received: {found!s:.200}"
    )
