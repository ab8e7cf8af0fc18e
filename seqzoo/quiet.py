"""TensorFlow's start-up messages, kept off the terminal of somebody who asked for something else."""

import contextlib
import os
import sys
import tempfile

# What Keras and TensorFlow import wherever it is installed, and do without.
OPTIONAL = ("sklearn", "matplotlib", "pandas")


def import_tensorflow(start=True):
    """Import and start TensorFlow and Keras without a word, unless that fails.

    With `start` False they are imported only: `tf.distribute` wants to be asked before anything is computed.

    What Keras loads only because it is installed stays out of it: that is a third of the start. Later messages are limited
    to errors. A process whose TF_CPP_MIN_LOG_LEVEL is 0 or 1 has asked for the messages, and gets them.
    """
    if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2") in ("0", "1"):
        return
    with held_back_stderr(), hidden(*OPTIONAL):
        import keras  # noqa: F401
        import tensorflow as tf

        tf.get_logger().setLevel("ERROR")
        if not start:
            return
        # Harmless reports that come as errors, each once: the CUDA stub's at the first look for a GPU, and
        # oneDNN's at the first transposed tensor of these types. Here nobody sees them.
        tf.config.list_physical_devices()
        for dtype in (tf.bool, tf.int64):
            tf.function(tf.transpose)(tf.zeros((2, 2), dtype))


@contextlib.contextmanager
def hidden(*modules):
    """As if modules were not installed, those that nobody has imported yet."""
    hidden_now = [module for module in modules if module not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden_now))
    try:
        yield
    finally:
        for module in hidden_now:
            del sys.modules[module]


@contextlib.contextmanager
def held_back_stderr():
    # TensorFlow writes to the file descriptor before its log level applies, so sys.stderr is not the place.
    sys.stderr.flush()
    try:
        stderr = os.dup(2)
    except OSError:  # closed by the caller: nothing can be seen anyway
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except KeyboardInterrupt:  # which nothing in it explains
            raise
        except BaseException:
            held.seek(0)
            os.write(stderr, held.read())  # now it may be the explanation
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
