"""The picture of `recipes.imdb.contrast`."""

from seqzoo.insight.figures import BLACK, BLUE, GREEN, ORANGE, PURPLE, new_figure

from .contrast_controls import LAST_WORD

COLORS = {"imdb-rnn": ORANGE, "imdb-lstm": BLUE, "bag of bigrams": GREEN}


def picture(results, controls):
    """Against distance: texts judged right, pairs in order, the pull of either half, and what is left of the first."""
    figure = new_figure(11, 8)
    (right, order), (pull, memory) = figure.subplots(2, 2)
    spare = iter([PURPLE, BLACK] * len(results))
    colors = {name: COLORS.get(name) or next(spare) for name in results if not name.endswith(LAST_WORD)}
    markers = dict(zip(colors, "os^Dvp*" * len(results), strict=False))
    for name, rows in results.items():
        model = name.removesuffix(LAST_WORD)
        style = {"color": colors[model], "marker": markers[model], "label": name}
        style |= {"ls": ":", "mfc": "white"} if name != model else {"ls": "-"}
        distances = [row["distance"] for row in rows if row["kind"] == "turn"]
        for axis, figure_name in ((right, "accuracy"), (order, "ordered")):
            axis.plot(distances, [row[figure_name] for row in rows if row["kind"] == "turn"], **style)
        found = controls[name]["by_distance"].values()
        first, last = ([row[key] for row in found] for key in ("pull_first", "pull_last"))
        fillers = [str(row["filler"]) for row in found]
        if name == model:
            pull.plot(fillers, first, **style | {"label": f"{name}: half at the start"})
            pull.plot(fillers, last, **style | {"ls": "--", "mfc": "white", "label": f"{name}: half at the end"})
        else:
            memory.plot(fillers, [a / b for a, b in zip(first, last, strict=True)], **style)
    right.set_title("Texts judged right")
    order.set_title("Pairs put in the right order")
    pull.set_title("Pull of one half, the other left out: praise for blame")
    memory.set_title("What the state still holds of a half read before the filler")
    for axis, x, y in (
        (right, "words between praise and blame", "share"),
        (order, "words between praise and blame", "share"),
        (pull, "words of filler beside the half", "log-odds of positive"),
        (memory, "words of filler since the half", "pull, over that of a half just read"),
    ):
        axis.set_xlabel(x)
        axis.set_ylabel(y)
        axis.grid(alpha=0.3)
    for axis in (right, order):
        axis.set_xscale("log")
        axis.set_xticks(distances, distances)
        axis.minorticks_off()
        axis.set_ylim(-0.03, 1.03)
        axis.axhline(0.5, color=BLACK, lw=1, ls="--", label="bag of words (same answer to both)")
    pull.set_ylim(bottom=0)
    pull.legend(fontsize=8)
    if memory.lines:
        memory.legend(fontsize=8)
    handles, labels = order.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=9)
    return figure
