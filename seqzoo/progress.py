"""How far a long job is: tqdm's bar on a terminal, a whole line now and then in a log."""

import collections
import shutil
import statistics
import sys
import time

_FORMAT = "{desc}  |{bar:20}| {percentage:.0f} %"


class ProgressLine:
    """Shows text, share and time left. It is a context manager: leaving it ends the bar's line.

    Time left is told from the second update on, for the first comes after a start that is no measure, such as compiling,
    and from the median pace of the last 50: tqdm's moving mean jumps after every evaluation between two epochs. In a log
    tqdm would write every update behind the one before, with \\r between, so a log gets lines of our own.

    Args:
        stream: text file; `sys.stdout` when None. It is asked whether it is a terminal.
        interval: seconds between two lines in a log.
        unit: what one of `done` is, such as "step": its time is shown; "" shows none.
    """

    def __init__(self, stream=None, interval=15.0, unit=""):
        self.stream = stream or sys.stdout
        self.screen, self.interval, self.unit = self.stream.isatty(), interval, unit
        self.last, self.before, self.bar = time.monotonic(), None, None
        self.durations = collections.deque(maxlen=50)

    def update(self, done, total, text):
        """Note that `done` of `total` is finished, what an earlier run finished included."""
        now = time.monotonic()
        if self.before and done > self.before[0]:
            self.durations.append((now - self.before[1]) / (done - self.before[0]))
        self.before = done, now
        pace = statistics.median(self.durations) if self.durations else None
        if pace is not None:
            seconds = int((total - done) * pace)
            text += f"  {1000 * pace:.0f} ms/{self.unit}" if self.unit else ""
            text += f"  {seconds // 60}:{seconds % 60:02d} left"
        if self.screen:
            self._draw(done, total, text)
        elif now - self.last >= self.interval:
            self.last = now
            self.write(text)

    def write(self, line):
        """Print a line that stays."""
        if self.bar is not None:
            self.bar.clear()
        self.stream.write(line + "\n")
        self.stream.flush()

    def close(self):
        if self.bar is not None:
            self.bar.close()
            self.bar = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _draw(self, done, total, text):
        if self.bar is None:
            from tqdm import tqdm  # nobody pays for it who reads a log

            class Bar(tqdm):
                monitor_interval = 0  # no thread

            # Measured here: where a terminal states no size, as in some containers, tqdm takes 0 and draws nothing.
            width, height = shutil.get_terminal_size()
            options = {"ncols": width, "nrows": height, "bar_format": _FORMAT, "leave": False}
            options |= {"mininterval": 0.2, "miniters": 0}
            self.bar = Bar(total=total, initial=done, desc=text, file=self.stream, **options)
            return
        self.bar.set_description_str(text, refresh=False)
        self.bar.update(done - self.bar.n)
