"""Where in a folder the data of a kind lie: in it, or in a sub-folder, beside the other kinds'. Imports nothing."""

from pathlib import Path

SOURCES = ("imdb", "sample")  # of reviews
BUILT_IN = ("sample", "stocks-sample")  # data sets that need no folder
# Kind -> the sub-folder that may hold it, what shows that it is there, and how to say so.
KINDS = {
    "reviews": (
        "tfds",
        "imdb_reviews/plain_text/[0-9]*/dataset_info.json",
        "imdb_reviews, as tensorflow-datasets prepares it",
    ),
    "prices": ("stocks", "*.csv", "CSV files of daily prices, one for each ticker"),
    "speech": (
        "speech",
        "fsdd/*_*_*.wav",
        "fsdd with the Free Spoken Digit Dataset, and commands_8k with words of Speech Commands",
    ),
}


def find_data(kind, data_dir):
    """The folder with the data of a kind (one of `KINDS`): `data_dir` or its sub-folder, such as `tfds`.

    A `data_dir` that is a CSV file holds prices. None where there are none, or `data_dir` is None.
    """
    if data_dir is None:
        return None
    below, shown_by, _ = KINDS[kind]
    folder = Path(data_dir).expanduser()
    if kind == "prices" and folder.is_file():
        return folder
    return next((place for place in (folder, folder / below) if any(place.glob(shown_by))), None)


def forms():
    """What a data folder may hold, for people."""
    return "; ".join(f"{text}, in it or in {below}/" for below, _, text in KINDS.values())
