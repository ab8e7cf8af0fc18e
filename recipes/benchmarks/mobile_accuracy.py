"""Accuracy of a text classifier's phone files beside the model itself, on the same reviews."""

import numpy as np

QUANTIZATIONS = ("none", "float16", "dynamic", "int8")
MICRO = "micro"  # goes over all its steps for every text, so it gets fewer
FILES = (*QUANTIZATIONS, MICRO)


def right_for(config):
    """The files that a text classifier can have."""
    files = [name for name in FILES if name not in ("int8", MICRO) or config["cell"] == "lstm"]
    return [name for name in files if name != MICRO or not config["bidirectional"]]


def accuracy_rows(folder, name, files, data_dir, limit, micro_limit):
    """One row for each file: size, latency, error on its checks, and accuracy beside the model's own on the same
    reviews.

    Args:
        folder: where the files are made.
        name: the model's name, or its folder.
        files: some of `FILES`; all that are right for the model when None.
        data_dir: where tensorflow-datasets prepared the reviews.
        limit, micro_limit: test reviews to score, the first ones; all when None.
    """
    import seqzoo
    from seqzoo.data.reviews import Split, load_reviews
    from seqzoo.export import TFLiteRunner, export_tflite
    from seqzoo.tasks.text_classification.phone import measure_file

    model = seqzoo.load_pretrained(name)
    reviews = load_reviews(model.card["data"]["name"], data_dir)
    samples = reviews.validation.texts[:100]
    labels = np.asarray(reviews.test.labels)
    files = files or right_for(model.config)
    longest = limit if any(file != MICRO for file in files) else micro_limit
    right = (model.predict(reviews.test.texts[:longest]) > 0.5) == (labels[:longest] == 1)
    rows = []
    for file in files:
        target = "micro" if file == MICRO else "interpreter"
        quantization = {"none": None, MICRO: "int8"}.get(file, file)
        path = folder / f"{target}-{quantization or 'float32'}.tflite"
        export_tflite(model, path, target, quantization, calibration=samples)
        test = Split(*(part[: micro_limit if file == MICRO else limit] for part in reviews.test))
        row = {"file": path.name} | measure_file(TFLiteRunner(path), *test)
        row["accuracy_of_the_model"] = float(right[: row["examples"]].mean())
        row["points_lost"] = round(100 * (row["accuracy_of_the_model"] - row["accuracy"]), 4)
        row["bytes_with_vocabulary"] = row["bytes"] + (folder / "vocabulary.txt").stat().st_size
        rows.append(row)
        print(row, flush=True)
    return rows
