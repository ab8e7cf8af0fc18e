"""What a card says of sizes, compared before anything of that size is read or built."""

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
        if name == weights and stated > least + 8 + LARGEST_HEADER:  # what is too short is no safetensors file
            raise CardError(
                f"{name} in {path} must have the size of {card['parameters']:,} parameters in {card['weights_dtype']}, "
                f"{least:,} bytes, and of a header of at most {LARGEST_HEADER:,}. Received: {stated:,} bytes"
            )


def check_header(data, path):
    """Refuse a safetensors file whose header is longer than the few hundred bytes a tensor that it needs.

    Raises:
        ModelIntegrityError: for that, and for what is no safetensors file.
    """
    length = int.from_bytes(data[:8], "little")
    if not 2 <= length <= min(LARGEST_HEADER, len(data) - 8):
        raise ModelIntegrityError(
            f"{path} must be a safetensors file, which begins with the length of its header, at most {LARGEST_HEADER:,}. "
            f"Received: {length:,} in {len(data):,} bytes"
        )


def check_shapes(tensors, expected, path):
    """Compare tensors with the expected `{name: shape}`. Raises ModelIntegrityError naming the first that differs."""
    received = {name: tensor.shape for name, tensor in tensors.items()}
    if received == expected:
        return
    name = next(name for name in (*expected, *received) if expected.get(name) != received.get(name))
    wanted, found = (of.get(name, "no tensor of that name") for of in (expected, received))
    raise ModelIntegrityError(
        f"`{name:.200}` in {path} must have the shape that the architecture in card.json gives it, {wanted}. Received: {found}"
    )
