"""Export the networks that people build, in every form, measure each file again on fresh inputs, and write the table.

It goes on where it was stopped, as long as the export's code is the same. `--part 1/2` and `--part 2/2` share the work.
"""

import hashlib
import json
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path
from unittest import mock

from seqzoo.files import write_atomically
from seqzoo.quiet import import_tensorflow

from ..shared import command

TARGETS = ("interpreter", "compiled", "stream", "micro")
QUANTIZATIONS = (None, "float16", "dynamic", "int8")
COMBINATIONS = [(t, q) for t in TARGETS for q in (("int8",) if t == "micro" else QUANTIZATIONS)] + [("onnx", None)]
HEAD = """# What can be exported

{count} networks as people build them, small, with weights large enough that a wrong step shows; {attempts} attempts{missing}.
Each file was run again on inputs that the export had not seen: two lengths where time is open, padded behind, in front and
with gaps where the network makes a mask; files of target `micro` in TensorFlow Lite Micro too. A number is the greatest
difference from the Keras model, as a share of its greatest answer (at least 1); a letter is a reason, below; ° means that the
network was refused without `form="loop"`, as the refusal said, and is right with it. Written by

<!-- parsed only: it takes most of an hour -->
```sh
seqzoo recipe benchmarks.export_table --page docs/exports.md
```

{summary}

In `interpreter`, `compiled` and `stream` stand float32, float16, dynamic and int8, in this order; `micro` is int8, ONNX float32.

| network | interpreter | compiled | stream | micro | ONNX |
|---|---|---|---|---|---|
"""


def parse(argv=None):
    parser = command.Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", help="some of the networks")
    parser.add_argument("--targets", nargs="+", choices=[*TARGETS, "onnx"], help="some of the targets")
    kinds = [str(kind).lower() for kind in QUANTIZATIONS]
    parser.add_argument("--quantizations", nargs="+", choices=kinds, default=kinds, help="some of them")
    parser.add_argument("--part", default="1/1", metavar="K/N", help="every Nth network, from the Kth on")
    parser.add_argument(
        "--trust", nargs="+", default=[], metavar="HASH", help="earlier code whose findings stand; the page says so"
    )
    parser.add_argument("--output", type=Path, default=Path("runs/export_table"), help="folder of what was found")
    parser.add_argument("--page", type=Path, help="the Markdown page to write")
    return parser.parse_args(argv)


def fingerprint():
    """Of the code that decides what is found."""
    import seqzoo

    package, digest = Path(seqzoo.__file__).parent, hashlib.sha256()
    files = [*(package / "export").rglob("*.py"), *(package / "kernels").glob("*.py"), *(package / "layers").glob("*.py")]
    beside = Path(__file__).parent
    for path in sorted([*files, *beside.glob("*architectures*.py"), beside / "export_attempts.py"]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


class Log:
    """What was found, a line of JSON each; an attempt that began and never ended killed its process."""

    def __init__(self, folder, code, trusted=()):
        folder.mkdir(parents=True, exist_ok=True)
        self.path, self.code, self.found, begun = folder / "attempts.jsonl", code, {}, set()
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        for row in map(json.loads, lines):
            if row["code"] in (code, *trusted):
                begun.add(tuple(row["key"]))
                if "result" in row:
                    self.found[tuple(row["key"])] = row
        self.died = begun - set(self.found)

    def write(self, key, **row):
        row = {"code": self.code, "key": key, **row}
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        if "result" in row:
            self.found[tuple(key)] = row


def run(names, combinations, log):
    """Every attempt that the log has not."""
    from .export_attempts import INTERNAL, Subject, attempt

    for name in names:
        missing = [of for of in combinations if (name, *of) not in log.found]
        subject = Subject(name) if missing else None
        for target, quantization in missing:
            key = (name, target, quantization)
            if key in log.died:
                log.write(key, result=INTERNAL, message="the process died")
                continue
            log.write(key)
            with tempfile.TemporaryDirectory() as folder:
                log.write(key, **attempt(subject, target, quantization, Path(folder)))
            row = log.found[key]
            said = f"{row['result']} {row.get('error', '')} {row.get('message', '')[:150]}"
            print(f"{name} | {target} {quantization}: {said}", flush=True)


def reason(message):
    """A refusal without the names of this network's layers and numbers, so that equal ones are told once."""
    text = re.sub(r"\s+", " ", message).strip()
    text = re.sub(r"(Layer|Input|Samples of) `[^`]+`", r"\1 `…`", text.partition(" Received:")[0])
    return re.sub(r"and `[^`]+` is none", "and `…` is none", text)


def advice(key, row, found):
    """Whether one of the ways that a refusal names is open: True, False, or None where it names none of these."""
    name, target, quantization = key
    text = row["message"].partition(" Received:")[0]
    targets = [t for t in TARGETS if re.search(rf"['\"`]{t}['\"`]", text) and t != target]
    kinds = [q for q in QUANTIZATIONS[1:] if re.search(rf"(quantization=)?['\"`]{q}['\"`]", text) and q != quantization]
    ways = (
        [(name, t, quantization) for t in targets]
        + [(name, target, q) for q in kinds]
        + [(name, t, q) for t in targets for q in kinds]
    )
    ways = [found[way]["result"] == "written" for way in ways if way in found]
    return any(ways) if ways else None


def summarize(found):
    """Lines about all attempts."""
    counts = Counter(row["result"] for row in found.values())
    refused = {key: advice(key, row, found) for key, row in found.items() if row["result"] == "refused"}
    lines = [
        f"{counts['written']} files are right, {counts['silently wrong']} are silently wrong, {counts['refused']} attempts were "
        f"refused and {counts['internal error']} ended in an internal error.",
        f"Of the refusals {sum(of is True for of in refused.values())} name another target or quantization that works, "
        f"{sum(of is False for of in refused.values())} one that does not, and {sum(of is None for of in refused.values())} say "
        "what to change in the network.",
    ]
    return lines


def faults(found):
    """Lines about every silent and internal error, and every refusal whose advice does not work."""
    for key, row in found.items():
        if row["result"] in ("silently wrong", "internal error"):
            yield f"{row['result']}: {' | '.join(map(str, key))}: {row.get('error', '')} {row.get('message', '')}"
        elif row["result"] == "refused" and advice(key, row, found) is False:
            yield f"advice that does not work: {' | '.join(map(str, key))}: {row['message']}"


def page(names, found, code=None):
    """The page's Markdown."""
    reasons, rows = {}, []

    def cell(row):
        if row["result"] == "written":
            error = f"{row['error']:.0e}".replace("e-0", "e-").replace("0e+00", "0")
            return error + ("°" if "form" in row else "")
        letter = reasons.setdefault((row["result"], reason(row.get("message", ""))), _letters(len(reasons)))
        return letter if row["result"] == "refused" else f"**{letter}**"

    wanted, names = len(names) * len(COMBINATIONS), [name for name in names if any(key[0] == name for key in found)]
    made = {key[1:] for key in found if key[0] in names}
    for name in names:
        cells = []
        for target in (*TARGETS, "onnx"):
            kinds = [found.get((name, *of)) for of in COMBINATIONS if of[0] == target and of in made]
            shown = ["·" if row is None else cell(row) for row in kinds] if any(kinds) else [""]
            cells.append(shown[0] if len(set(shown)) == 1 else " ".join(shown))
        rows.append(f"| {name} | {' | '.join(cells)} |")
    of_these = {key: row for key, row in found.items() if key[0] in names}
    missing = f" of {wanted:,}, and a dot is one that was not made" if len(of_these) < wanted else ""
    count, attempts = len(names), f"{len(of_these):,}"
    summary = [*summarize(of_these), *_earlier(of_these, code)]
    head = HEAD.format(count=count, attempts=attempts, missing=missing, summary="\n".join(summary))
    notes = [
        f"- *{letter}*: {'' if kind == 'refused' else kind + ': '}{text or 'the answers differ'}"
        for (kind, text), letter in reasons.items()
    ]
    return head + "\n".join(rows) + "\n\n## Reasons\n\n" + "\n".join(notes) + "\n"


def _earlier(found, code):
    if not code or not (count := sum(row.get("code", code) != code for row in found.values())):
        return []
    return [f"{count:,} of the attempts were made before the last changes of the export's code, which do not touch them."]


def _letters(number):
    return (chr(96 + number // 26) if number >= 26 else "") + chr(97 + number % 26)


def measure(argv=None):
    arguments = parse(argv)
    import_tensorflow()
    from seqzoo.export.tflite import build, export

    from . import architectures_more  # noqa: F401
    from .architectures import EVERY

    if unknown := set(arguments.only or ()) - set(EVERY):
        raise ValueError(f"--only takes {', '.join(EVERY)}. Received: {', '.join(sorted(unknown))}")
    names = [name for name in EVERY if name in (arguments.only or EVERY)]
    part, parts = map(int, re.fullmatch(r"(\d+)/(\d+)", arguments.part).groups())
    log = Log(arguments.output, fingerprint(), arguments.trust)
    kinds = [None if kind == "none" else kind for kind in arguments.quantizations]
    combinations = [of for of in COMBINATIONS if of[0] in (arguments.targets or (*TARGETS, "onnx")) and of[1] in kinds]
    with mock.patch.object(export, "run_job", build.build):  # without a process for each file: an hour, not two
        run(names[part - 1 :: parts], combinations, log)
    log = Log(arguments.output, log.code, arguments.trust)  # what the other parts found, too
    print("\n".join(faults(log.found)))
    print("\n".join(summarize(log.found)))
    if arguments.page:
        write_atomically(arguments.page, page(names, log.found, log.code))


def main(argv=None):
    return command.run(measure, argv, name="benchmarks.export_table")


if __name__ == "__main__":
    sys.exit(command.run(main))
