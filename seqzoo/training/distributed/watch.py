"""Whether the other workers are there, and what is said when one is not."""

import _thread
import contextlib
import os
import re
import signal
import socket
import sys
import threading
import time

from seqzoo.interruptible import leave_to_python

INTERVAL = 2.0  # seconds between two looks at a worker
UNREACHABLE = 20.0  # seconds without an answer after which a machine counts as gone
WATCHED = 16  # workers that each one looks at; TensorFlow's coordination service looks at all
# TensorFlow's own heartbeats; they find what still accepts connections and does no work.
HEARTBEAT_TIMEOUT = 20
LAST_RESORT = 25.0  # seconds from the loss to the end of a process that nothing else could stop
EXIT_STATUS = 2
# What TensorFlow says when the other end of a collective operation is no longer there.
CODES = ("UnavailableError", "AbortedError", "CancelledError", "DeadlineExceededError", "FailedPreconditionError")
CODES += ("InternalError", "UnknownError")


class WorkerLost(ConnectionError):
    """Another worker is gone, and with it what this one would have to wait for."""


class Watch:
    """Looks every two seconds whether the other workers' ports are open; on a loss it stops what waits for them.

    What waits in a collective operation gets TensorFlow's error at once, what computes a KeyboardInterrupt, and a process that
    neither could stop is ended: nothing waits for ever, and no worker trains on alone. `translated` makes a `WorkerLost` of all.

    Args:
        cluster: `seqzoo.training.distributed.cluster.Cluster`.
        abort: function of a message; ends the collective operations under way.
    """

    def __init__(self, cluster, abort):
        self.cluster, self._abort = cluster, abort
        self.lost, self.folder = [], None  # members, in the order in which they were missed; the run's folder, for the message
        self._ended, self._heard = threading.Event(), False
        others = cluster.others()
        self._members = [others[(cluster.index + n) % len(others)] for n in range(min(WATCHED, len(others)))]
        self._thread = threading.Thread(target=self._run, name="seqzoo-watch", daemon=True)

    def start(self):
        leave_to_python()
        self._thread.start()

    def stop(self):
        self._ended.set()

    def _run(self):
        answered = {member: time.monotonic() for member in self._members}
        refused = dict.fromkeys(self._members, 0)
        while not self._ended.wait(INTERVAL):
            for member in self._members:
                found = reach(member.address)
                now = time.monotonic()
                refused[member] = refused[member] + 1 if found == "refused" else 0
                answered[member] = now if found == "there" else answered[member]
            lost = [m for m in self._members if refused[m] > 1 or now - answered[m] > UNREACHABLE]
            if lost and not self._ended.is_set():
                self.lost = lost
                return self._stop_main()

    def _stop_main(self):
        # gRPC holds on to a connection until it is used; the executor's abort reaches what waits already.
        with contextlib.suppress(Exception):
            self._abort(f"Lost {', '.join(map(str, self.lost))}")
        for _ in range(2):  # a first Ctrl-C may only be noted, see seqzoo.training.interrupt
            if self._ended.wait(LAST_RESORT / 3) or self._heard:
                return
            _interrupt_main()
        if not self._ended.wait(LAST_RESORT / 3) and not self._heard:
            print(f"error: {message_of(self.lost, self.folder)}", file=sys.stderr, flush=True)
            os._exit(EXIT_STATUS)

    @contextlib.contextmanager
    def translated(self):
        """Within it, what a worker's loss brings about becomes `WorkerLost`."""
        try:
            yield
        except WorkerLost:
            raise
        except (Exception, KeyboardInterrupt) as error:
            if isinstance(error, KeyboardInterrupt) and not self.lost:
                raise
            self._heard = bool(self.lost)
            lost = self._lost_by(error)
            self._heard = True
            if not lost:
                raise
            # The others shall miss the one that went first, not this one after it.
            time.sleep(2 * INTERVAL)
            raise WorkerLost(message_of(lost, self.folder, str(error))) from None

    def _lost_by(self, error):
        """The members whose loss an exception tells of, [] when it is about something else."""
        if self.lost:
            return self.lost
        if type(error).__name__ not in CODES or not type(error).__module__.startswith("tensorflow"):
            return []
        named = self.cluster.named_in(str(error))
        gone = [member for member in self.cluster.others() if reach(member.address) != "there"]
        if not gone and named:  # a port may stay open for a moment, and a process that hangs keeps it
            return named
        return gone


def meet(cluster, seconds, interval=15.0):
    """Wait until every other worker was seen to listen at its address, as this one does meanwhile at its own.

    TensorFlow's own wait holds Python's lock, has no end for the chief, and names nobody. Here the missing are named, every
    `interval` seconds. The port is free again afterwards, for TensorFlow.

    Raises:
        TimeoutError: after so many seconds, naming those that have not come.
        OSError: this one's port is in use.
    """
    host, _, port = cluster.me.address.rpartition(":")
    begun = said = time.monotonic()
    absent = dict.fromkeys(cluster.others())
    family = socket.AF_INET6 if socket.has_dualstack_ipv6() else socket.AF_INET
    with socket.create_server(("", int(port)), family=family, backlog=1024, dualstack_ipv6=family == socket.AF_INET6):
        while absent:
            for member in [*absent]:
                if reach(member.address) == "there":
                    del absent[member]
            now, names = time.monotonic(), ", ".join(map(str, absent))
            if absent and now - begun > seconds:
                raise TimeoutError(
                    f"Every worker must be started within {seconds:g} s, with the same TF_CONFIG but for its index, at addresses "
                    f"that each can reach. Received: no {names}"
                )
            if absent and now - said > interval:
                said = now
                print(f"Waiting for {names} ...", file=sys.stderr, flush=True)
            time.sleep(INTERVAL / 4 if absent else INTERVAL)  # the others shall see this one, too


def _interrupt_main():
    if hasattr(signal, "pthread_kill"):  # a signal wakes what sleeps
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
    else:
        _thread.interrupt_main()


def message_of(lost, folder=None, said=""):
    """What is wrong, and what to do."""
    names = ", ".join(map(str, lost))
    # "Collective ops is aborted by: ..." and the like, without TensorFlow's list of files.
    reason = re.search(r"aborted by: (?!Lost )([^\n]{10,200})", said)
    return (
        f"Lost {names}: its process has ended or its machine does not answer"
        f"{f' (TensorFlow: {reason.group(1).strip()})' if reason else ''}. This one has stopped; see the log of {names}, then "
        f"start the same command on every worker again: it goes on from the last checkpoint{f' in {folder}' if folder else ''}"
    )


def reach(address, timeout=2.0):
    """ "there", "refused" (the machine answers, no process listens) or "silent"."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=timeout):
            return "there"
    except ConnectionRefusedError:
        return "refused"
    except OSError:
        return "silent"
