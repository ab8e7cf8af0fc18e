"""Ctrl-C answered at once, also while TensorFlow computes and Python cannot look."""

import os
import signal
import socket
import sys
import threading

SECONDS = 1.0  # after which a process that has not ended by itself is ended


class Interruptible:
    """A part of a command that Ctrl-C ends within two seconds, with a message, status 130.

    Python hears of Ctrl-C only between its own steps, and a call into TensorFlow takes seconds at times; at the end,
    Python also waits for threads that compute. So a thread is told by the signal itself, and ends the process when the
    time is up. It is for work that may be killed at any moment.

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
            threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, kind, *_):
        interrupted = kind is not None and issubclass(kind, KeyboardInterrupt)
        if interrupted:
            self._say(sys.stderr.fileno() if self.ears is None else self.stderr)
        if self.ears is not None:
            signal.set_wakeup_fd(self.before)
            self.mouth.close()  # the thread hears that, unless it has heard Ctrl-C before

    def _listen(self):
        heard = b""
        while signal.SIGINT not in heard:
            heard = self.ears.recv(64)
            if not heard:
                os.close(self.stderr)
                self.ears.close()
                return
        threading.Event().wait(SECONDS)
        self._say(self.stderr)
        os._exit(130)

    def _say(self, stderr):
        if self.said.acquire(blocking=False):
            os.write(stderr, f"\n{self.message()}\n".encode(errors="backslashreplace"))
