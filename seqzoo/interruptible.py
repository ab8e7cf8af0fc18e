"""Ctrl-C answered at once, also while TensorFlow computes and Python cannot look."""

import contextlib
import os
import signal
import socket
import sys
import threading

SECONDS = 1.0  # after which a process that has not ended by itself is ended
DEAF = 0.5  # seconds after which a main thread that has not heard is held by something that takes long
INTERVAL = 0.1  # seconds between two looks whether it may be
_mine = []  # the wakeup file of each block that is open


class Interruptible:
    """A part of a command that Ctrl-C ends within two seconds, with a message, status 130.

    Python hears of Ctrl-C only between its own steps, and a call into TensorFlow takes seconds at times; at the end,
    Python also waits for threads that compute. So a thread is told by the signal itself, and ends the process when the
    time is up. It is for work that may be killed at any moment; `Command` for work that may not.

    Args:
        message: function that gives what to say, called after Ctrl-C.
    """

    seconds = SECONDS

    def __init__(self, message):
        self.message, self.said = message, threading.Lock()

    def __enter__(self):
        self.ears = None
        if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            self.ears, self.mouth = socket.socketpair()
            self.mouth.setblocking(False)
            self.stderr = os.dup(2)  # which is put aside while TensorFlow starts
            self.before = signal.set_wakeup_fd(self.mouth.fileno(), warn_on_full_buffer=False)
            _mine.append(self.mouth.fileno())
            threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, kind, *_):
        interrupted = kind is not None and issubclass(kind, KeyboardInterrupt)
        if interrupted:
            self._say(sys.stderr.fileno() if self.ears is None else self.stderr)
        if self.ears is not None:
            signal.set_wakeup_fd(self.before)
            _mine.remove(self.mouth.fileno())
            self.mouth.close()  # the thread hears that, unless it has heard Ctrl-C before

    def _listen(self):
        heard = self.ears.recv(64)
        while heard and signal.SIGINT not in heard:
            heard = self.ears.recv(64)
        if heard:
            threading.Event().wait(self.seconds)
            self._end()
        os.close(self.stderr)
        self.ears.close()

    def _end(self):
        """In the thread, `seconds` after Ctrl-C."""
        self._say(self.stderr)
        os._exit(130)

    def _say(self, stderr):
        if self.said.acquire(blocking=False):
            os.write(stderr, f"\n{self.message()}\n".encode(errors="backslashreplace"))


class Command(Interruptible):
    """A command that trains, within which Ctrl-C is answered in two seconds even while the first step compiles.

    Where Python hears of Ctrl-C it goes its own way. Where it does not, since XLA or another call holds the
    main thread, or where it imports a module, the process is ended with a message, status 130, as soon as nothing would be
    lost.
    Workers of one training, who have to stop together, call `leave_to_python`. Within another command's block this one
    gives its message to that.

    Args:
        message: function that gives what to say.
    """

    seconds = DEAF
    now = None  # the one whose block is open
    keeper = None  # who holds what must not be lost, see `seqzoo.training.interrupt.Interrupt.ending`

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
        if self.heard or not _imports(frame):  # else it is the thread's: a C module cut while it starts takes the process along
            self.heard = True
            self._before(number, frame)

    def _end(self):
        while not self.heard:
            keeper = Command.keeper
            with keeper.ending() if keeper else contextlib.nullcontext(True) as may:
                if may:
                    super()._end()
            threading.Event().wait(INTERVAL)


def _imports(frame):
    """Whether the frame is part of an import."""
    while frame and not frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame is not None


def leave_to_python():
    """From here on the command at hand, if there is one, is ended by what it does itself: it has heard, or its workers decide."""
    if Command.now:
        Command.now.heard = True


def _forget():
    """In a forked process: its signals are not the parent's."""
    if _mine:
        with contextlib.suppress(ValueError):  # not from the main thread
            signal.set_wakeup_fd(-1)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
