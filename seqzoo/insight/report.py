"""One page that shows what models do with a text or a price series, step by step. It asks nobody for anything."""

import base64
import hashlib
import html
import json

import numpy as np

from seqzoo.files import write_atomically
from seqzoo.insight import colors
from seqzoo.insight.pages import render, source, visible
from seqzoo.insight.panels import panel_of
from seqzoo.insight.paths import check_report_path
from seqzoo.tasks import task_of


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
        `Report`: words or days coloured by how they move the running answer (verdict or forecast), that answer, for
        prices the closing price, and every gate and state as a heat map over them, with the words or days under each
        and numbers under the pointer. One page that loads nothing.

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
    from markupsafe import Markup

    script = source("seqzoo.insight/report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    series, about, full = introduction
    # Not the greatest move: one word that settles the verdict must not leave all others white.
    step = float(np.quantile(np.abs(np.concatenate([moves(panel) for panel in panels])), 0.98))
    kept = ("verdicts", "layers", "quantity", "beside")
    data = [{"words": [visible(word) for word in panel["words"]], **{key: panel[key] for key in kept}} for panel in panels]
    return render(
        "seqzoo.insight",
        "report.html",
        policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'",
        names=" and ".join(panel["name"] for panel in panels),
        series=series,
        about=about,
        full=full,
        step=step,
        unknown=not all(known for panel in panels for known in panel["known"]),
        panels=[{**panel, **_drawn(panel, step)} for panel in panels],
        colors=json.dumps({"share": colors.SHARE, "signed": colors.SIGNED}),
        word_color=colors.word_color,
        gradient=colors.css_gradient,
        data=Markup(_json(data)),
        script=Markup(script),
    )


def moves(panel):
    """How far each step moved the running answer.

    A probability in log-odds, which still tell words apart where it is near 0 or 1; a positive quantity in its logarithm.
    """
    values, quantity = np.asarray(panel["verdicts"], np.float64), panel["quantity"]
    if quantity["probability"]:
        p = np.clip(values, 1e-6, 1 - 1e-6)
        return np.diff(np.log(p / (1 - p)))
    return np.diff(np.log(values) if quantity["positive"] else values)


def _drawn(panel, step):
    """What the template shows of a panel beside what is in it: texts, colours, and points of lines."""
    verdicts, quantity = panel["verdicts"], panel["quantity"]
    name, unit, digits = quantity["name"], quantity["step"], quantity["digits"]
    shown = []
    for t, (word, known, moved) in enumerate(zip(panel["words"], panel["known"], moves(panel), strict=True)):
        title = f"{name} {verdicts[t + 1]:.{digits}f} after this {unit}, moved by {verdicts[t + 1] - verdicts[t]:+.{digits}f}"
        title += "" if known else "; unknown word"
        shown.append({"text": word, "known": known, "title": title, "color": colors.word_color(moved / step if step else 0)})
    if quantity["probability"]:
        moved, running, low, high = f"log-odds of {name}", "verdict", 0.0, 1.0
    else:
        moved, running = ("logarithm of the forecast", "forecast") if quantity["positive"] else (name, "answer")
        low, high = 1.1 * min(0.0, *verdicts), 1.1 * max(0.0, *verdicts)
    drawn = {"shown": shown, "moved": moved, "running": running, "answer": f"{panel['answer']:.{digits}f}"}
    places = np.linspace(0, 1, len(verdicts))
    drawn |= {"line": _points(places, verdicts, low, high), "ends": _ends(low, high)}
    if beside := panel["beside"]:
        values = beside["values"]
        margin = 0.05 * (max(values) - min(values))
        low, high = min(values) - margin, max(values) + margin
        places = (np.arange(len(values)) + 0.5) / len(values)  # a day's price stands in the middle of its column
        title = f"{beside['name'][:1].upper()}{beside['name'][1:]}"
        title += f" of each {unit}" if len(values) == len(panel["words"]) else ""
        drawn["beside"] = {**beside, "title": title, "line": _points(places, values, low, high), "ends": _ends(low, high)}
    return drawn


def _points(places, values, low, high):
    """Points of an SVG polyline in a box of 1000 by 100; places from 0 to 1, values from low to high."""
    height = high - low or 1.0
    return " ".join(f"{1000 * x:.1f},{100 - 100 * (v - low) / height:.1f}" for x, v in zip(places, values, strict=True))


def _ends(low, high):
    """The numbers at a chart's left edge, from top to bottom."""
    return [f"{value:.4g}" for value in (high, (low + high) / 2, low)]


def _json(value):
    """JSON that can't end the script element that it stands in."""
    return json.dumps(value).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
