"""Graphs that know nothing of the place where they were first needed."""

import threading

import tensorflow as tf


def traced(function, *specs, **options):
    """The concrete tf.function of a function, for arguments of these specs.

    It is traced in a thread of its own. In the caller's, a function that is first needed inside a graph would keep that
    graph; and in the midst of a forward mode no tape finds anything.
    """
    found, failed = [], []

    def trace():
        try:
            found.append(tf.function(function, autograph=False, **options).get_concrete_function(*specs))
        except BaseException as error:  # it belongs to the caller
            failed.append(error)

    thread = threading.Thread(target=trace)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return found[0]
