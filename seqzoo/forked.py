"""TensorFlow does not survive a fork: its threads stay in the parent, and the child waits for them for ever."""

import os

_process = None  # the id of the process in which a model was first used


def refuse_after_fork():
    """Note that TensorFlow is used in this process.

    Raises:
        RuntimeError: in a process forked from one that had used it, instead of the silence that would follow.
    """
    global _process
    if _process is None:
        _process = os.getpid()
    elif _process != os.getpid():
        raise RuntimeError(
            "A model cannot be used in a process forked from one that has used TensorFlow: it would wait for ever. Start "
            'processes with multiprocessing.get_context("spawn"), or load the first model after the fork. '
            f"Received: process {os.getpid()}, forked from process {_process} or a child of it"
        )
