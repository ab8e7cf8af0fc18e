"""The report's numbers, its escaping, and the page in a real browser."""

import base64
import functools
import hashlib
import html
import http.server
import json
import re
import shutil
import subprocess
import threading

import numpy as np
import pytest
from markupsafe import escape

from seqzoo.insight import colors, explain, trace_gates
from seqzoo.insight.report import moves
from seqzoo.tasks.text_classification.report import running_verdict
from tests import tiny

HOSTILE = (
    "what a great film </script><script>document.title='run'</script> <img src='http://127.0.0.1:1/x' onerror=\"alert(1)\"> "
    "{{dull}} & \0 \ud800 <!-- ]]> not bad \u202e"
)


@pytest.fixture(scope="module")
def models():
    models = tiny.model(cell="rnn"), tiny.model(cell="lstm", bidirectional=True, max_tokens=400)
    models[0].name, models[1].name = "tiny-rnn", "tiny-lstm"
    return models


@pytest.fixture(scope="module")
def hostile(models):
    return explain(models, HOSTILE)


def data_of(source):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', source, re.S)[1])


@pytest.mark.parametrize("index", [0, 1])
def test_the_running_verdict_is_the_answer_to_each_beginning(models, index):
    model = models[index]
    words = ("what a great film isn't dull " * 12).split()[: model.config["max_tokens"]]  # above and below one batch
    verdicts = running_verdict(model, model.encode([" ".join(words)])[0])
    beginnings = [" ".join(words[:t]) for t in range(len(words) + 1)]
    np.testing.assert_allclose(verdicts, model.predict(beginnings), atol=1e-6)
    assert np.ptp(verdicts) > 0.01


def test_the_maps_hold_the_traces(models):
    text = "what a great film isn't dull"
    (panel,) = data_of(explain(models[1], text).html)
    trace = trace_gates(models[1], [text])["backward_lstm_0"]
    layer = panel["layers"][1]
    assert panel["words"] == text.split()
    for name, map in zip(("forget", "input", "output", "candidate", "cell", "hidden"), layer["maps"], strict=True):
        values = np.frombuffer(base64.b64decode(map["data"]), "<u2").reshape(layer["units"], -1) / 65535
        values = map["low"] + values * (map["high"] - map["low"])
        np.testing.assert_allclose(values, getattr(trace, name)[0].T[layer["order"]], atol=1e-4, err_msg=name)


def test_text_is_escaped_and_nothing_is_loaded(hostile):
    source = hostile.html
    source.encode("utf-8")  # no lone surrogates
    assert "document.title='run'" not in source and str(escape("<script>document.title='run'</script>")) in source
    assert not re.search(r"<(img|link|iframe|object|embed|base|form)\b", source)
    assert not re.search(r"\b(src|href|action)\s*=\s*[\"']?\w", source)
    assert "\0" not in source and "\u202e" not in source  # neither bytes nor letters that rearrange the page
    assert len(re.findall(r"<script\b", source)) == 2  # the data and the page's own
    script = re.findall(r"<script>(.*?)</script>", source, re.S)[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in source


def test_models_stand_side_by_side(hostile):
    sections = re.findall(r"<section.*?</section>", hostile.html, re.S)
    assert ["tiny-rnn" in sections[0], "tiny-lstm" in sections[1]] == [True, True]
    assert "the first" in sections[0] and "were cut" in sections[0]  # 12 words at most
    assert "were cut" not in sections[1]
    for section, panel in zip(sections, hostile.panels, strict=True):
        assert section.count('data-t="') == len(panel["words"])


def test_colours_are_moves_of_the_log_odds():
    def steps_of(verdicts):
        return moves({"verdicts": verdicts, "quantity": {"probability": True}})

    np.testing.assert_allclose(steps_of([0.5, 0.75, 0.25]), [np.log(3), -2 * np.log(3)])
    steps = steps_of([0.5, 0.99, 0.999, 1.0, 1.0])
    assert steps[1] > 2 and steps[3] == 0  # where the probability hardly moves; and no infinity


def test_the_words_stand_under_each_map_in_a_browser(models, tmp_path):
    """One strip a map, a column a word; what was hostile is text there, too."""
    report = explain(models[1], HOSTILE + " \u05d0 many more words so that the page must scroll" * 5)
    (tmp_path / "report.html").write_text(report.html, encoding="utf-8")
    dom = open_page(tmp_path / "report.html", tmp_path / "profile", "--dump-dom")
    strips = re.findall(r'<div class="strip[^>]*>(.*?)</div>', dom, re.S)
    (panel,) = report.panels
    assert len(strips) == sum(len(layer["maps"]) for layer in panel["layers"]) == 12
    for strip in strips:
        assert [html.unescape(word) for word in re.findall(r"<span[^>]*>(.*?)</span>", strip)] == panel["words"]
    assert 'class="fit"' in dom, "more words than fit: a choice to see all at once"
    assert 'class="fit"' not in explain(models[1], "great").html


def test_a_word_is_never_markup_nor_rearranges_the_page():
    from seqzoo.insight.report import page

    hostile = "</script><b>\u202e\0"
    quantity = {"name": "<i>P</i>", "step": "word", "digits": 3, "probability": True, "positive": False}
    panel = {"name": "<u>", "parameters": 1, "quantity": quantity, "verdicts": [0.5, 0.6], "layers": [], "words": [hostile]}
    panel["answer"] = 0.6
    panel |= {"known": [False], "cut": "<s>", "label": "<em>", "beside": {"name": "<q>", "values": [1.0]}}
    source = page([panel], ("<a>", "<p onclick=x>", "<pre>\ud800"))
    assert not re.findall(r"</script><b>|<i>P|<s>|<em>|<q>|<a>|onclick=x>|<pre>.?<", source) and "\u202e" not in source
    assert data_of(source)[0]["words"] == ["</script><b>\ufffd\ufffd"]
    assert html.escape("<p onclick=x>") in source


def test_what_a_template_lacks_is_an_error_and_no_blank():
    import jinja2

    from seqzoo.insight.pages import render

    with pytest.raises(jinja2.UndefinedError):
        render("seqzoo.insight", "report.html", policy="")


def test_refusals(models, tmp_path, monkeypatch):
    for text in ("", "...", "\U0001f600"):
        with pytest.raises(ValueError, match="at least one word.*Received"):
            explain(models[0], text)
    with pytest.raises(ValueError, match="at least one model"):
        explain([], "great")
    with pytest.raises(TypeError, match="text classifiers, or forecasters of stock series. Received: Model|Functional"):
        explain(models[0].network, "great")
    with pytest.raises(TypeError, match="Received: list"):
        explain(models[0], ["great"])
    report = explain(models[0], "great")
    (tmp_path / "folder.html").mkdir()
    for path, error in (("notes.txt", ValueError), ("folder.html", IsADirectoryError), ("no/a.html", FileNotFoundError)):
        with pytest.raises(error, match="Received"):
            report.save(tmp_path / path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder.html"]
    with monkeypatch.context() as patch:
        patch.setattr("os.access", lambda *_: False)  # a superuser may write anywhere
        with pytest.raises(PermissionError, match="that you can write to. Received"):
            report.save(tmp_path / "a.html")


def browser():
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"):
        if shutil.which(name):
            return shutil.which(name)
    pytest.skip("needs a Chromium")


def open_page(path, profile, *options):
    """What the page is after its scripts ran, opened without a network of its own."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    flags += [f"--user-data-dir={profile}", "--window-size=1200,1500", "--virtual-time-budget=3000"]
    command = [browser(), *flags, *options, path.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=True).stdout


def test_in_a_browser_hostile_text_is_text(models, tmp_path):
    requests = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            requests.append(self.path)
            self.send_error(404)

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        text = HOSTILE.replace("127.0.0.1:1", f"127.0.0.1:{server.server_port}")
        report = explain(models, text)
        report.save(tmp_path / "report.html")
        dom = open_page(tmp_path / "report.html", tmp_path / "profile", "--dump-dom")
    finally:
        server.shutdown()
        server.server_close()
    assert 'data-ready="1"' in dom  # its own script ran to the end under its policy
    assert "<title>tiny-rnn and tiny-lstm reading a text</title>" in dom
    assert requests == [] and "<img" not in dom


def test_in_a_browser_the_maps_are_drawn_and_answer_the_pointer(models, tmp_path):
    from matplotlib.image import imread

    text = "what a great film"
    report = explain(models[1], text)
    report.save(tmp_path / "report.html")
    open_page(tmp_path / "report.html", tmp_path / "profile", f"--screenshot={tmp_path / 'page.png'}")
    picture = imread(tmp_path / "page.png")[..., :3]
    map = report.panels[0]["layers"][0]["maps"][0]
    stops = np.array(colors.SHARE) / 255
    for share in np.frombuffer(base64.b64decode(map["data"]), "<u2") / 65535:
        color = [np.interp(share, np.linspace(0, 1, len(stops)), stops[:, channel]) for channel in range(3)]
        assert (np.abs(picture - color).max(axis=-1) < 0.01).sum() > 500, share
    # The policy would, rightly, keep the test's own script out.
    probe = """<script>
      const map = document.querySelector('canvas[data-layer="0"][data-map="4"]'), box = map.getBoundingClientRect();
      map.dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + box.width * 0.6, clientY: box.top + 2}));
    </script>"""
    source = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", report.html)
    (tmp_path / "probed.html").write_text(source.replace("</body>", probe + "</body>"), encoding="utf-8")
    dom = open_page(tmp_path / "probed.html", tmp_path / "profile", "--dump-dom")
    tip = re.search(r'<div id="tip"[^>]*>(.*?)</div>', dom, re.S)[1]
    trace = trace_gates(models[1], [text])["forward_lstm_0"]
    unit = int(np.argsort(trace.hidden[0, -1])[-1])
    verdicts = report.panels[0]["verdicts"]
    assert tip.splitlines() == [
        "great (word 3)",
        f"cell state c of unit {unit}: {trace.cell[0, 2, unit]:.3f}",
        f"P(positive) {verdicts[3]:.3f}, moved by {verdicts[3] - verdicts[2]:+.3f}",
    ]


@functools.cache
def command_model():
    return str(tiny.shared_folder() / "tiny")


def run(*arguments):
    from seqzoo.cli import main

    return main(["explain", *map(str, arguments)])


def test_the_command_writes_the_page(tmp_path, capsys):
    path = tmp_path / "report.html"
    assert run(command_model(), command_model(), "first " + "great " * 12, "--output", path) == 0
    out, err = capsys.readouterr()
    assert out.count("tiny") == 2 and str(path) in out
    assert "the first 1 were cut" in err
    assert path.read_text("utf-8").count("<section") == 2
    assert run(command_model(), "great", "--output", path, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["path"] == str(path)
    assert answer["models"][0]["probability"] == pytest.approx(float(tiny.model().predict(["great"])[0]), abs=1e-6)
    assert path.read_text("utf-8").count("<section") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["great", "--output", "x.txt"], "ends in .html"),
        (["great", "--output", "/nowhere/x.html"], "folder must exist"),
        (["", "--output", "x.html"], "at least one word"),
    ],
)
def test_the_command_refuses_in_one_line(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(command_model(), *arguments) == 2
    err = capsys.readouterr().err
    assert message in err and err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
