"""Ctrl-C answered at once, also while TensorFlow computes and Python cannot look."""

import contextlib
import os
import signal
import socket
import sys
import threading

SECONDS = 1.0  # after which a process that has not ended by itself is ended
_mine = []  # the wakeup file of each block that is open


class Interruptible:
    """A part of a command that Ctrl-C ends within two seconds, with a message, status 130.

    Python hears of Ctrl-C only between its own steps, and a call into TensorFlow takes seconds at times; at the end,
    Python also waits for threads that compute. So a thread is told by the signal itself, and ends the process when the
    time is up. It is for work that may be killed at any moment; `seqzoo.training.interrupt.Command` for work that may not.

    Args:
        message: function that gives what to say, called after Ctrl-C.
    """

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
            threading.Event().wait(SECONDS)
            self._end()
        os.close(self.stderr)
        self.ears.close()

    def _end(self):
        """In the thread, `SECONDS` after Ctrl-C."""
        self._say(self.stderr)
        os._exit(130)

    def _say(self, stderr):
        if self.said.acquire(blocking=False):
            os.write(stderr, f"\n{self.message()}\n".encode(errors="backslashreplace"))


def _forget():
    """In a forked process: its signals are not the parent's."""
    if _mine:
        with contextlib.suppress(ValueError):  # not from the main thread
            signal.set_wakeup_fd(-1)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
