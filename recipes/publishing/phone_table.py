"""The phone files of the zoo, with their figures beside their models'."""

from seqzoo.tasks.stock_forecasting.readme import HEADLINES, NAMES

HEADS = ("model", "target", "quantization", "bytes", "ms", "figure", "this file", "its model", "on")


def phone_rows(cards):
    """A tuple of strings, with a column for each of `HEADS`, for every phone file of `(name, card)` pairs.

    `its model` is empty where the file was measured on fewer examples than the card's figure.
    """
    for name, card in cards:
        test = card["metrics"].get("test", {})
        for file in card.get("phone", {}).values():
            if card["task"] in HEADLINES:
                key = HEADLINES[card["task"]][0]
                figure, value, whole = NAMES[key], f"{file['figures'][key]:.5f}", f"{test[key]:.5f}"
            else:
                figure, value, whole = "accuracy", f"{100 * file['accuracy']:.2f} %", f"{100 * test['accuracy']:.2f} %"
            everything = file["examples"] == test["examples"]
            yield (
                *(f"`{name}`", file["target"], file["quantization"] or "float32", f"{file['bytes']:,}"),
                *(f"{file['milliseconds']:.1f}", figure, value, whole if everything else ""),
                f"{file['examples']:,}" if everything else f"the first {file['examples']:,}",
            )
