"""Everything that a model's folder states, checked against what is there."""

from seqzoo.data.places import BUILT_IN, KINDS, find_data
from seqzoo.tasks import get_task
from seqzoo.tasks.parts import Subject
from seqzoo.zoo.card import reading_card
from seqzoo.zoo.checks import Check, Checks
from seqzoo.zoo.golden import check_golden
from seqzoo.zoo.integrity import ModelIntegrityError, file_names, read_checked
from seqzoo.zoo.phone import check_answers
from seqzoo.zoo.pins import open_card
from seqzoo.zoo.readme import render_readme
from seqzoo.zoo.registry import find_model


def verify_model(name_or_path, data_dir=None, report=None) -> list[Check]:
    """Check a model's files, its answers and, given the data, its figures.

    Files: sizes, hashes, none too few or too many, README.md as made from card.json. Answers: the golden
    outputs from the weights, from `saved_model/` and from the .tflite files, the parameter count. Figures, to
    the last digit that the card states: those of the test (and validation) split, from the shipped weights and,
    of the test split, from `saved_model/`; those of the .tflite files, one text at a time; the fingerprints of
    the data. Figures of other weights and programs, such as the other seeds' and the baselines', are named as
    not computed again.

    `saved_model/` is a TensorFlow program and is run: verify models from sources that you trust.

    Args:
        name_or_path: as for `load_pretrained`.
        data_dir: folder with the data set: `imdb_reviews` as tensorflow-datasets prepares it (or `tfds/` with
            it), or CSV files of daily prices (or `stocks/` with them). Without one only the files and answers
            are checked (and the figures of a model of the built-in sample, which needs no folder).
        report: called as report(name, None) when a check begins and as report(name, check) when it is made.

    Returns:
        list of `Check`, in the order in which they were made; what depends on a failed check is left out.

    Raises:
        UnknownModelError: if there is no such model.
        DataNotFoundError: if `data_dir` holds no such data set.
    """
    find_model(name_or_path)
    checks = Checks(report)
    opened = checks.attempt("card", lambda: (open_card(name_or_path), "valid"))
    if opened is None:
        return checks
    folder, card = opened
    has_saved_model = (folder / "saved_model").exists()
    _check_files(checks, folder, card, has_saved_model)
    if not all(check.ok for check in checks):  # nothing damaged is parsed
        return checks
    from seqzoo.zoo.folder import load_folder

    model = checks.attempt("loads", lambda: (load_folder(folder, card), card["task"]))
    if model is None:
        return checks
    checks.attempt("parameters", lambda: _parameters(model))
    checks.attempt("golden outputs", lambda: (True, f"differ by {check_golden(model):.1e}"))
    answers = None
    if has_saved_model:
        from seqzoo.zoo.served import served

        answers = served(folder / "saved_model", model)
        checks.attempt("golden outputs, SavedModel", lambda: (True, f"differ by {check_golden(model, answers):.1e}"))
    for name in sorted(card.get("phone", {})):
        checks.attempt(f"golden outputs, {name}", lambda name=name: check_answers(folder / name, model.golden))
    _check_figures(checks, model, data_dir, folder, answers)
    return checks


def has_data(name_or_path, data_dir):
    """Whether `data_dir` holds the data that a model's figures are computed from; None where no folder can help."""
    _, card = open_card(name_or_path)
    with reading_card(card, "`data`"):
        kind = get_task(card["task"]).data_kind(card)
    if card["data"]["name"] in BUILT_IN or kind is None:
        return None
    return find_data(kind, data_dir) is not None


def _check_figures(checks, model, data_dir, folder, answers):
    card, task = model.card, get_task(model.card["task"])
    kind, built_in = task.data_kind(card), card["data"]["name"] in BUILT_IN
    if data_dir is None and not built_in and kind is not None:
        checks.leave_out("figures", f"not computed again without the data ({KINDS[kind][2]})")
        return
    place = None if built_in or kind is None else find_data(kind, data_dir) or data_dir
    task.check_figures(checks, Subject(model, folder, place, answers, _open_file))


def _open_file(path):
    from seqzoo.export import TFLiteRunner

    return TFLiteRunner(path)


def _check_files(checks, folder, card, has_saved_model):
    files = sorted(card["files"])
    if not has_saved_model:  # the wheel leaves it out, as a whole, because it can be made again
        checks.leave_out("saved_model", "not here; `seqzoo export NAME --format saved_model` makes it")
        files = [name for name in files if not name.startswith("saved_model/")]
    for name in files:
        checks.attempt(name, lambda name=name: (True, f"{len(read_checked(folder, name, card['files'])):,} bytes, SHA-256"))
    checks.attempt("no other files", lambda: _no_other_files(folder, card))
    checks.attempt("README.md is made from card.json", lambda: _readme(folder, card))


def _no_other_files(folder, card):
    extra = sorted(set(file_names(folder)) - {"card.json", *card["files"]})
    if extra:
        raise ModelIntegrityError(f"The folder must hold only what card.json lists. Received: {', '.join(extra)}")
    return True, f"{len(card['files']) + 1} files"


def _readme(folder, card):
    if (folder / "README.md").read_bytes() != render_readme(card).encode("utf-8", errors="replace"):
        raise ModelIntegrityError(
            "README.md must be what card.json gives (see seqzoo.zoo.refresh_readme). Received: another text"
        )
    return True, "the same text"


def _parameters(model):
    stated, counted = model.card["parameters"], model.count_parameters()
    if stated != counted:
        raise ModelIntegrityError(f"The card states {stated:,} parameters. Received: {counted:,} in the weights")
    return True, f"{counted:,}"
