"""Everything that a model's folder states, checked against what is there."""

import numpy as np

from seqzoo.zoo.card import read_card
from seqzoo.zoo.checks import Check, check_figure, check_fingerprint, try_check
from seqzoo.zoo.golden import check_golden
from seqzoo.zoo.integrity import ModelIntegrityError, file_names, read_checked
from seqzoo.zoo.phone import check_answers, check_figures
from seqzoo.zoo.readme import render_readme
from seqzoo.zoo.registry import find_model


def verify_model(name_or_path, data_dir=None) -> list[Check]:
    """Check a model's files, its answers and, given the data, its figures.

    Files: sizes, hashes, none too few or too many, README.md as made from card.json. Answers: the golden
    outputs from the weights, from `saved_model/` and from the .tflite files, the parameter count. Figures:
    accuracy and loss on the test (and validation) split, computed from the shipped weights, to the last digit
    that the card states; those of the .tflite files, one text at a time; the fingerprints of the data.

    `saved_model/` is a TensorFlow program and is run: verify models from sources that you trust.

    Args:
        name_or_path: as for `load_pretrained`.
        data_dir: folder with the prepared data set; without one only the files and answers are checked
            (and the figures of a model of the built-in sample, which needs no folder).

    Returns:
        list of `Check`, in the order in which they were made; what depends on a failed check is left out.

    Raises:
        UnknownModelError: if there is no such model.
        DataNotFoundError: if `data_dir` holds no such data set.
    """
    folder = find_model(name_or_path)
    checks = []
    card = try_check(checks, "card", lambda: (read_card(folder), "valid"))
    if card is None:
        return checks
    files = sorted(card["files"])
    if not (
        folder / "saved_model"
    ).exists():  # the wheel leaves it out, as a whole, because it can be made again
        checks.append(
            Check("saved_model", True, "not here; `seqzoo export NAME --format saved_model` makes it")
        )
        files = [name for name in files if not name.startswith("saved_model/")]
    for name in files:
        try_check(
            checks,
            name,
            lambda name=name: (True, f"{len(read_checked(folder, name, card['files'])):,} bytes, SHA-256"),
        )
    try_check(checks, "no other files", lambda: _no_other_files(folder, card))
    try_check(checks, "README.md is made from card.json", lambda: _readme(folder, card))
    if not all(check.ok for check in checks):  # nothing damaged is parsed
        return checks
    from seqzoo.zoo.folder import load_folder

    model = try_check(checks, "loads", lambda: (load_folder(folder), card["task"]))
    if model is None:
        return checks
    try_check(checks, "parameters", lambda: _parameters(model))
    try_check(checks, "golden outputs", lambda: (True, f"differ by {check_golden(model):.1e}"))
    if any(name.startswith("saved_model/") for name in files):
        predict = _saved_model(folder / "saved_model", getattr(model, "outputs", ()))
        try_check(
            checks,
            "golden outputs, SavedModel",
            lambda: (True, f"differ by {check_golden(model, predict):.1e}"),
        )
    phone = sorted(card.get("phone", {}))
    for name in phone:
        try_check(
            checks, f"golden outputs, {name}", lambda name=name: check_answers(folder / name, model.golden)
        )
    if card["task"].startswith("stock-"):
        from seqzoo.zoo.verify_stocks import figure_checks

        if data_dir is not None or card["data"]["name"] == "stocks-sample":
            checks += figure_checks(model, data_dir, folder)
    elif data_dir is not None or card["data"]["name"] == "sample":
        checks += _figures(model, data_dir, folder, phone)
    return checks


def measure(model, texts, labels) -> dict:
    """Accuracy and mean cross-entropy of a text classifier, `{"accuracy", "loss", "examples"}`.

    Args:
        model: has `predict`.
        texts: list of str.
        labels: 0/1 array of the same length; at a probability of exactly 1/2 the answer is negative.
    """
    labels = np.asarray(labels)
    positive = np.asarray(model.predict(texts), np.float64)
    # As keras.losses.BinaryCrossentropy does: no probability is nearer to 0 or 1 than 1e-7.
    right = np.clip(np.where(labels == 1, positive, 1 - positive), 1e-7, 1)
    return {
        "accuracy": float(np.mean((positive > 0.5) == (labels == 1))),
        "loss": float(-np.mean(np.log(right))),
        "examples": len(labels),
    }


def _no_other_files(folder, card):
    extra = sorted(set(file_names(folder)) - {"card.json", *card["files"]})
    if extra:
        raise ModelIntegrityError(
            f"The folder must hold only what card.json lists. Received: {', '.join(extra)}"
        )
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
        raise ModelIntegrityError(
            f"The card states {stated:,} parameters. Received: {counted:,} in the weights"
        )
    return True, f"{counted:,}"


def _saved_model(folder, outputs=()):
    import tensorflow as tf

    loaded = []  # loaded at the first call, and kept: its variables live as long as it does

    def predict(inputs):
        if not loaded:
            loaded.append(tf.saved_model.load(str(folder)))
        serve = loaded[0].signatures["serving_default"]
        if outputs:  # a forecaster's columns
            served = serve(prices=tf.constant(inputs, tf.float64))
            return np.stack([served[name].numpy() for name in outputs], axis=1)
        encoded = [text.encode("utf-8", errors="surrogatepass") for text in inputs]
        return serve(text=tf.constant(encoded))["probability"].numpy()

    return predict


def _figures(model, data_dir, folder, phone):
    from seqzoo.data.reviews import load_reviews

    data, metrics, checks = model.card["data"], model.card["metrics"], []
    reviews = load_reviews(data["name"], data_dir)
    found = reviews.fingerprint()
    # Another rule (another share for validation) splits the same training reviews otherwise.
    same = {"test"} if data["rule"] != reviews.rule else set(found)
    for name in sorted(same & set(data["splits"])):
        try_check(
            checks, f"{name} data", lambda name=name: check_fingerprint(data["splits"][name], found[name])
        )
    measured = sorted(same & {"validation", "test"} & set(metrics))
    if not measured:
        checks.append(
            Check("figures", False, "The card states none that can be computed again from this data")
        )
    for name in measured:
        received = measure(model, *getattr(reviews, name))
        for figure, value in received.items():
            try_check(
                checks, f"{name} {figure}", lambda f=figure, n=name, v=value: check_figure(metrics[n][f], v)
            )
    if "test" in same:
        for name in phone:
            stated = model.card["phone"][name]
            try_check(
                checks,
                f"test figures, {name}",
                lambda name=name, stated=stated: check_figures(folder / name, stated, *reviews.test),
            )
    return checks
