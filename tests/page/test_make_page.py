"""The page's folder: what is in it, what is refused, how its script is put together."""

import base64
import gzip
import hashlib
import json
import re

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from seqzoo import cli
from seqzoo.data.price_windows import FEATURES, STEPS, window_features, windows_of
from seqzoo.page import make_page
from seqzoo.page.bundle import bundle
from seqzoo.page.equations import equations
from seqzoo.page.first import unit_orders
from seqzoo.page.networks import adding_networks
from seqzoo.tasks import get_task
from seqzoo.zoo import find_model
from tests import tiny

OUTSIDE = re.compile(r"""["'`](?:https?:)?//(?!www\.w3\.org/2000/svg)[\w.]""")


def manifest_of(index):
    return json.loads((index.parent / "manifest.js").read_text().removeprefix("seqzooManifest(").rstrip(";)\n"))


def test_every_file_is_there_with_the_cards_hash_and_the_first_view_is_small(made_page):
    manifest, folder = manifest_of(made_page), made_page.parent
    for tab in manifest["tabs"]:
        for model in tab["models"]:
            card = json.loads((find_model(model["name"]) / "card.json").read_text())
            for name, file in model["files"].items():
                digest, content = re.fullmatch(r'seqzooData\("(\w+)","(.*)"\);\n', (folder / file["script"]).read_text()).groups()
                found = hashlib.sha256(base64.b64decode(content)).hexdigest()
                assert found == digest == file["sha256"] == card["files"][name]["sha256"]
    first = [folder / name for name in ("index.html", "style.css", "app.js", "manifest.js")]
    assert sum(len(gzip.compress(file.read_bytes())) for file in first) < 300_000
    for file in first[:3]:
        assert not OUTSIDE.search(file.read_text()), file


def test_its_policy_lets_its_own_files_run_alone(made_page):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', made_page.read_text()).group(1)
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=", made_page.read_text())


def test_the_first_example_is_what_the_package_computes(made_page):
    tab = manifest_of(made_page)["tabs"][0]
    shown = [model for model in tab["models"] if "first" in model]
    assert [model["name"] for model in shown] == ["sentiment-lstm", "imdb-rnn"]  # an RNN beside the LSTM
    assert tab["models"][tab["beside"]] == shown[1]
    for model in shown:
        golden = json.loads((find_model(model["name"]) / "golden.json").read_text())
        assert model["first"]["answers"][-1] == pytest.approx(golden["outputs"][0], abs=1e-5)
        assert len(model["first"]["answers"]) == len(model["first"]["steps"]) + 1


def test_units_are_ordered_alike_by_the_package_and_on_the_page(node, tmp_path):
    tiny_model = tiny.model(bidirectional=True, layers=2, pooling="last_max_mean")
    save_file(tiny_model.tensors(), tmp_path / "tiny.safetensors")
    classes = tiny.model(classes=("bad", "fair", "good"))
    save_file(classes.tensors(), tmp_path / "classes.safetensors")
    cases = [(get_task("text-classification"), tiny_model.config, tmp_path / "tiny.safetensors")]
    cases.append((get_task("text-classification"), classes.config, tmp_path / "classes.safetensors"))
    for name in ("sentiment-lstm", "imdb-rnn", "imdb-bilstm", "stock-volatility-lstm"):
        card = json.loads((find_model(name) / "card.json").read_text())
        cases.append((get_task(card["task"]), card["architecture"], find_model(name) / "weights.safetensors"))
    forms = [task.browser_form(config)._asdict() for task, config, _ in cases]
    job = [{"form": form, "weights": str(path)} for form, (*_, path) in zip(forms, cases, strict=True)]
    (tmp_path / "job.json").write_text(json.dumps(job))
    for form, (*_, path), found in zip(forms, cases, json.loads(node("orders.mjs", tmp_path / "job.json")), strict=True):
        tensors = {name: value.astype(np.float32) for name, value in load_file(path).items()}
        units = {
            track["path"]: tensors[f"{track['path']}/recurrent_kernel"].shape[0] for layer in form["layers"] for track in layer
        }
        assert unit_orders(form, tensors, units) == found
        last, outputs = form["layers"][-1][0]["path"], tensors[form["head"]["kernel"]].shape[1]
        assert outputs == 1 or found[last] == sorted(found[last])
    assert any("input" in form["pooling"] for form in forms)


def test_a_page_of_ones_own_model(tmp_path, capsys):
    folder = tiny.copy_to(tmp_path)
    (tmp_path / "mine.txt").write_text("A great film\n\nand a dull one\n")
    made = ["page", str(folder), "--output", str(tmp_path / "page"), "--examples", str(tmp_path / "mine.txt")]
    assert cli.main(made) == 0
    assert str(tmp_path / "page" / "index.html") in capsys.readouterr().out
    manifest = manifest_of(tmp_path / "page" / "index.html")
    (tab,) = manifest["tabs"]
    assert tab["examples"] == ["A great film", "and a dull one"] and [model["name"] for model in tab["models"]] == ["tiny"]
    assert cli.main(made) == 2
    assert "already exists" in capsys.readouterr().err
    assert cli.main([*made, "--overwrite", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bytes"] > 100_000


def test_what_is_refused_is_named_and_leaves_nothing(tmp_path):
    output = tmp_path / "page"
    with pytest.raises(ValueError, match="tasks text-classification, .* Received: imdb-lm, text-generation"):
        make_page(output, ["imdb-lm"])
    with pytest.raises(ValueError, match="prices alone, .* Received: one that reads a market"):
        make_page(tmp_path / "page", ["stock-volatility-market-lstm"])
    with pytest.raises(ValueError, match="npm install @litertjs/core@.* Received: "):
        make_page(output, litert=tmp_path)
    with pytest.raises(ValueError, match="all read the same. Received: models that read words and prices"):
        make_page(output, examples=tmp_path / "x.txt")
    (tmp_path / "empty.txt").write_text("...\n")
    with pytest.raises(ValueError, match="at least one line of words. Received: "):
        make_page(output, ["imdb-lstm"], examples=tmp_path / "empty.txt")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").touch()
    with pytest.raises(FileExistsError):
        make_page(tmp_path / "thesis", ["imdb-rnn"], overwrite=True)
    assert not output.exists() and [path.name for path in (tmp_path / "thesis").iterdir()] == ["chapter.txt"]


def test_modules_become_one_script_that_runs(tmp_path, node):
    modules = {
        "main.js": 'import { add as plus, ONE } from "./sum.js";\nimport * as all from "./sum.js";\n'
        "console.log(plus(ONE, 2), new all.Box(4).value);",
        "sum.js": "export const ONE = 1;\nexport function add(a, b) {\n  return a + b;\n}\n"
        "export class Box {\n  constructor(value) {\n    this.value = value;\n  }\n}\n",
    }
    (tmp_path / "script.cjs").write_text(bundle(modules, "main.js"))
    assert node("bundled.mjs", tmp_path / "script.cjs").split() == ["3", "4"]
    modules["sum.js"] += "export function* counted() {\n  yield 5;\n}\n"
    modules["main.js"] += "\nconsole.log(all.counted().next().value);"
    (tmp_path / "script.cjs").write_text(bundle(modules, "main.js"))
    assert node("bundled.mjs", tmp_path / "script.cjs").split() == ["3", "4", "5"]
    for source in ("export default 1;", 'import x from "./sum.js";', "export { y };"):
        with pytest.raises(ValueError, match="one of the forms .* Received: "):
            bundle({**modules, "main.js": source}, "main.js")
    with pytest.raises(ValueError, match="circle. Received: main.js -> main.js"):
        bundle({"main.js": 'import { x } from "./main.js";'}, "main.js")
    with pytest.raises(ValueError, match="Received: 'gone.js'"):
        bundle({"main.js": 'import { x } from "./gone.js";'}, "main.js")


def test_equations_are_those_of_the_docstrings():
    found = {kind: "".join(line["name"] for line in lines) for kind, lines in equations().items()}
    assert found == {"rnn": "h", "lstm": "ifgoch", "gru": "zrgh"}
    assert equations()["lstm"][4]["text"] == "c_t = f_t * c_{t-1} + i_t * g_t"


def test_prices_become_the_packages_features_and_forecasts(node, tmp_path):
    random = np.random.default_rng(0)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.02, 270)))
    opened = close * np.exp(random.normal(0, 0.005, 270))
    high, low = np.maximum(opened, close) * 1.01, np.minimum(opened, close) * 0.99
    high[100] = low[100] = opened[100] = close[100]  # a day without a range
    rows = np.stack([opened, high, low, close, random.integers(0, 10**7, 270)], axis=1)
    job = {"rows": rows.tolist(), "ends": [249, 269], "models": []}
    names = ("stock-volatility-lstm", "stock-volatility-rnn", "stock-quantiles-lstm")
    for name in names:
        card = json.loads((find_model(name) / "card.json").read_text())
        form = get_task(card["task"]).browser_form(card["architecture"])._asdict()
        job["models"].append({"form": form, "folder": str(find_model(name))})
    (tmp_path / "job.json").write_text(json.dumps(job))
    found = json.loads(node("prices.mjs", tmp_path / "job.json"))
    expected, anchors = window_features(windows_of(rows, [249, 269]))
    for got, sequence, anchor in zip(found["features"], expected, anchors, strict=True):
        np.testing.assert_allclose(np.reshape(got["x"], (STEPS, len(FEATURES))), sequence, atol=1e-5)
        assert got["anchor"] == pytest.approx(anchor, abs=1e-9)
    from seqzoo.zoo.quick import load_quick

    for name, got in zip(names, found["forecasts"], strict=True):
        model = load_quick(name)
        for row, forecast in zip(model.predict_rows(rows, np.array([249, 269])), got, strict=True):
            assert [forecast[output] for output in model.outputs] == pytest.approx(row.tolist(), rel=1e-5)


def test_hashes_and_weights_are_read_as_others_read_them(node, tmp_path):
    values = np.array([0, -0.0, 1, -2.5, 65504, 6e-8, 6.1e-5, 0.1, np.inf, np.nan], np.float16)
    save_file({"half": values.reshape(2, 5), "single": np.float32([[1.5], [-3e38]])}, tmp_path / "w.safetensors")
    lengths = [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000]
    found = json.loads(node("files.mjs", tmp_path / "w.safetensors", json.dumps(lengths)))
    assert found["hashes"] == [hashlib.sha256(bytes(k % 251 for k in range(n))).hexdigest() for n in lengths]
    assert found["half"]["shape"] == [2, 5] and found["single"]["data"] == [1.5, pytest.approx(-3e38)]
    np.testing.assert_array_equal(np.array(found["half"]["data"], float), values.astype(float))
    (tmp_path / "cut.safetensors").write_bytes((tmp_path / "w.safetensors").read_bytes()[:20])
    assert "no safetensors file" in json.loads(node("files.mjs", tmp_path / "cut.safetensors", "[]"))["error"]


def test_the_adding_networks_give_the_errors_that_are_stated(tmp_path):
    from safetensors.numpy import load

    from seqzoo.data.long_memory import TASKS
    from seqzoo.page.files import DataFiles

    files = DataFiles()
    about = adding_networks(files)
    (script,) = files.scripts.values()
    tensors = load(base64.b64decode(script.split('"')[3]))
    assert {network["cell"] for network in about["networks"]} == {"rnn", "lstm", "gru"}
    for network in about["networks"]:
        path, span = f"{network['cell']}_{network['span']}", network["span"]
        weights = [tensors[f"{path}/{part}"].astype(np.float32) for part in ("kernel", "recurrent_kernel", "bias")]
        inputs, targets = TASKS["adding"].make(np.random.default_rng([2, span]), about["measured_on"], span)
        answers = last_state(network["cell"], inputs, *weights) @ tensors[f"{path}/head/kernel"] + tensors[f"{path}/head/bias"]
        assert np.mean((answers - targets) ** 2) == pytest.approx(network["error"], rel=0.02, abs=2e-6)


def last_state(cell, inputs, kernel, recurrent, bias):
    """h after the last step, from the equations of the docstrings, all rows at once."""
    sigmoid = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
    h = c = np.zeros((len(inputs), len(recurrent)), np.float32)
    for x in np.moveaxis(inputs, 1, 0):
        if cell == "gru":
            a, b = np.split(x @ kernel + bias[0], 3, axis=1), np.split(h @ recurrent + bias[1], 3, axis=1)
            z, r = sigmoid(a[0] + b[0]), sigmoid(a[1] + b[1])
            h = z * h + (1 - z) * np.tanh(a[2] + r * b[2])
        elif cell == "lstm":
            i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4, axis=1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        else:
            h = np.tanh(x @ kernel + h @ recurrent + bias)
    return h
