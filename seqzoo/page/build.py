"""`make_page`: a folder of static files that shows models at work, from file:// and from any server."""

import os
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import seqzoo
from seqzoo.files import atomic_folder
from seqzoo.insight import colors
from seqzoo.insight.fields import FIELDS
from seqzoo.page.bundle import bundle
from seqzoo.page.files import FOLDER, DataFiles, script_of
from seqzoo.page.litert import add_litert, check_litert
from seqzoo.page.models import read_model
from seqzoo.page.networks import adding_networks
from seqzoo.tasks import TASKS, get_task

MANIFEST = "manifest.js"
# What a browser may load and run. Scripts of the page's own folder, and nothing else; a worker is made of them.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; worker-src blob:; base-uri 'none'; "
    "form-action 'none'"
)
# LiteRT.js compiles WebAssembly, which it fetches from that folder.
RUNTIME_POLICY = POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'")


def make_page(
    output: str | os.PathLike,
    models: Sequence[str | os.PathLike] = (),
    examples: str | os.PathLike | None = None,
    litert: str | os.PathLike | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a page on which a reader sees every gate of models at work, in a browser, without a server.

    Models that read the same share a tab; the first of them leads, another can stand beside it. The page computes them itself
    from their weights, whose hashes it checks, and asks nobody for anything.

    Args:
        output: the folder to make; `index.html` in it is the page.
        models: names of the zoo or paths of model folders; the default is what the tasks name as `browser_models`.
        examples: file with what is offered first: a text a line, or a CSV of daily prices. All models must read the same.
        litert: folder in which npm installed `@litertjs/core`; the page then offers to run the first model in LiteRT.js too.
        overwrite: whether a page already at `output` may be replaced.

    Returns:
        `pathlib.Path` of `index.html`.

    Raises:
        UnknownModelError, CardError, ModelIntegrityError: as `load_pretrained`.
        FileExistsError: if `output` exists and is not to be, or is no page that may be, replaced.
        OSError, ValueError: for a model that no page shows, examples that cannot be read, another `litert` folder.
    """
    runtime = None if litert is None else check_litert(litert)
    files = DataFiles()
    names = list(models) or [name for kind in TASKS for name in get_task(kind).browser_models]
    found = [read_model(name, files) for name in names]
    kinds = list(dict.fromkeys(entry["form"]["reads"]["kind"] for entry, _ in found))
    if examples is not None and len(kinds) > 1:
        raise ValueError(f"`examples` go with models that all read the same. Received: models that read {' and '.join(kinds)}")
    tabs = [_tab(kind, found, examples) for kind in kinds]
    with atomic_folder(output, overwrite, replaces=MANIFEST) as folder:
        loaded = _first(tabs[0], found, names)
        manifest = {
            "version": seqzoo.__version__,
            "tabs": tabs,
            "adding": adding_networks(files),
            "fields": {name: field._asdict() for name, field in FIELDS.items()},
            "colors": {"share": colors.SHARE, "signed": colors.SIGNED},
            "equations": _equations(),
        }
        if runtime is not None and loaded:
            manifest["litert"] = add_litert(folder, runtime, loaded)
        _write(folder, manifest, files)
    return Path(os.path.realpath(output)) / "index.html"


def page_script():
    """The page's program, one classic script."""
    folder = resources.files("seqzoo.page").joinpath("static/js")
    return bundle({file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".js")}, "main.js")


def _tab(kind, found, examples):
    here = [(entry, task) for entry, task in found if entry["form"]["reads"]["kind"] == kind]
    entries = [entry for entry, _ in here]
    return {"kind": kind, "models": entries, "beside": _beside(entries), "examples": here[0][1].browser_examples(examples)}


def _beside(entries):
    """Which model stands beside the first one to begin with: one of another cell, else the second; None for one alone."""
    cells = [{track["cell"] for layer in entry["form"]["layers"] for track in layer} for entry in entries]
    others = [place for place, cell in enumerate(cells) if cell != cells[0]] or [1]
    return others[0] if len(entries) > 1 else None


def _first(tab, found, names):
    """Put the package's own reading of the tab's first example into the entries of what is shown first; gives the first model."""
    from seqzoo.page.first import first_reading
    from seqzoo.zoo import load_pretrained

    if not tab["examples"]:
        return None
    here = [(entry, task, name) for (entry, task), name in zip(found, names, strict=True) if entry in tab["models"]]
    models = []
    for place in [0] if tab["beside"] is None else [0, tab["beside"]]:
        entry, task, name = here[place]
        models.append(load_pretrained(name))
        entry["first"] = first_reading(task, models[-1], entry["form"], tab["examples"][0])
    return models[0]


def _equations():
    from seqzoo.page.equations import equations

    return equations()


def _write(folder, manifest, files):
    static = resources.files("seqzoo.page").joinpath("static")
    policy = RUNTIME_POLICY if "litert" in manifest else POLICY
    page = static.joinpath("index.html").read_text("utf-8").replace("{{policy}}", policy)
    (folder / "index.html").write_text(page, encoding="utf-8")
    (folder / "style.css").write_text(static.joinpath("style.css").read_text("utf-8"), encoding="utf-8")
    (folder / "app.js").write_text(page_script(), encoding="utf-8")
    (folder / MANIFEST).write_text(script_of("seqzooManifest", manifest), encoding="utf-8")
    (folder / FOLDER).mkdir()
    for name, script in files.scripts.items():
        (folder / name).write_text(script, encoding="utf-8")
