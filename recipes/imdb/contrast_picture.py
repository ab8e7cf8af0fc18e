"""The picture of `recipes.imdb.contrast`."""

from seqzoo.insight.figures import BLACK, BLUE, GREEN, ORANGE, PURPLE, new_figure

from .contrast_controls import LAST_WORD

COLORS = {"imdb-rnn": ORANGE, "imdb-lstm": BLUE, "bag of bigrams": GREEN}


def picture(results, controls):
    """Against distance: turn pairs and asked pairs in order, the pull of either half, and what is left of the first."""
    figure = new_figure(11, 8)
    (turns, asked), (pull, memory) = figure.subplots(2, 2)
    spare = iter([PURPLE, BLACK] * len(results))
    colors = {name: COLORS.get(name) or next(spare) for name in results if not name.endswith(LAST_WORD)}
    markers = dict(zip(colors, "os^Dvp*" * len(results), strict=False))
    for name, rows in results.items():
        model = name.removesuffix(LAST_WORD)
        style = {"color": colors[model], "marker": markers[model], "label": name}
        style |= {"ls": ":", "mfc": "white"} if name != model else {"ls": "-"}
        for axis, kind in ((turns, "turn"), (asked, "asked")):
            here = [row for row in rows if row["kind"] == kind]
            distances = [row["distance"] for row in here]
            axis.plot(distances, [row["ordered"] for row in here], **style)
        found = controls[name]["by_distance"].values()
        first, last = ([row[key] for row in found] for key in ("pull_first", "pull_last"))
        fillers = [str(row["filler"]) for row in found]
        if name == model:
            pull.plot(fillers, first, **style | {"label": f"{name}: half at the start"})
            pull.plot(fillers, last, **style | {"ls": "--", "mfc": "white", "label": f"{name}: half at the end"})
        else:
            memory.plot(fillers, [a / b for a, b in zip(first, last, strict=True)], **style)
    turns.set_title("Turn pairs in the right order: the verdict is the half read last")
    asked.set_title("Asked pairs in the right order: which half holds is said at the end")
    pull.set_title("Pull of one half, the other left out: praise for blame")
    memory.set_title("What the state still holds of a half read before the filler")
    for axis, x, y in (
        (turns, "words between praise and blame", "share"),
        (asked, "words between both halves and the question", "share"),
        (pull, "words of filler beside the half", "log-odds of positive"),
        (memory, "words of filler since the half", "pull, over that of a half just read"),
    ):
        axis.set_xlabel(x)
        axis.set_ylabel(y)
        axis.grid(alpha=0.3)
    for axis in (turns, asked):
        axis.set_xscale("log")
        axis.set_xticks(distances, distances)
        axis.minorticks_off()
        axis.set_ylim(-0.03, 1.03)
        axis.axhline(0.5, color=BLACK, lw=1, ls="--", label="bag of words (same answer to both)")
    pull.set_ylim(bottom=0)
    pull.legend(fontsize=8)
    if memory.lines:
        memory.legend(fontsize=8)
    handles, labels = turns.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=9)
    return figure
