"""A bar for the terminal."""

import time


class ProgressBar:
    """Rows, share, rate and time left on one line that is rewritten; nothing where `stream` is no screen."""

    def __init__(self, stream):
        self.stream, self.screen, self.first = stream, stream.isatty(), None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.screen and self.first is not None:
            self.stream.write("\n")

    def __call__(self, rows, share):
        if self.first is None:  # where this run began, which an earlier one may have left far on
            self.first = (rows, share, time.perf_counter())
        if not self.screen:
            return
        seconds = time.perf_counter() - self.first[2]
        done, left = rows - self.first[0], ""
        if seconds and done:
            remaining = int((1 - share) * seconds / max(share - self.first[1], 1e-9))
            left = f"  {done / seconds:,.0f} rows/s  {remaining // 60}:{remaining % 60:02d} left"
        bar = "#" * int(30 * share)
        self.stream.write(f"\r[{bar:30}] {100 * share:3.0f} %  {rows:,} rows{left:<30}")
        self.stream.flush()
