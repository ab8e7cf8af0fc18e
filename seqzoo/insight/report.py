"""One page that shows what models do with a text: words, running verdict, gates. It asks nobody for anything."""

import base64
import hashlib
import html
import json
from importlib import resources

import numpy as np

from seqzoo.data.tokenizer import clean
from seqzoo.files import write_atomically
from seqzoo.insight.fields import FIELDS, ordered, unit_order, value_range
from seqzoo.insight.gates import trace_gates
from seqzoo.insight.inputs import describe_cut, split_words
from seqzoo.insight.paths import check_report_path
from seqzoo.insight.verdicts import running_verdict

NEGATIVE, POSITIVE = (213, 94, 0), (0, 114, 178)  # Okabe & Ito's vermilion and blue


class Report:
    """A page: `html` is its source, `panels` what it shows of each model; a notebook shows it in a frame."""

    def __init__(self, panels, text):
        self.panels = panels
        self.html = page(panels, text)

    def save(self, path):
        """Write the page. Raises ValueError unless the name ends in .html, OSError if it can't be written."""
        write_atomically(check_report_path(path), self.html)

    def _repr_html_(self):
        return f'<iframe style="width:100%;height:60em;border:0" srcdoc="{html.escape(self.html)}"></iframe>'


def explain(models, text):
    """What one or several text classifiers do with a text, word by word, side by side.

    Args:
        models: a `TextClassifier`, as `load_pretrained` gives it, or a list of them.
        text: str.

    Returns:
        `Report`: words coloured by how the running verdict moves, the running verdict, and every gate and state
        as a heat map over the words, with numbers under the pointer. All in one page that loads nothing.

    Raises:
        ValueError: for no model, a text without words, or a model without recurrent layers.
        TypeError: for a model that is not a text classifier, or a text that is no str.
    """
    models = list(models) if isinstance(models, (list, tuple)) else [models]
    if not models:
        raise ValueError("`models` must hold at least one model. Received: none")
    for model in models:
        if getattr(type(model), "task", None) != "text-classification":
            raise TypeError(f"`models` must be text classifiers. Received: {type(model).__name__}")
    if not isinstance(text, str):
        raise TypeError(f"`text` must be a str. Received: {type(text).__name__}")
    return Report([panel(model, text) for model in models], text)


def panel(model, text):
    """Everything that the page shows of one model, as plain values."""
    words, cut = split_words(model, text)
    if not words:
        raise ValueError(f"A text must have at least one word to look at. Received: {text!r:.80}")
    kept = " ".join(words)  # tokens joined by spaces are the same tokens again
    traces, ids = trace_gates(model, [kept]), model.encode([kept])[0]
    return {
        "name": getattr(model, "name", None) or f"{model.config['cell']} model",
        "parameters": model.count_parameters(),
        "words": words,
        "known": [bool(i != 1) for i in ids],
        "cut": describe_cut(words, cut) if cut else None,
        "verdicts": running_verdict(model, ids).tolist(),
        "layers": [_layer(name, trace) for name, trace in traces.items()],
    }


def _layer(name, trace):
    order = unit_order(trace, 0, trace.hidden.shape[1] - 1)
    maps = []
    for field in ordered(trace):
        values = getattr(trace, field)[0][:, order].T  # [units, time]
        low, high = value_range(field, values)
        scaled = np.rint((values - low) / (high - low) * 65535).clip(0, 65535).astype("<u2")
        about = {"title": FIELDS[field].title, "meaning": FIELDS[field].meaning, "signed": FIELDS[field].signed}
        maps.append({**about, "low": low, "high": high, "data": base64.b64encode(scaled.tobytes()).decode()})
    return {"name": name, "units": len(order), "order": order.tolist(), "maps": maps}


def page(panels, text):
    """The page's source. All text in it is escaped, and its policy lets no script run but its own."""
    script, style = (resources.files(__package__).joinpath(f"report.{kind}").read_text("utf-8") for kind in ("js", "css"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    names = " and ".join(panel["name"] for panel in panels)
    # Not the greatest move: one word that settles the verdict must not leave all others white.
    step = float(np.quantile(np.abs(np.concatenate([moves(panel["verdicts"]) for panel in panels])), 0.98))
    data = [{"words": p["words"], "verdicts": p["verdicts"], "layers": p["layers"]} for p in panels]
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_escape(names)} reading a text</title>
<style>{style}</style>
</head>
<body>
<h1>What {_escape(names)} {'does' if len(panels) == 1 else 'do'} with a text</h1>
<details><summary>The text, {len(text):,} characters</summary><pre>{_escape(text)}</pre></details>
{_legend(step)}
<main>
{''.join(_panel_html(number, panel, step) for number, panel in enumerate(panels))}
</main>
<div id="tip" role="status" hidden></div>
<script type="application/json" id="data">{_json(data)}</script>
<script>{script}</script>
</body>
</html>
"""


def moves(verdicts):
    """How far each word moved the log-odds of positive; these still tell words apart where a verdict is near 0 or 1."""
    p = np.clip(np.asarray(verdicts, np.float64), 1e-6, 1 - 1e-6)
    return np.diff(np.log(p / (1 - p)))


def _legend(step):
    swatches = "".join(
        f'<span class="w" style="background:{_color(share)}">{share * step:+.2f}</span>' for share in (-1, -0.5, 0, 0.5, 1)
    )
    return (
        f'<p class="legend">A word\'s colour says how far it moved the log-odds of a positive verdict: {swatches} '
        "(down: orange, up: blue; the ends stand for more, too). <u>Underlined</u> words are unknown to the model. "
        "Point at a word or a map for its numbers.</p>"
    )


def _panel_html(number, panel, step):
    verdicts, words = panel["verdicts"], panel["words"]
    spans, steps = [], moves(verdicts)
    for t, (word, known) in enumerate(zip(words, panel["known"])):
        moved = verdicts[t + 1] - verdicts[t]
        title = f"P(positive) {verdicts[t + 1]:.3f} after this word, moved by {moved:+.3f}{'' if known else '; unknown word'}"
        kind = "w" if known else "w unknown"
        color = _color(steps[t] / step if step else 0)
        spans.append(f'<span class="{kind}" data-t="{t}" style="background:{color}" title="{title}">{_escape(word)}</span>')
    label = "positive" if verdicts[-1] > 0.5 else "negative"
    cut = f'<p class="cut">{_escape(panel["cut"])}.</p>' if panel["cut"] else ""
    maps = "".join(
        _map_html(number, depth, index, layer, kind)
        for depth, layer in enumerate(panel["layers"])
        for index, kind in enumerate(layer["maps"])
    )
    return f"""<section data-panel="{number}">
<h2>{_escape(panel["name"])}: <b>{label}</b>, P(positive) = {verdicts[-1]:.3f}</h2>
<p class="about">{panel["parameters"]:,} parameters, {len(words)} words read</p>{cut}
<p class="words">{' '.join(spans)}</p>
<h3>Running verdict: P(positive) after each word</h3>
{_chart(verdicts)}
{maps}
</section>
"""


def _map_html(number, depth, index, layer, kind):
    scale = f"{kind['low']:.2f} <i class=\"{'signed' if kind['signed'] else 'share'}\"></i> {kind['high']:.2f}"
    return f"""<h3>{_escape(layer["name"])}: {kind["title"]} <small>{kind["meaning"]}</small></h3>
<div class="map"><canvas data-layer="{depth}" data-map="{index}"></canvas></div>
<p class="scale"><span>{layer["units"]} units, sorted by h at the last word; words from left to right</span><span>{scale}</span></p>
"""


def _chart(verdicts):
    last = len(verdicts) - 1
    points = " ".join(f"{1000 * t / last:.1f},{100 - 100 * p:.1f}" for t, p in enumerate(verdicts))
    return f"""<div class="chart"><span class="axis">1<br><br>0.5<br><br>0</span>
<svg viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label="running verdict">
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
