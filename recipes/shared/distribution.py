"""What recipes that train on several workers share."""

import os

from seqzoo.quiet import import_tensorflow

# What each worker may have otherwise: where things lie on its machine.
PLACES = ("data_dir", "output")


def start(kind):
    """TensorFlow (or the backend that KERAS_BACKEND names), and the workers of `--distribute`."""
    if os.environ.get("KERAS_BACKEND", "tensorflow") == "tensorflow":
        import_tensorflow(start=kind is None)
    from seqzoo.training.distributed import distribute

    return distribute(kind)


def agreed(workers, arguments, data):
    """Refuse a worker that was started otherwise than the chief, or has other data (dict: split -> fingerprint)."""
    workers.agree({name: value for name, value in vars(arguments).items() if name not in PLACES}, data)


def ordinary(model, workers):
    """A function that gives the model as one process has it, with the weights of now: to judge, to write and to save.

    A network that several workers train answers once for every device.
    """
    if not workers.several:
        return lambda: model
    from seqzoo.tasks import task_of

    copy = None

    def now():
        nonlocal copy
        copy = copy or task_of(model).copy(model)
        copy.network.set_weights(model.network.get_weights())
        return copy

    return now
