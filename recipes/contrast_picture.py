"""The picture of `recipes.contrast`."""

from recipes.contrast_controls import LAST_WORD
from seqzoo.insight.figures import BLACK, BLUE, GREEN, ORANGE, PURPLE, new_figure

COLORS = {"imdb-rnn": ORANGE, "imdb-lstm": BLUE, "bag of bigrams": GREEN}


def picture(results, controls):
    """Texts judged right, pairs in the right order, and how strongly either half pulls, each against distance."""
    figure = new_figure(14, 4.6)
    right, order, pull = figure.subplots(1, 3)
    spare = iter([PURPLE, BLACK] * len(results))
    colors = {name: COLORS.get(name) or next(spare) for name in results if not name.endswith(LAST_WORD)}
    markers = dict(zip(colors, "os^Dvp*" * len(results)))
    for name, rows in results.items():
        model = name.removesuffix(LAST_WORD)
        style = {"color": colors[model], "marker": markers[model], "label": name}
        style |= {"ls": ":", "mfc": "white"} if name != model else {"ls": "-"}
        turns = [row for row in rows if row["kind"] == "turn"]
        distances = [row["distance"] for row in turns]
        right.plot(distances, [row["accuracy"] for row in turns], **style)
        order.plot(distances, [row["ordered"] for row in turns], **style)
        if name == model:
            found = controls[name]["by_distance"].values()
            pull.plot(distances, [row["pull_first"] for row in found], **style | {"label": f"{name}: half at the start"})
            end = {"ls": "--", "mfc": "white", "label": f"{name}: half at the end"}
            pull.plot(distances, [row["pull_last"] for row in found], **style | end)
    right.set_title("Texts judged right")
    order.set_title("Pairs put in the right order")
    pull.set_title("What one half alone, praise for blame, moves")
    for axis, label in ((right, "share"), (order, "share"), (pull, "log-odds of positive")):
        axis.set_xscale("log")
        axis.set_xticks(distances, distances)
        axis.minorticks_off()
        axis.set_xlabel("words between praise and blame")
        axis.set_ylabel(label)
        axis.grid(alpha=0.3)
    for axis in (right, order):
        axis.set_ylim(-0.03, 1.03)
        axis.axhline(0.5, color=BLACK, lw=1, ls="--", label="bag of words (same answer to both)")
    pull.set_ylim(bottom=0)
    pull.set_xlabel("words of filler and turn")
    pull.legend(fontsize=8)
    handles, labels = order.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), fontsize=8)
    return figure
