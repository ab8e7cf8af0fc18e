"""LiteRT.js beside a page: the npm package as it stands, and a file of target `compiled` for it to run."""

import json
import shutil
from pathlib import Path

VERSION = "2.5.3"
WORDS = 64  # so long a file may be for its loop to be written out, which is what a browser's runtime takes
FOLDER = "litert"
PACKAGES = ("core", "wasm-utils")
# One build for all browsers: without relaxed SIMD, threads and JSPI.
WASM = ("litert_wasm_compat_internal.js", "litert_wasm_compat_internal.wasm")


def check_litert(folder):
    """The folder of npm's `@litertjs`, when both packages of the right version are in it.

    Raises:
        ValueError: for another folder; it names the command that makes one.
    """
    folder = Path(folder)
    folder = folder / "node_modules" / "@litertjs" if (folder / "node_modules").is_dir() else folder
    found = []
    for package in PACKAGES:
        try:
            found.append(json.loads((folder / package / "package.json").read_text(encoding="utf-8"))["version"])
        except (OSError, ValueError, KeyError):
            found.append(None)
    if found != [VERSION] * len(PACKAGES):
        raise ValueError(
            f"`litert` is a folder in which `npm install @litertjs/core@{VERSION}` was run. Received: {folder}, with "
            + ", ".join(f"@litertjs/{name} {version}" for name, version in zip(PACKAGES, found, strict=True))
        )
    return folder


def add_litert(output, folder, model):
    """Write the runtime and the model's file into a page's folder.

    Args:
        output: `pathlib.Path` of the page's folder. folder: as `check_litert` gives it. model: as `load_pretrained` gives it.

    Returns:
        what the page must know: the version, the file's name and length, and how far it is from the model.
    """
    from seqzoo.export import export_tflite
    from seqzoo.export.tflite.sidecar import read_sidecar

    place = output / FOLDER
    place.mkdir()
    source = (folder / "core" / "dist" / "index.js").read_text(encoding="utf-8")
    # A browser knows no package names; the import is given the place of the other file.
    bare, beside = 'from "@litertjs/wasm-utils"', 'from "./wasm-utils.js"'
    if source.count(bare) != 1:
        raise ValueError(f"@litertjs/core {VERSION} imports @litertjs/wasm-utils once. Received: {source.count(bare)} times")
    (place / "core.js").write_text(_without_map(source.replace(bare, beside)), encoding="utf-8")
    helper = (folder / "wasm-utils" / "dist" / "index.js").read_text(encoding="utf-8")
    (place / "wasm-utils.js").write_text(_without_map(helper), encoding="utf-8")
    for name in WASM:
        shutil.copyfile(folder / "core" / "wasm" / name, place / name)
    path = export_tflite(model, place / f"{model.name}.tflite", "compiled", "float16", time_steps=WORDS)
    sidecar = read_sidecar(path)
    for beside in [*place.glob("*.json"), *place.glob("*.txt")]:  # the page has the vocabulary already
        if beside != path.with_suffix(".json"):
            beside.unlink()
    return {
        "version": VERSION,
        "model": model.name,
        "file": path.name,
        "words": WORDS,
        "bytes": sidecar["bytes"],
        "runtime": sum((place / name).stat().st_size for name in WASM),
        "error": sidecar["measured_error"],
    }


def _without_map(source):
    return "".join(line for line in source.splitlines(keepends=True) if not line.startswith("//# sourceMappingURL"))
