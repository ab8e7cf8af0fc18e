"""One page that shows what models do with a text or a price series, step by step. It asks nobody for anything."""

import base64
import hashlib
import html
import json
from importlib import resources

import numpy as np

from seqzoo.data.tokenizer import clean
from seqzoo.files import write_atomically
from seqzoo.insight.panels import panel_of
from seqzoo.insight.paths import check_report_path
from seqzoo.tasks import task_of

NEGATIVE, POSITIVE = (213, 94, 0), (0, 114, 178)  # Okabe & Ito's vermilion and blue


class Report:
    """A page: `html` is its source, `panels` what it shows of each model; a notebook shows it in a frame."""

    def __init__(self, panels, introduction):
        self.panels = panels
        self.html = page(panels, introduction)

    def save(self, path):
        """Write the page. Raises ValueError unless the name ends in .html, OSError if it can't be written."""
        write_atomically(check_report_path(path), self.html)

    def _repr_html_(self):
        return f'<iframe style="width:100%;height:60em;border:0" srcdoc="{html.escape(self.html)}"></iframe>'


def explain(models, text):
    """What one or several models do with a text, word by word, or with a price series, day by day, side by side.

    Args:
        models: a task's model as `load_pretrained` gives it, or a list of such that read the same (texts, or prices).
        text: str; for forecasters a pandas DataFrame as for their `forecast`, of at least 310 days.

    Returns:
        `Report`: words or days coloured by how they move the running answer (verdict or forecast), that answer, and
        every gate and state as a heat map over them, with numbers under the pointer. One page that loads nothing.

    Raises:
        ValueError: for no model, a text without words, prices with an error in them, or a model without recurrent
            layers.
        TypeError: for a model of no task, models that do not read the same, or a text or frame that is none.
    """
    models = list(models) if isinstance(models, (list, tuple)) else [models]
    if not models:
        raise ValueError("`models` must hold at least one model. Received: none")
    tasks = [task_of(model) for model in models]
    if None in tasks or len({task.reads for task in tasks}) > 1:
        raise TypeError(
            "`models` must be tasks' models that all read the same: text classifiers and language models, or forecasters "
            f"of stock series. Received: {', '.join(type(model).__name__ for model in models)}"
        )
    given = tasks[0].check_given(text)
    readings = [task.read(model, given) for task, model in zip(tasks, models, strict=True)]
    panels = [panel_of(model, reading) for model, reading in zip(models, readings, strict=True)]
    return Report(panels, tasks[0].introduce(given))


def page(panels, introduction):
    """The page's source. All text in it is escaped, and its policy lets no script run but its own.

    Args:
        panels: from `panel_of`.
        introduction: (what was read, a line about it, its full text or None), see `seqzoo.tasks.task.Task.introduce`.
    """
    script, style = (resources.files(__package__).joinpath(f"report.{kind}").read_text("utf-8") for kind in ("js", "css"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    names = " and ".join(panel["name"] for panel in panels)
    # Not the greatest move: one word that settles the verdict must not leave all others white.
    step = float(np.quantile(np.abs(np.concatenate([moves(panel) for panel in panels])), 0.98))
    series, about, full = introduction
    data = [{"words": p["words"], "verdicts": p["verdicts"], "layers": p["layers"], "quantity": p["quantity"]} for p in panels]
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_escape(names)} reading {series}</title>
<style>{style}</style>
</head>
<body>
<h1>What {_escape(names)} {"does" if len(panels) == 1 else "do"} with {series}</h1>
{_about(about, full)}
{_legend(step, panels)}
<main>
{"".join(_panel_html(number, panel, step) for number, panel in enumerate(panels))}
</main>
<div id="tip" role="status" hidden></div>
<script type="application/json" id="data">{_json(data)}</script>
<script>{script}</script>
</body>
</html>
"""


def _about(line, full):
    if full is None:
        return f"<p>{_escape(line)}</p>"
    return f"<details><summary>{_escape(line)}</summary><pre>{_escape(full)}</pre></details>"


def moves(panel):
    """How far each step moved the running answer.

    A probability in log-odds, which still tell words apart where it is near 0 or 1; a positive quantity in its logarithm.
    """
    values, quantity = np.asarray(panel["verdicts"], np.float64), panel["quantity"]
    if quantity["probability"]:
        p = np.clip(values, 1e-6, 1 - 1e-6)
        return np.diff(np.log(p / (1 - p)))
    return np.diff(np.log(values) if quantity["positive"] else values)


def _legend(step, panels):
    quantity = panels[0]["quantity"]
    swatches = "".join(
        f'<span class="w" style="background:{_color(share)}">{share * step:+.2f}</span>' for share in (-1, -0.5, 0, 0.5, 1)
    )
    what, of = quantity["step"], _moved(quantity)
    unknown = ""
    if not all(known for panel in panels for known in panel["known"]):
        unknown = f"<u>Underlined</u> {what}s are unknown to the model. "
    return (
        f'<p class="legend">A {what}\'s colour says how far it moved the {of}: {swatches} '
        f"(down: orange, up: blue; the ends stand for more, too). {unknown}"
        f"Point at a {what} or a map for its numbers.</p>"
    )


def _moved(quantity):
    if quantity["probability"]:
        return f"log-odds of {_escape(quantity['name'])}"
    return "logarithm of the forecast" if quantity["positive"] else _escape(quantity["name"])


def _panel_html(number, panel, step):
    verdicts, words, quantity = panel["verdicts"], panel["words"], panel["quantity"]
    name, unit, digits = _escape(quantity["name"]), quantity["step"], quantity["digits"]
    spans, steps = [], moves(panel)
    for t, (word, known) in enumerate(zip(words, panel["known"])):
        moved = f"moved by {verdicts[t + 1] - verdicts[t]:+.{digits}f}{'' if known else '; unknown word'}"
        title = f"{name} {verdicts[t + 1]:.{digits}f} after this {unit}, {moved}"
        kind = "w" if known else "w unknown"
        color = _color(steps[t] / step if step else 0)
        spans.append(f'<span class="{kind}" data-t="{t}" style="background:{color}" title="{title}">{_escape(word)}</span>')
    label = f"<b>{_escape(panel['label'])}</b>, " if panel["label"] is not None else ""
    cut = f'<p class="cut">{_escape(panel["cut"])}.</p>' if panel["cut"] else ""
    maps = "".join(
        _map_html(number, depth, index, layer, kind, unit)
        for depth, layer in enumerate(panel["layers"])
        for index, kind in enumerate(layer["maps"])
    )
    return f"""<section data-panel="{number}" data-step="{unit}">
<h2>{_escape(panel["name"])}: {label}{name} = {verdicts[-1]:.{digits}f}</h2>
<p class="about">{panel["parameters"]:,} parameters, {len(words)} {unit}s read</p>{cut}
<p class="words">{" ".join(spans)}</p>
<h3>Running {_running(quantity)}: {name} after each {unit}</h3>
{_chart(verdicts, quantity)}
{maps}
</section>
"""


def _map_html(number, depth, index, layer, kind, unit):
    scale = f'{kind["low"]:.2f} <i class="{"signed" if kind["signed"] else "share"}"></i> {kind["high"]:.2f}'
    return f"""<h3>{_escape(layer["name"])}: {kind["title"]} <small>{kind["meaning"]}</small></h3>
<div class="map"><canvas data-layer="{depth}" data-map="{index}"></canvas></div>
<p class="scale"><span>{layer["units"]} units, sorted by h at the last {unit}; {unit}s from left to right</span><span>{scale}</span></p>
"""


def _chart(verdicts, quantity):
    last = len(verdicts) - 1
    low, top = (0.0, 1.0) if quantity["probability"] else (1.1 * min(0.0, *verdicts), 1.1 * max(0.0, *verdicts))
    height = top - low or 1.0
    points = " ".join(f"{1000 * t / last:.1f},{100 - 100 * (v - low) / height:.1f}" for t, v in enumerate(verdicts))
    ends = f"{top:.3g}<br><br>{low + height / 2:.3g}<br><br>{low:.3g}"
    return f"""<div class="chart"><span class="axis">{ends}</span>
<svg viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label="{_escape(quantity["name"])}">
<line x1="0" y1="50" x2="1000" y2="50"/><polyline points="{points}"/></svg></div>
"""


def _color(share):
    """White at 0, vermilion at -1, blue at 1, light enough for black text."""
    end, weight = (POSITIVE if share > 0 else NEGATIVE), min(abs(share), 1) ** 0.7 * 0.75
    return f"rgb({','.join(str(round(255 + (channel - 255) * weight)) for channel in end)})"


def _escape(text):
    """Text as HTML that shows it: no markup, nor characters that HTML does not allow."""
    return html.escape("".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in clean(text)))


def _json(value):
    """JSON that can't end the script element that it stands in."""
    return json.dumps(value).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _running(quantity):
    return "verdict" if quantity["probability"] else "forecast" if quantity["positive"] else "answer"
