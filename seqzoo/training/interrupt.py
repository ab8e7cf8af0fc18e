"""Ctrl-C between two training steps, not in the middle of one."""

import contextlib
import signal
import threading

from seqzoo.interruptible import Interruptible

INTERVAL = 0.1  # seconds between two looks whether a process may be ended


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

    now = None  # the one whose block is open

    def __init__(self):
        self.safe, self.keep, self.asked, self.heard, self._before = True, None, False, False, None
        self._ending = threading.RLock()  # a handler may interrupt the thread that holds it

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            before = signal.getsignal(signal.SIGINT)
            if before not in (signal.SIG_IGN, None):
                self._before = signal.signal(signal.SIGINT, self._note)
                self._outer, Interrupt.now = Interrupt.now, self
        return self

    def __exit__(self, *_):
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            Interrupt.now = self._outer

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


class Command(Interruptible):
    """A command that trains, within which Ctrl-C is answered in two seconds even while the first step compiles.

    Where Python hears of Ctrl-C it goes its own way, with `Interrupt`. Where it does not, since XLA or another call holds the
    main thread, the process is ended with a message, status 130, as soon as nothing would be lost; see `Interrupt.safe`.
    Workers of one training, who have to stop together, call `leave_to_python`. Within another command's block this one
    gives its message to that.

    Args:
        message: function that gives what to say.
    """

    now = None  # the one whose block is open

    def __enter__(self):
        self.armed = Command.now is None
        if not self.armed:  # a recipe that the command line runs says what it has to say
            Command.now.message, self.message = self.message, Command.now.message
        else:
            self.heard, Command.now = False, self
            super().__enter__()
            before = signal.getsignal(signal.SIGINT)
            self._before = before if self.ears is not None and callable(before) else None
            if self._before:
                signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(self, *_):
        if not self.armed:
            Command.now.message = self.message
        else:
            self.heard = True
            if self._before:
                signal.signal(signal.SIGINT, self._before)
            Command.now = None
            super().__exit__(None)

    def _hear(self, number, frame):
        self.heard = True
        self._before(number, frame)

    def _end(self):
        while not self.heard:
            fit = Interrupt.now
            with fit.ending() if fit else contextlib.nullcontext(True) as may:
                if may:
                    super()._end()
            threading.Event().wait(INTERVAL)


def leave_to_python():
    """From here on the command at hand, if there is one, is ended by what it does itself: it has heard, or its workers decide."""
    if Command.now:
        Command.now.heard = True
