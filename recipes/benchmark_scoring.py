"""Scoring a file of reviews, against file order with fixed padding: `python -m recipes.benchmark_scoring`."""

import argparse
import csv
import json
import statistics
import tempfile
import time
from pathlib import Path

from seqzoo.files import write_atomically
from seqzoo.quiet import import_tensorflow


def parse(argv=None):
    parser = argparse.ArgumentParser(prog="python -m recipes.benchmark_scoring", description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="imdb-lstm")
    parser.add_argument("--rows", type=int, default=2048, help="reviews to score")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", choices=("imdb", "random"), default="random", help="whose words (random: as long)")
    parser.add_argument("--data-dir", help="where tensorflow-datasets prepared IMDB")
    parser.add_argument("--output", type=Path, help="a JSON file to write")
    return parser.parse_args(argv)


def texts_of(arguments, vocabulary):
    """As many reviews: IMDB's training reviews, or random words, lognormally many around 180."""
    if arguments.data == "imdb":
        from seqzoo.data.reviews import load_reviews

        return load_reviews("imdb", arguments.data_dir).train.texts[: arguments.rows]
    import numpy as np

    random = np.random.default_rng(0)
    lengths = np.clip(random.lognormal(np.log(180), 0.6, arguments.rows), 10, 2500).astype(int)
    words = np.array(vocabulary.words[2:])
    return [" ".join(random.choice(words, length)) for length in lengths]


def in_file_order(model, texts, batch_size=64):
    """What one would write first: every text padded to the model's limit, batch after batch."""
    import numpy as np

    limit, found = model.config["max_tokens"], []
    for start in range(0, len(texts), batch_size):
        ids = model.vocabulary.encode_batch(texts[start : start + batch_size], limit)
        ids = np.pad(ids, ((0, 0), (0, limit - ids.shape[1])))
        found.append(np.asarray(model.network.predict_on_batch(ids))[:, 0])
    return np.concatenate(found)


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    import numpy as np

    import seqzoo
    from seqzoo.scoring import score_csv

    model = seqzoo.load_pretrained(arguments.model)
    texts = texts_of(arguments, model.vocabulary)
    times = {"file order, fixed padding": [], "score_csv": []}
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "reviews.csv"), Path(folder, "scores.csv")
        with open(source, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["text"], *([text] for text in texts)])
        for _ in range(arguments.rounds + 1):  # the first round, which compiles, does not count
            start = time.perf_counter()
            expected = in_file_order(model, texts)
            middle = time.perf_counter()
            score_csv(model, source, target, overwrite=True)
            times["file order, fixed padding"].append(middle - start)
            times["score_csv"].append(time.perf_counter() - middle)
        with open(target, newline="", encoding="utf-8") as file:
            received = np.array([float(row["probability"]) for row in csv.DictReader(file)])
    if not np.allclose(received, expected, atol=1e-4):
        raise ValueError(f"Both ways must score alike. Received: a difference of {np.abs(received - expected).max()}")
    rates = {name: len(texts) / statistics.median(of[1:]) for name, of in times.items()}
    found = {"model": arguments.model, "rows": len(texts), "data": arguments.data, "rows_per_second": rates}
    found["ratio"] = rates["score_csv"] / rates["file order, fixed padding"]
    for name, rate in rates.items():
        print(f"{name}: {rate:,.0f} rows/s")
    print(f"{found['ratio']:.2f} times as fast")
    if arguments.output:
        write_atomically(arguments.output, json.dumps(found, indent=1))
    return found


if __name__ == "__main__":
    main()
