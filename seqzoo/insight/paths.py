"""Where a report may go; known before TensorFlow is imported."""

import os
from pathlib import Path

SUFFIXES = (".html", ".htm")


def check_report_path(path):
    """`path`, when a report can be written there.

    Raises:
        ValueError: for a name that does not end in .html: a report must not replace something else.
        OSError: when it is a folder, or its folder is missing or can't be written.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(f"A report's name ends in {' or '.join(SUFFIXES)}. Received: {path}")
    if path.is_dir():
        raise IsADirectoryError(f"The report must be a file. Received: {path}, which is a folder")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"The report's folder must exist. Received: {path}")
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(f"The report's folder must be one that you can write to. Received: {path}")
    return path
