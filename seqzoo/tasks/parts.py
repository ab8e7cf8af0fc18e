"""What a task is asked with and what it answers, as named tuples; what cards share, and how one is loaded, in words."""

import shlex
from typing import Any, NamedTuple

# Forms of parts of a card, in the notation of `seqzoo.zoo.card.FORM`.
DATA_FORM = {
    "name": str,
    "version": str,
    "rule": str,
    "splits": {"*": {"examples": int, "fingerprint": str}},
    "citation": str,
    "terms": str,
    "test_of?": str,  # the data set of reviews whose test split the figures `test` are of, where `name` is none
}
PHONE_FORM = {"target": str, "bytes": int, "milliseconds": float, "examples": int}  # of a .tflite file, without its figures


class Prepared(NamedTuple):
    """A model's network and its inputs as Keras takes them.

    network: `keras.layers.Layer`, most often a `keras.Model`.
    inputs: what `network` is called on.
    steps: for each row a tuple with the name of every step (a text's words, a series' days), or None when steps
        have no names.
    valid: bool `[batch, time]`, False in the padding, or None when nothing is known of padding.
    loss: the loss that the model is trained on, as `keras.losses.get` takes it; None if it is not known.
    """

    network: Any
    inputs: Any
    steps: list | None = None
    valid: Any = None
    loss: Any = None


class Quantity(NamedTuple):
    """What a running answer is, for a report.

    A probability moves in log-odds, a positive quantity in its logarithm, any other as it is.
    """

    name: str
    step: str
    digits: int = 3
    probability: bool = True
    positive: bool = False


class Map(NamedTuple):
    """Numbers over time that a report shows above the gates, such as a spectrum.

    name, meaning: what they are. rows: what the rows are, such as "bands". values: float `[rows, time]`.
    """

    name: str
    meaning: str
    rows: str
    values: Any


class Reading(NamedTuple):
    """One model at work on one raw input, step by step.

    inputs: the raw input as `trace_gates` takes it, cut to what the model reads.
    steps: names of the steps.
    answers: floats, the running answer before the first and after each step.
    quantity: `Quantity`, what the answers are.
    known: for each step whether the model knows what stands there.
    cut: what was left out of the raw input, in words; None for nothing.
    label: the final answer in a word, such as a class; None where it is a number alone.
    beside: (name, floats) of a series that helps to read the answers, such as the price of each day, with one number or as many
        for every step; or None.
    answer: the final answer, where it is not the last of `answers`.
    maps: `Map`s of what the model computes before its first recurrent layer.
    """

    inputs: Any
    steps: list
    answers: Any
    quantity: Quantity
    known: list
    cut: str | None = None
    label: str | None = None
    beside: tuple | None = None
    maps: tuple = ()
    answer: float | None = None


class Subject(NamedTuple):
    """A model of the zoo whose card's figures are computed again.

    model: as `load_pretrained` gives it. folder: its folder, `pathlib.Path`. data_dir: the folder with its data, None for
    data that are built in. served: function from raw inputs to its SavedModel's answers; None without one. open_file:
    function from the path of a .tflite file to what runs it.
    """

    model: Any
    folder: Any
    data_dir: Any = None
    served: Any = None
    open_file: Any = None


class PhoneColumns(NamedTuple):
    """What a card's table of .tflite files shows of this task.

    unit: what one answer is for ("a text"). titles: of the columns. cells: function from a file's row on the card to the
    cells of these columns. told: what the figures are of. recipe: what measured them.
    """

    unit: str
    titles: list
    cells: Any
    told: str
    recipe: str = "add_tflite"


def place_of(card):
    """How a README calls its model: in Python, what stands after the call, and in a shell.

    A model that is none of the zoo's, as its card says, has no name to be loaded by.
    """
    if card.get("published", True):  # cards from before there was this field are the zoo's
        return f'"{card["name"]}"', "  # or the path of this folder", shlex.quote(card["name"])
    return '"FOLDER"', "  # the path of this folder", "FOLDER"
