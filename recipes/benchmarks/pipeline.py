"""Score many short rows by a pipeline of worker processes, beside one process and one file: rate, memory, every row once.

Both are commands of their own, from their start to their end, taken in turn. With --kill a worker process is killed in the
middle of the pipeline, and the same command goes on.
"""

import argparse
import collections
import csv
import json
import os
import random
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from seqzoo.files import write_atomically

from ..shared.command import run

WORDS = "the a film movie was is great bad boring good not very it but and plot acting i liked hated this really dull".split()
BLOCK = 8192  # rows, about which the pipeline counts


def parse(argv=None):
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="imdb-lstm")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of 4 to 24 words; every 5,000th can't be scored")
    parser.add_argument("--shards", type=int, default=8, help="files that the pipeline reads")
    parser.add_argument("--workers", type=int, default=2, help="processes of the direct runner")
    parser.add_argument("--rounds", type=int, default=1, help="of both ways in turn")
    parser.add_argument("--kill", action="store_true", help="kill a worker in the middle, once, and go on")
    parser.add_argument("--output", type=Path, help="a JSON file to write")
    return parser.parse_args(argv)


def write_rows(folder, rows, shards):
    """reviews.csv with all rows, reviews-00.csv and so on with a share each."""
    drawn, number = random.Random(0), 0
    with open(folder / "all.csv", "w", newline="") as file:
        whole = csv.writer(file)
        whole.writerow(["id", "text"])
        for shard in range(shards):
            with open(folder / f"reviews-{shard:02d}.csv", "w", newline="") as part:
                writer = csv.writer(part)
                writer.writerow(["id", "text"])
                for number in range(shard * rows // shards, (shard + 1) * rows // shards):
                    text = " ".join(drawn.choices(WORDS, k=drawn.randint(4, 24))) if number % 5000 != 4999 else " "
                    whole.writerow([number, text])
                    writer.writerow([number, text])


def timed(arguments):
    """Seconds of the clock and of processors, and MB of all its processes together, at most, that a command took."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    child = subprocess.Popen([sys.executable, "-m", "seqzoo", *arguments], stdout=subprocess.DEVNULL)
    peaks, ended = [0], threading.Event()
    watch = threading.Thread(target=_watch, args=(child.pid, peaks, ended))
    watch.start()
    status = child.wait()
    ended.set()
    watch.join()
    after, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if status:
        raise RuntimeError(f"seqzoo {' '.join(arguments)} must end well. Received: status {status}")
    return {"seconds": seconds, "processor_seconds": cpu, "megabytes": peaks}


def killed(arguments, output, blocks):
    """Begin, kill a worker process at half of the blocks; how many were done when the command gave up."""
    child = subprocess.Popen([sys.executable, "-m", "seqzoo", *arguments], stderr=subprocess.DEVNULL)
    parts = output / "parts"
    while child.poll() is None and len(list(parts.glob("*.part"))) < blocks // 2:
        time.sleep(0.2)
    workers = [pid for pid, command, _ in _tree(child.pid) if "sdk_worker_main" in command and not command.startswith("/bin/sh")]
    os.kill(workers[0], signal.SIGKILL)
    if child.wait() == 0:
        raise RuntimeError("A run that lost a worker must not end well. Received: status 0")
    return len(list(parts.glob("*.part")))


def compared(one, folder):
    """The two outputs, row by row, by their ids."""
    with open(one, newline="") as file:
        rows = list(csv.DictReader(file))
    whole = {row["id"]: (float(row["probability"]), row["label"]) for row in rows if not row["error"]}
    seen, farthest, labels = collections.Counter(), 0.0, 0
    for path in sorted(folder.glob("*.csv")):
        with open(path, newline="") as file:
            for row in csv.DictReader(file):
                seen[row["id"]] += 1
                probability, label = whole.get(row["id"], (float("inf"), None))
                farthest = max(farthest, abs(float(row["probability"]) - probability))
                labels += label != row["label"]
    failed = {json.loads(line)["values"]["id"] for path in folder.glob("failed/*") for line in path.read_text().splitlines()}
    twice, lost = sum(count > 1 for count in seen.values()), len(whole.keys() - seen.keys())
    found = {"rows": len(seen), "twice": twice, "lost": lost, "farthest": farthest, "other_labels": labels}
    return found | {"failed": len(failed), "failed_alike": failed == {row["id"] for row in rows if row["error"]}}


def main(argv=None):
    arguments = parse(argv)
    found = {"one": [], "pipeline": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_rows(folder, arguments.rows, arguments.shards)
        one = ["predict", arguments.model, "--input", f"{folder}/all.csv", "--output", f"{folder}/one.csv"]
        pipeline = [
            "predict",
            arguments.model,
            "--input",
            f"{folder}/reviews-*.csv",
            "--output",
            f"{folder}/scored",
            "--runner",
            "DirectRunner",
        ]
        pipeline += ["--direct_num_workers", str(arguments.workers)]
        for _ in range(arguments.rounds):
            for kind, command in (("one", one), ("pipeline", pipeline)):
                shutil.rmtree(folder / "scored", ignore_errors=True)
                found[kind].append(timed([*command, *(["--overwrite"] if kind == "one" else [])]))
        found["same"] = compared(folder / "one.csv", folder / "scored")
        if arguments.kill:
            shutil.rmtree(folder / "scored")
            blocks = arguments.shards * -(-arguments.rows // arguments.shards // BLOCK)
            found["killed_at_blocks"] = killed(pipeline, folder / "scored", blocks)
            timed(pipeline)
            found["same_after_kill"] = compared(folder / "one.csv", folder / "scored")
    for unit in ("seconds", "processor_seconds"):
        rates = {kind: arguments.rows / statistics.median(each[unit] for each in found[kind]) for kind in ("one", "pipeline")}
        found[f"rows_per_{unit.removesuffix('s')}"] = rates
        print(f"rows a {unit.removesuffix('s').replace('_', ' ')}: one {rates['one']:,.0f}, pipeline {rates['pipeline']:,.0f}")
    print(json.dumps({key: found[key] for key in ("same", "same_after_kill", "killed_at_blocks") if key in found}))
    if arguments.output:
        write_atomically(arguments.output, json.dumps(vars(arguments) | found, indent=1, default=str))


def _watch(pid, peaks, ended):
    """The greatest sum of the resident memory of a process and its children, in every tenth of so many looks."""
    looks = []
    while not ended.wait(1):
        looks.append(sum(megabytes for *_, megabytes in _tree(pid)))
    size = max(1, len(looks) // 10)
    peaks[:] = [max(looks[start : start + size]) for start in range(0, len(looks), size)] or [0]


def _tree(pid):
    """(id, command, resident MB) of a process and all below it."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,rss=,args="], capture_output=True, text=True).stdout
    rows = [line.split(None, 3) for line in listed.splitlines()]
    below = {pid}
    for _ in range(5):
        below |= {int(row[0]) for row in rows if int(row[1]) in below}
    return [(int(row[0]), row[3], int(row[2]) // 1024) for row in rows if int(row[0]) in below]


if __name__ == "__main__":
    sys.exit(run(main))
