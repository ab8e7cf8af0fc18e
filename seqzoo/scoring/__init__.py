"""Scoring a CSV file of any length: in constant memory, resumable, no row lost, fast. Imports TensorFlow on first need."""

from seqzoo.scoring.files import score_csv
from seqzoo.scoring.progress import ProgressBar

__all__ = ["ProgressBar", "score_csv"]
