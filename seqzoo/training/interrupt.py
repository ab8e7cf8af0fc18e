"""Ctrl-C between two training steps, not in the middle of one."""

import signal
import threading


class Interrupt:
    """Within the block a first Ctrl-C is noted, so that a step can end and its checkpoint be written; a second is at once.

    Where nothing would be lost (`safe` is True: the state is on disk or untouched), the first is at once too. In another
    thread than the main one, where Python takes no signals, and where Ctrl-C is ignored, it does nothing.

    Attributes:
        safe: bool, set by who trains.
        asked: whether Ctrl-C was noted.
    """

    def __init__(self):
        self.safe, self.asked, self._before = True, False, None

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            before = signal.getsignal(signal.SIGINT)
            if before not in (signal.SIG_IGN, None):
                self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_):
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, number, frame):
        if self.safe or self.asked:
            raise KeyboardInterrupt
        self.asked = True
