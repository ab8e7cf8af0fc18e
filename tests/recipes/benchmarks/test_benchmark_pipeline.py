import csv
import json

from recipes.benchmarks import pipeline


def test_rows_are_shared_out_and_compared(tmp_path):
    pipeline.write_rows(tmp_path, 10, 3)
    shards = sorted(tmp_path.glob("reviews-*.csv"))
    parts = [list(csv.DictReader(path.open())) for path in shards]
    whole = list(csv.DictReader((tmp_path / "all.csv").open()))
    assert sum(parts, []) == whole and [len(part) for part in parts] == [3, 3, 4]

    def answer(row, **changes):
        return {**row, "probability": "0.250000", "label": "negative"} | changes

    one = [answer(row, error="") for row in whole[:9]] + [answer(whole[9], probability="", label="", error="no text")]
    write(tmp_path / "one.csv", one)
    scored = tmp_path / "scored"
    (scored / "failed").mkdir(parents=True)
    write(scored / "a.csv", [answer(row) for row in whole[:9]])
    (scored / "failed/a.csv.jsonl").write_text(json.dumps({"values": whole[9]}) + "\n")
    same = {"rows": 9, "twice": 0, "lost": 0, "farthest": 0.0, "other_labels": 0, "failed": 1, "failed_alike": True}
    assert pipeline.compared(tmp_path / "one.csv", scored) == same
    write(scored / "a.csv", [answer(row) for row in whole[:5]])
    write(scored / "b.csv", [answer(whole[0]), answer(whole[1], probability="0.5", label="positive")])
    found = pipeline.compared(tmp_path / "one.csv", scored)
    assert found == same | {"rows": 5, "twice": 2, "lost": 4, "farthest": 0.25, "other_labels": 1}


def write(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
