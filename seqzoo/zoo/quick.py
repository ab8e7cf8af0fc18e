"""A pretrained model for one answer: everything checked as in `load_pretrained`, and no TensorFlow."""

from seqzoo.tasks import get_task
from seqzoo.zoo.golden import check_few_answers
from seqzoo.zoo.parts import read_parts
from seqzoo.zoo.pins import open_card


def load_quick(name_or_path):
    """A pretrained model that answers few inputs within a moment; None where its task or form has no such thing.

    It has `.name`, `.card`, and what its task's command asks (`predict`, `forecast` or `generate`), with the answers of
    the model that `load_pretrained` gives, to 1e-5.

    Raises: as `load_pretrained`.
    """
    folder, card = open_card(name_or_path)
    parts = read_parts(folder, card)  # NumPy takes the weights as they are: no size in the card is built
    try:
        model = get_task(card["task"]).quick(card["architecture"], parts.content, parts.tensors)
        if hasattr(model, "predict"):
            check_few_answers(model, parts.golden, folder)
    except (KeyError, TypeError):  # a form that NumPy does not know here: the whole model will say what is wrong, if something is
        return None
    if model is not None:
        model.card, model.name = card, card["name"]
    return model
