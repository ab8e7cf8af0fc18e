"""Time the scoring of a file of reviews, against file order with fixed padding.

Both ways go from a CSV file to a CSV file, with the same words and the same weights. The other one is what one would
write first: batch after batch in the order of the file, each text padded to the model's `max_tokens`.
"""

import argparse
import csv
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from seqzoo.files import write_atomically
from seqzoo.quiet import import_tensorflow

from ..shared.command import run

FIXED, OURS = "file order, fixed padding", "score_csv"


def parse(argv=None):
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="imdb-lstm")
    parser.add_argument("--rows", type=int, default=25_000, help="reviews to score")
    parser.add_argument("--rounds", type=int, default=3, help="of both ways in turn, after one that only compiles")
    parser.add_argument("--batch-size", type=int, default=64, help="of the file in its order")
    parser.add_argument("--data", choices=("imdb", "random"), default="random", help="whose words (random: as long)")
    parser.add_argument("--data-dir", help="where tensorflow-datasets prepared IMDB")
    parser.add_argument("--output", type=Path, help="a JSON file to write")
    return parser.parse_args(argv)


def texts_of(arguments, vocabulary):
    """As many reviews: IMDB's training reviews, or random words, lognormally many around 180, frequent ones oftener."""
    if arguments.data == "imdb":
        from seqzoo.data.reviews import load_reviews

        return load_reviews("imdb", arguments.data_dir).train.texts[: arguments.rows]
    import numpy as np

    random = np.random.default_rng(0)
    lengths = np.clip(random.lognormal(np.log(180), 0.6, arguments.rows), 10, 2500).astype(int)
    words = vocabulary.words[2:]
    chance = 1 / np.arange(1, len(words) + 1)  # Zipf's law
    drawn = iter(random.choice(np.array(words), lengths.sum(), p=chance / chance.sum()))
    return [" ".join(next(drawn) for _ in range(length)) for length in lengths]


def in_file_order(model, source, target, batch_size):
    """What one would write first."""
    import numpy as np

    limit = model.config["max_tokens"]
    with (
        open(source, newline="", encoding="utf-8") as read,
        open(target, "w", newline="", encoding="utf-8") as written,
    ):
        rows, writer = csv.reader(read), csv.writer(written)
        writer.writerow([*next(rows), "probability"])
        rows = list(rows)
        for start in range(0, len(rows), batch_size):
            batch = rows[start : start + batch_size]
            ids = model.vocabulary.encode_batch([text for (text,) in batch], limit)
            ids = np.pad(ids, ((0, 0), (0, limit - ids.shape[1])))
            found = np.asarray(model.network.predict_on_batch(ids))[:, 0].tolist()
            writer.writerows([*row, f"{probability:.6f}"] for row, probability in zip(batch, found, strict=True))


def probabilities_in(path):
    with open(path, newline="", encoding="utf-8") as file:
        return [float(row["probability"]) for row in csv.DictReader(file)]


def main(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    import numpy as np

    import seqzoo
    from seqzoo.scoring import score_csv

    model = seqzoo.load_pretrained(arguments.model)
    texts = texts_of(arguments, model.vocabulary)
    times = {FIXED: [], OURS: []}
    with tempfile.TemporaryDirectory() as folder:
        source, fixed, ours = (Path(folder, f"{name}.csv") for name in ("reviews", "fixed", "ours"))
        with open(source, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["text"], *([text] for text in texts)])
        for _ in range(arguments.rounds + 1):
            start = time.perf_counter()
            in_file_order(model, source, fixed, arguments.batch_size)
            middle = time.perf_counter()
            score_csv(model, source, ours, overwrite=True)
            times[FIXED].append(middle - start)
            times[OURS].append(time.perf_counter() - middle)
        difference = np.abs(np.subtract(probabilities_in(ours), probabilities_in(fixed))).max()
    if not difference <= 2e-5:  # 1e-5, and what the six digits of both files leave out
        raise ValueError(f"Both ways must score alike. Received: a difference of {difference}")
    rates = {name: len(texts) / statistics.median(of[1:]) for name, of in times.items()}
    found = {"model": arguments.model, "rows": len(texts), "data": arguments.data, "batch_size": arguments.batch_size}
    found |= {"rows_per_second": rates, "ratio": rates[OURS] / rates[FIXED], "first_seconds": times[OURS][0]}
    for name, rate in rates.items():
        print(f"{name}: {rate:,.0f} rows/s")
    print(f"{found['ratio']:.2f} times as fast; the first file, with the compilation, took {times[OURS][0]:.1f} s")
    if arguments.output:
        write_atomically(arguments.output, json.dumps(found, indent=1))
    return found


if __name__ == "__main__":
    sys.exit(run(main))
