"""Progress of scoring a file."""

import time

from seqzoo.progress import ProgressLine


class ProgressBar(ProgressLine):
    """Rows, rate, share and time left: a bar on a terminal, a line every 15 s in a log. Called as `score_csv` does."""

    def __init__(self, stream):
        super().__init__(stream)
        self.first = None

    def __call__(self, rows, share):
        now = time.monotonic()
        self.first = self.first or (rows, now)  # where this run began, which an earlier one may have left far on
        done, seconds = rows - self.first[0], now - self.first[1]
        rate = f"  {done / seconds:,.0f} rows/s" if done and seconds else ""
        self.update(share, 1.0, f"{rows:,} rows{rate}")
