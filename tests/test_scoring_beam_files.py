"""`seqzoo.scoring.beam_run`: files through a pipeline, every row once, whatever is stopped; no TensorFlow but for TFRecord."""

import csv
import gzip
import json
import os
from pathlib import Path

import pytest

pytest.importorskip("apache_beam", reason="needs seqzoo[beam]")

from seqzoo import scoring  # noqa: E402
from seqzoo.scoring import beam_files, beam_pipeline  # noqa: E402
from seqzoo.scoring import rows as csv_rows  # noqa: E402
from seqzoo.scoring.beam_formats import FORMATS, format_of  # noqa: E402
from seqzoo.scoring.beam_run import score_files  # noqa: E402
from tests.beam_found import CountingHandler  # noqa: E402
from tests.counting import Model  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
MODEL = "imdb-rnn"  # for its card; `CountingHandler` answers
TEXTS = ["one", "one two three four five six", "", "a b", None, "c d e f", "g", "x y z", "a b c d e f g h"]


@pytest.fixture(autouse=True)
def quick(monkeypatch, tmp_path):
    monkeypatch.setattr(beam_pipeline, "PretrainedModelHandler", CountingHandler)
    monkeypatch.setattr(csv_rows, "CHUNK", 3)
    monkeypatch.chdir(tmp_path)


def write_csv(path, texts=TEXTS, opened=open):
    with opened(path, "wt", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "text"], *([k, text or ""] for k, text in enumerate(texts))])


def scores(rows):
    """{id: (probability, label)}"""
    return {int(row["id"]): (round(float(row["probability"]), 6), row["label"]) for row in rows}


def expected(texts=TEXTS):
    answers = {k: float(Model().predict([text])[0]) for k, text in enumerate(texts) if text}
    return {k: (round(answer, 6), "positive" if answer > 0.5 else "negative") for k, answer in answers.items()}


def read_csv(path, opened=open):
    with opened(path, "rt", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def failed(path):
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file())


def test_shards_and_gzip_keep_names_rows_and_scores():
    """As `score_csv` writes them, but for the rows that can't be scored, which have a file of their own."""
    write_csv("in-0.csv")
    write_csv("in-1.csv.gz", TEXTS[::-1], gzip.open)
    write_csv("in-2.csv", [])
    found = score_files(MODEL, "in-*", "out")
    assert (found["rows"], found["failed"], found["resumed"], found["unreadable"]) == (18, 4, 0, {})
    names = ["failed/in-0.csv.jsonl", "failed/in-1.csv.gz.jsonl", "in-0.csv", "in-1.csv.gz", "in-2.csv"]
    assert files_below("out") == [*names, "summary.json"] and sorted(found["files"]) == names
    assert Path("out/in-2.csv").read_text() == "id,text,probability,label\n"
    assert [row["id"] for row in read_csv("out/in-0.csv")] == list("0135678")
    assert scores(read_csv("out/in-0.csv")) == expected()
    assert scores(read_csv("out/in-1.csv.gz", gzip.open)) == expected(TEXTS[::-1])
    row = {"file": str(Path("in-0.csv").resolve()), "row": 3, "reason": "no text", "values": {"id": "2", "text": ""}}
    assert failed("out/failed/in-0.csv.jsonl")[0] == row
    scoring.score_csv(Model(), "in-0.csv", "one.csv")
    whole = [{k: v for k, v in row.items() if k != "error"} for row in read_csv("one.csv") if not row["error"]]
    assert read_csv("out/in-0.csv") == whole
    assert json.loads(Path("out/summary.json").read_text())["rows"] == 18 and not list(Path().glob("*.lock"))


def test_json_lines():
    rows = [{"id": k, "text": text, "label": "theirs"} for k, text in enumerate(TEXTS)]
    lines = [json.dumps(row) for row in rows]
    lines[3:3] = ["{no json", "[1]", '{"id": 99}', '{"id": 98, "text": 5}', json.dumps({"text": "a", "predicted_label": 1}), ""]
    Path("in.jsonl").write_text("\n".join(lines))
    found = score_files(MODEL, "in.jsonl", "out")
    assert found["columns"] == {"probability": "probability", "label": "predicted_label"}
    written = [json.loads(line) for line in Path("out/in.jsonl").read_text().splitlines()]
    assert all(row["label"] == "theirs" for row in written)
    assert scores([row | {"label": row["predicted_label"]} for row in written]) == expected()
    reasons = {row["row"]: row["reason"] for row in failed("out/failed/in.jsonl.jsonl")}
    assert sorted(reasons) == [3, 4, 5, 6, 7, 8, 10] and reasons[3] == reasons[6] == reasons[10] == "no text"
    assert reasons[4].startswith("no JSON: ") and reasons[5] == "a JSON object is needed, not list"
    assert reasons[7] == "the text is int, not a string" and reasons[8].startswith("predicted_label is there already: --prefix")


def test_parquet_keeps_types():
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    table = pa.table({"id": pa.array(range(9), pa.int16()), "text": TEXTS, "more": [[k] for k in range(9)]})
    pq.write_table(table, "in.parquet", row_group_size=4)
    found = score_files(MODEL, "in.parquet", "out", prefix="my_")
    written = pq.read_table("out/in.parquet")
    assert written.schema.names == ["id", "text", "more", "my_probability", "my_label"] and found["failed"] == 2
    assert [str(kind) for kind in written.schema.types[::2]] == ["int16", "list<element: int64>", "string"]
    assert written.schema.field("my_probability").type == pa.float32()
    rows = [{name.removeprefix("my_"): value for name, value in row.items()} for row in written.to_pylist()]
    assert scores(rows) == expected() and [row["more"] for row in rows] == [[row["id"]] for row in rows]
    assert failed("out/failed/in.parquet.jsonl")[1]["values"] == {"id": 4, "text": None, "more": [4]}


def test_tfrecords_as_tensorflow_datasets_writes_them():
    tf = pytest.importorskip("tensorflow")
    with tf.io.TFRecordWriter("imdb_reviews-train.tfrecord-00000-of-00001") as writer:
        for k, text in enumerate(TEXTS):
            feature = {"label": tf.train.Feature(int64_list=tf.train.Int64List(value=[k]))}
            if text is not None:
                feature["text"] = tf.train.Feature(bytes_list=tf.train.BytesList(value=[text.encode()]))
            writer.write(tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString())
        writer.write(b"\xff no example")
    found = score_files(MODEL, "*.tfrecord-*", "out")
    assert (found["rows"], found["failed"]) == (10, 3) and found["columns"]["label"] == "predicted_label"
    rows = []
    for record in tf.data.TFRecordDataset("out/imdb_reviews-train.tfrecord-00000-of-00001").as_numpy_iterator():
        feature = tf.train.Example.FromString(record).features.feature
        label = feature["predicted_label"].bytes_list.value[0].decode()
        rows.append({"id": feature["label"].int64_list.value[0], "label": label})
        rows[-1]["probability"] = feature["probability"].float_list.value[0]
    assert scores(rows) == expected()
    reasons = [row["reason"] for row in failed("out/failed/imdb_reviews-train.tfrecord-00000-of-00001.jsonl")]
    assert reasons[0] == "no text" and "no feature text" in reasons[1] and "no tf.train.Example" in reasons[2]


def test_the_files_of_tensorflow_datasets(imdb_data_dir):
    """The first reviews of imdb_reviews, as that package prepared them."""
    pytest.importorskip("tensorflow")
    (path,) = Path(imdb_data_dir).glob("imdb_reviews/plain_text/*/imdb_reviews-test.tfrecord-00000-of-00001")
    assert format_of(path.name) == "tfrecord"
    with open(path, "rb") as file:
        blocks = FORMATS["tfrecord"].blocks(file, str(path), "text", "utf-8", ("probability", "predicted_label"))
        first = next(blocks)
        blocks.close()
    assert first.faults == ["", "", ""] and all(len(text) > 100 for text in first.texts) and "label" in first.columns


def test_several_workers_read_one_file_to_the_same_bytes(monkeypatch):
    texts = [f"{'word ' * (k % 9)}" for k in range(40)]
    write_csv("in.csv", texts)
    score_files(MODEL, "in.csv", "one")
    monkeypatch.setattr(beam_files, "STRIDE", 100)
    assert beam_files.strides_of(os.path.getsize("in.csv")) > 3
    found = score_files(MODEL, "in.csv", "several")
    for name in ("in.csv", "failed/in.csv.jsonl"):
        assert Path("one", name).read_bytes() == Path("several", name).read_bytes()
    assert found["rows"] == 40 and found["failed"] == sum(k % 9 == 0 for k in range(40))


def test_a_stopped_run_goes_on_with_the_blocks_that_are_not_done(monkeypatch):
    for k in range(3):
        write_csv(f"in-{k}.csv")
    score_files(MODEL, "in-*.csv", "whole")
    write = beam_pipeline.Write.process

    def stops(self, result):
        if result.example.index == 2:
            raise OSError("the disk is gone")
        yield from write(self, result)

    monkeypatch.setattr(beam_pipeline.Write, "process", stops)
    with pytest.raises(RuntimeError, match="the disk is gone.*. 6 rows are kept in .*/out/parts: the same command goes on with"):
        score_files(MODEL, "in-*.csv", "out")
    assert not list(Path("out").glob("*.csv")) and len(list(Path("out/parts").glob("*.part"))) == 2
    monkeypatch.setattr(beam_pipeline.Write, "process", write)
    for options in ({"column": "id"}, {"prefix": "x_"}):
        with pytest.raises(ValueError, match=r"that the parts in .*/out/parts were made with; .* Received: another \w+"):
            score_files(MODEL, "in-*.csv", "out", **options)
    found = score_files(MODEL, "in-*.csv", "out")
    assert (found["rows"], found["resumed"]) == (27, 6)
    for name in files_below("whole")[:-1]:
        assert Path("out", name).read_bytes() == Path("whole", name).read_bytes()
    assert files_below("out") == files_below("whole")


def test_a_block_done_twice_is_there_once():
    """As after a lost worker, or beside a slow one."""
    write_csv("in.csv")
    found, files, of = beam_files.find_job(MODEL, "id", "in.csv", "out", "text", "utf-8", None, None, False, 1)
    beam_files.begin(found, of)
    read = list(beam_pipeline.Read(found).process((0, 0, 1)))
    blocks, (end,) = read[:-1], [each.value for each in read[-1:]]
    handler = beam_pipeline.BlockHandler(CountingHandler(MODEL))
    results = handler.run_inference([*blocks, blocks[1]], handler.load_model())
    written = [each for result in results for each in beam_pipeline.Write(found).process(result)]
    parts = [each for _, each in written]
    assert len(parts) == 4 and list(beam_pipeline.Join(found).process((0, [*parts, end[1], end[1]]))) == [0]
    assert scores(read_csv("out/in.csv")) == expected()
    for wrong in ([*parts[:2], end[1]], parts, [*parts, end[1], ("end", 9, 27, None, None)]):
        with pytest.raises(RuntimeError, match="Every row of .*/in.csv must be read and scored once"):
            list(beam_pipeline.Join(found).process((0, wrong)))


def test_a_text_that_the_model_fails_at_is_failed_alone(monkeypatch):
    def predict(self, texts):
        if "c d e f" in texts:
            raise ZeroDivisionError("of this text")
        return Model.predict(self, texts)

    monkeypatch.setattr("tests.beam_found.Model", type("Failing", (Model,), {"predict": predict}))
    write_csv("in.csv")
    found = score_files(MODEL, "in.csv", "out")
    assert found["failed"] == 3 and 5 not in scores(read_csv("out/in.csv"))
    assert failed("out/failed/in.csv.jsonl")[2]["reason"] == "the model failed: ZeroDivisionError: of this text"


@pytest.mark.parametrize("broken, scored", [(b'9,"never closed\n', 9), (b"9,caf\xe9\n", 0)])
def test_a_file_that_breaks_off_is_scored_up_to_there(broken, scored):
    """Or not at all, where no row comes before the bytes that can't be read: a file is decoded block by block."""
    write_csv("a.csv")
    write_csv("b.csv")
    with open("b.csv", "ab") as file:
        file.write(broken)
    found = score_files(MODEL, "*.csv", "out")
    assert list(found["unreadable"]) == [str(Path("b.csv").resolve())] and found["rows"] == 9 + scored
    assert scores(read_csv("out/a.csv")) == expected()
    assert Path("out/b.csv").exists() == bool(scored) and (not scored or scores(read_csv("out/b.csv")) == expected())
    last = failed("out/failed/b.csv.jsonl")[-1]
    assert last["reason"].startswith("nothing was read from here on: ") and "/b.csv must be " in last["reason"]
    assert last["row"] == scored + 1 and last["values"] is None


def test_rows_never_leave_the_worker_that_read_them(monkeypatch):
    """Reading, scoring and writing are one stage to the runner, or all rows would go through its memory."""
    from apache_beam.runners.portability.fn_api_runner import fn_runner

    write_csv("in.csv")
    found, run = [], fn_runner.FnApiRunner.run_stages
    monkeypatch.setattr(
        fn_runner.FnApiRunner, "run_stages", lambda self, context, stages: found.extend(stages) or run(self, context, stages)
    )
    score_files(MODEL, "in.csv", "out")
    names = [" ".join(transform.unique_name for transform in stage.transforms) for stage in found]
    (together,) = [name for name in names if "Read/ParDo(Read)" in name]
    assert all(part in together for part in ("RunInference", "Write ", "Write not scored")), together


def test_what_is_wrong_is_said_before_anything_runs():
    write_csv("in.csv")
    Path("in.jsonl").write_text('{"text": "a"}\n')
    Path("in.txt").write_text("a\n")
    Path("there").mkdir()
    Path("there/mine.txt").write_text("mine")
    for source, target, options, error, message in [
        ("none-*.csv", "out", {}, FileNotFoundError, r"--input\) must be a file or a pattern.* Received: none-\*.csv"),
        ("in.*", "out", {}, ValueError, "csv, jsonl, parquet, tfrecord, .*Received: in.*, csv and jsonl and unknown"),
        ("in.txt", "out", {}, ValueError, "or --format. Received: in.txt, unknown"),
        ("in.csv", "there", {}, FileExistsError, "must be an empty folder, or none.* Received: .*there, with .*there/mine.txt"),
        ("in.csv", "there", {"overwrite": True}, FileExistsError, "Received: .*there, with"),
        ("in.csv", "in.txt", {}, FileExistsError, "must be a folder.* Received: .*in.txt, a file"),
        ("in.csv", "out.csv", {}, ValueError, "With --runner the output .--output. is a folder.* Received: .*out.csv"),
        ("in.csv", ".", {}, ValueError, "another folder than the input's. Received: /"),
        ("in.csv", "out", {"column": "Text"}, ValueError, "such as --column text. Received: Text"),
        ("in.csv", "out", {"prefix": ""}, None, ""),
        ("in.csv", "out2", {"options": ["--direct_num_wrkers=2"]}, ValueError, "such as --direct_num_workers. Received: --dir"),
        ("gs://none/*.csv", "out2", {}, FileNotFoundError, "must be readable. Received: gs://none/"),
    ]:
        if error is None:
            score_files(MODEL, source, target, **options)
            continue
        with pytest.raises(error, match=message):
            score_files(MODEL, source, target, **options)
    assert Path("there/mine.txt").read_text() == "mine" and not Path("out2").exists()


def test_overwrite_replaces_what_a_run_wrote_and_nothing_else():
    write_csv("in-a.csv")
    write_csv("in-b.csv")
    score_files(MODEL, "in-*.csv", "out")
    with pytest.raises(FileExistsError, match="overwrite replaces what an earlier run wrote. Received: .*out"):
        score_files(MODEL, "in-*.csv", "out")
    Path("out/mine.txt").write_text("mine")
    write_csv("in-a.csv", ["a b c"])
    score_files(MODEL, "in-a.csv", "out", overwrite=True)
    assert files_below("out") == ["in-a.csv", "mine.txt", "summary.json"]
    assert scores(read_csv("out/in-a.csv")) == {0: (0.3, "negative")}


@pytest.mark.parametrize(
    "flags",
    [
        "--runner=DirectRunner --direct_num_workers=2",
        pytest.param("--runner=PortableRunner --job_endpoint=embed", marks=pytest.mark.slow),
    ],
)
def test_a_worker_that_is_killed_loses_nothing(monkeypatch, flags):
    """Workers are processes. The run fails within seconds and says how to go on; the same call does."""
    for k in range(2):
        write_csv(f"in-{k}.csv", TEXTS * 20)
    Path("flag").write_text("the first worker to come here dies")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    handler = CountingHandler(MODEL)
    handler.flag, handler.chunk = str(Path("flag").resolve()), 50
    monkeypatch.setattr(beam_pipeline, "PretrainedModelHandler", lambda *_, **__: handler)
    monkeypatch.setattr(csv_rows, "CHUNK", 50)
    options = flags.split()
    if "embed" in flags:
        options += ["--environment_type=LOOPBACK", "--experiments=use_loopback_process_worker=True"]
    with pytest.raises(RuntimeError, match="The runner failed: .*the same command "):
        score_files(MODEL, "in-*.csv", "out", options=options)
    assert not Path("flag").exists()
    found = score_files(MODEL, "in-*.csv", "out", options=options)
    assert (found["rows"], found["failed"]) == (360, 80) and found["resumed"] > 0
    for k in range(2):
        rows = read_csv(f"out/in-{k}.csv")
        assert scores(rows) == expected(TEXTS * 20) and len(rows) == 140
    assert not [name for name in files_below("out") if "part" in name]


def test_names_of_files_tell_their_kind():
    names = {"a.csv": "csv", "A.CSV.GZ": "csv", "a.jsonl.gz": "jsonl", "a.ndjson": "jsonl", "a.parquet": "parquet", "a.txt": None}
    names |= {"x-train.tfrecord-00000-of-00004": "tfrecord", "x.tfrecord.gz": "tfrecord", "csv": None, "gs://b/a.pq": "parquet"}
    assert {name: format_of(name) for name in names} == names
