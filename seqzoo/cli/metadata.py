"""What `seqzoo export` writes into a file's metadata, as the command line gives it."""


def read_labels(path):
    """The names in a file, one a line, in the order of the outputs.

    Raises:
        OSError, ValueError: for a file that is not there or no text.
    """
    with open(path, encoding="utf-8-sig") as file:
        return file.read().splitlines()


def read_normalization(text):
    """(mean, std), two lists, from `MEAN:STD`, each a number or as many as there are features, with commas between.

    Raises:
        ValueError: for another text.
    """
    try:
        mean, std = ([float(number) for number in part.split(",")] for part in text.split(":"))
    except ValueError:
        raise ValueError(
            "`--normalization` must be MEAN:STD, numbers with commas between, such as 127.5:127.5 or 1,2:0.5,4. "
            f"Received: {text!r}"
        ) from None
    return mean, std
