"""Ask the phone files on an emulated ARM processor: the answers beside this processor's and the models' own.

For machines with Debian: qemu-user-static and mmdebstrap of it, a small arm64 tree, and LiteRT's wheels for both processors.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from ..shared import command

VERSIONS = ("1.4.0", "2.1.0")  # of LiteRT; the wheel of 2.3.0 dies under emulation, on the first Interpreter
EMULATOR, BUILDER = "qemu-aarch64-static", "mmdebstrap"
PLATFORMS = [f"manylinux{glibc}_aarch64" for glibc in ("2014", "_2_17", "_2_27", "_2_28")]
ROOT = Path(__file__).resolve().parents[command.PACKAGE.count(".") + 2]  # of the package
FAR = 1e-5  # greatest difference between the processors, as a share of the greatest answer
DIGITS = 4  # significant ones that `seqzoo predict` and `seqzoo forecast` print at least


def parse(argv=None):
    parser = command.Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path(".venv/arm"), help="where the tree and the wheels go, and stay")
    parser.add_argument("--versions", nargs="+", default=VERSIONS, metavar="VERSION", help="of LiteRT")
    parser.add_argument("--answers", action="store_true", help="print this processor's answers as JSON and nothing else")
    return parser.parse_args(argv)


def reason_against():
    """Why nothing can be asked here, one clause; None where it can."""
    if platform.system() != "Linux" or not Path("/etc/debian_version").exists():
        return "this needs Debian"
    missing = [name for name in (EMULATOR, BUILDER) if shutil.which(name) is None]
    if missing:
        return f"there is no {' and no '.join(missing)}: apt-get install qemu-user-static mmdebstrap"
    return None


def phone_files():
    """(name of the model, path of the file) of every file for an Interpreter in the zoo."""
    from seqzoo.zoo.registry import find_model, list_pretrained

    for name in list_pretrained():
        for path in sorted(find_model(name).glob("*.tflite")):
            if json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["target"] == "interpreter":
                yield name, path


def answers():
    """{file: [[numbers of an answer] for each golden input]} of every phone file, here and now."""
    from seqzoo.export.tflite.runner import TFLiteRunner

    found = {}
    for name, path in phone_files():
        golden = json.loads((path.parent / "golden.json").read_text(encoding="utf-8"))
        given = TFLiteRunner(path)(golden["inputs"])
        columns = list(given.values()) if isinstance(given, dict) else [given]
        found[f"{name}/{path.name}"] = np.stack(columns, axis=-1).astype(float).tolist()
    return found


def prepare(folder, version):
    """An arm64 tree and LiteRT's wheels in `folder`, made where they are not there yet.

    Returns:
        (command, environment) of a Python for ARM, and of one for this processor.
    """
    tree = folder / "tree"
    if not (tree / "made").exists():
        shutil.rmtree(tree, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
        options = ["--quiet", "--variant=extract", "--architectures=arm64", "--include=python3,libstdc++6"]
        _run([BUILDER, *options, suite, str(tree)])
        (tree / "made").touch()
    python = max((tree / "usr/bin").glob("python3.[0-9]*[0-9]"))
    tag = python.name.removeprefix("python")
    arm = _wheels(folder / f"litert-{version}-arm64", version, tag, PLATFORMS)
    here = _wheels(folder / f"litert-{version}-{platform.machine()}", version)
    return ([EMULATOR, "-L", str(tree), str(python)], arm), ([sys.executable], here)


def _wheels(folder, version, python=None, platforms=()):
    if not folder.exists():
        options = [option for name in platforms for option in ("--platform", name)]
        options += ["--only-binary=:all:", "--python-version", python] if python else []
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        needed = [f"ai-edge-litert=={version}", "numpy", "flatbuffers", "backports.strenum"]
        _run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(part), *options, *needed])
        part.rename(folder)
    return {"PYTHONPATH": os.pathsep.join([str(folder.resolve()), str(ROOT)]), "PYTHONDONTWRITEBYTECODE": "1"}


def _run(words, **options):
    try:
        return subprocess.run(words, check=True, capture_output=True, text=True, **options)
    except subprocess.CalledProcessError as error:
        lines = (error.stderr or error.stdout or "no message").strip().splitlines()
        raise OSError(f"{words[0]} must end well. Received: status {error.returncode} and {lines[-1]}") from None


def ask(python, environment):
    """`answers` of another Python."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR") if key in os.environ}
    done = _run([*python, "-m", f"{command.PACKAGE}.publishing.arm", "--answers"], env=kept | environment, cwd=ROOT)
    return json.loads(done.stdout)


def compare(arm, here, golden):
    """How far ARM's answers lie from this processor's and from the models' own, and whether they print alike.

    Args:
        arm, here, golden: arrays [inputs, columns].

    Returns:
        (difference to this processor's, to the models', as shares of a column's greatest answer; whether all `DIGITS` are
        those of this processor's).
    """
    arm, here, golden = (np.asarray(of, float).reshape(len(of), -1) for of in (arm, here, golden))
    scale = np.abs(golden).max(axis=0)
    differences = [float((np.abs(arm - of) / scale).max()) for of in (here, golden)]
    printed = [[f"{number:.{DIGITS}g}" for number in of.ravel()] for of in (arm, here)]
    return *differences, printed[0] == printed[1]


def measure(argv=None):
    arguments = parse(argv)
    if arguments.answers:
        return print(json.dumps(answers()))
    if reason := reason_against():
        return print(f"Skipped: {reason}.")
    golden = {
        f"{name}/{path.name}": json.loads((path.parent / "golden.json").read_text(encoding="utf-8"))["outputs"]
        for name, path in phone_files()
    }
    wrong = []
    print(f"{'LiteRT':7} {'file':55} {f'to {platform.machine()}':>10} {'to the model':>12}  same {DIGITS} digits")
    for version in arguments.versions:
        arm, here = (ask(*place) for place in prepare(arguments.folder, version))
        for file, outputs in golden.items():
            to_here, to_model, same = compare(arm[file], here[file], outputs)
            print(f"{version:7} {file:55} {to_here:10.1e} {to_model:12.1e}  {'yes' if same else 'no'}")
            wrong += [file] * (not same or not to_here <= FAR)
    if wrong:
        raise ArithmeticError(f"ARM must answer as {platform.machine()} does. Received: other answers of {', '.join(wrong)}")
    print(f"{len(golden)} files on {' and '.join(arguments.versions)}: ARM answers as {platform.machine()} does")


def main(argv=None):
    return command.run(measure, argv, name="publishing.arm")


if __name__ == "__main__":
    sys.exit(command.run(main))
