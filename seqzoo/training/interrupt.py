"""Ctrl-C between two training steps, not in the middle of one."""

import contextlib
import signal
import threading

from seqzoo.interruptible import Command, leave_to_python


class Interrupt:
    """Within the block a first Ctrl-C is noted, so that a step can end and its checkpoint be written; a second is at once.

    Where nothing would be lost (`safe` is True: the state is on disk, untouched, or `keep` writes it), the first is at once too.
    In another thread than the main one, where Python takes no signals, and where Ctrl-C is ignored, it does nothing.

    Attributes:
        safe: bool, set by who trains.
        keep: function that writes the state, set while it is whole but on no disk, else None.
        asked: whether Ctrl-C was noted.
        heard: whether Python knows of Ctrl-C.
    """

    def __init__(self):
        self.safe, self.keep, self.asked, self.heard, self._before = True, None, False, False, None
        self._ending = threading.RLock()  # a handler may interrupt the thread that holds it

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            before = signal.getsignal(signal.SIGINT)
            if before not in (signal.SIG_IGN, None):
                self._before = signal.signal(signal.SIGINT, self._note)
                self._outer, Command.keeper = Command.keeper, self
        return self

    def __exit__(self, *_):
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            Command.keeper = self._outer

    def _note(self, number, frame):
        with self._ending:  # another thread may be writing the state before the process ends
            self.heard = True
        leave_to_python()
        if self.safe or self.asked:
            raise KeyboardInterrupt
        self.asked = True

    @contextlib.contextmanager
    def ending(self):
        """In another thread: gives whether the process may be ended within the block, since Python does not hear and the state
        is kept.
        """
        with self._ending:
            may = self.safe and not self.heard
            if may and self.keep:
                self.keep()
            yield may
