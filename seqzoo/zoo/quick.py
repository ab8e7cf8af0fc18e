"""A pretrained model for one answer: everything checked as in `load_pretrained`, and no TensorFlow."""

import numpy as np

from seqzoo.tasks import get_task
from seqzoo.zoo.card import read_card
from seqzoo.zoo.folder import GOLDEN, WEIGHTS, parse_weights
from seqzoo.zoo.integrity import read_checked
from seqzoo.zoo.registry import find_model


def load_quick(name_or_path):
    """A pretrained model that answers few inputs within a moment; None where its task or form has no such thing.

    It has `.name`, `.card`, and what its task's command asks (`predict`, `forecast` or `generate`), with the answers of
    the model that `load_pretrained` gives, to 1e-5.

    Raises: as `load_pretrained`.
    """
    folder = find_model(name_or_path)
    card = read_card(folder)
    task = get_task(card["task"])
    content = {name: read_checked(folder, name, card["files"]) for name in (WEIGHTS, GOLDEN, *task.files)}
    tensors = parse_weights(content[WEIGHTS], card["weights_dtype"], folder / WEIGHTS)
    tensors = {name: tensor.astype(np.float32) for name, tensor in tensors.items()}
    try:
        model = task.quick(card["architecture"], content, tensors)
    except KeyError:  # a form that NumPy does not know here: the whole model will say what is wrong, if something is
        return None
    if model is not None:
        model.card, model.name = card, card["name"]
    return model
