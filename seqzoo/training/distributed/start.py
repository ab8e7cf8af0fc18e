"""The ways to begin: several machines, several devices of one, or neither."""

import faulthandler

import keras

from seqzoo.training.alone import Alone
from seqzoo.training.distributed.cluster import read_cluster
from seqzoo.training.distributed.watch import HEARTBEAT_TIMEOUT, meet

KINDS = ("multiworker", "mirrored")
JOIN_TIMEOUT = 50  # seconds for TensorFlow to connect workers that are all there


def multiworker(start_timeout=600):
    """Join the workers that `TF_CONFIG` names, on `tf.distribute.MultiWorkerMirroredStrategy`.

    Call it before anything else of TensorFlow. Workers that are not there yet are waited for.

    Args:
        start_timeout: seconds to wait for the others.

    Returns:
        `Workers`, a context manager: what waits for the others belongs into it.

    Raises:
        ValueError: `TF_CONFIG` is missing or wrong, see `read_cluster`. NotImplementedError: the backend is not TensorFlow.
        RuntimeError: TensorFlow has been at work already. TimeoutError: a worker has not come; it is named.
    """
    _check_backend("multiworker")
    cluster = read_cluster()
    import tensorflow as tf

    from seqzoo.training.distributed.workers import Workers

    if len(cluster.members) == 1:
        return Workers(tf.distribute.MultiWorkerMirroredStrategy(), cluster)
    meet(cluster, start_timeout)
    context = _coordinated(cluster)
    # One that is lost in these few seconds would be waited for in C++, where no thread of ours can run.
    faulthandler.dump_traceback_later(JOIN_TIMEOUT, exit=True)
    try:
        strategy = tf.distribute.MultiWorkerMirroredStrategy()
    finally:
        faulthandler.cancel_dump_traceback_later()

    def abort(message):
        context.abort_collective_ops(tf.errors.UNAVAILABLE, message)

    return Workers(strategy, cluster, abort)


def mirrored(devices=None):
    """Train on several devices of this machine, on `tf.distribute.MirroredStrategy`.

    Args:
        devices: list of names such as "GPU:0"; None for all GPUs, or where there are none all of TensorFlow's (logical) CPUs.

    Returns:
        `Workers`, of one process.

    Raises:
        NotImplementedError: the backend is not TensorFlow.
    """
    _check_backend("mirrored")
    import tensorflow as tf

    from seqzoo.training.distributed.workers import Workers

    if devices is None:
        found = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        devices = [device.name for device in found]
    return Workers(tf.distribute.MirroredStrategy(devices))


def distribute(kind):
    """The workers of `--distribute`: "multiworker", "mirrored", or None for this process alone.

    With `KERAS_BACKEND=jax` they are `seqzoo.training.distributed.jax_devices.JaxWorkers`.
    """
    if kind is None:
        return Alone()
    if kind not in KINDS:
        raise ValueError(f"`kind` must be {' or '.join(KINDS)}, or None. Received: {kind!r}")
    if keras.backend.backend() == "jax":
        from seqzoo.training.distributed.jax_devices import data_parallel

        return data_parallel(several=kind == "multiworker")
    return {"multiworker": multiworker, "mirrored": mirrored}[kind]()


def _check_backend(name):
    if keras.backend.backend() != "tensorflow":
        raise NotImplementedError(
            f"{name} needs the TensorFlow backend; with JAX see `seqzoo.training.distributed.data_parallel`. "
            f"Received: {keras.backend.backend()}"
        )


def _coordinated(cluster):
    """TensorFlow's context, whose coordination service misses a worker that no longer works, as well as one that is gone."""
    from tensorflow.python.eager import context as contexts  # no public name reaches the service's timeouts

    jobs = {member.job: 1 + member.task for member in cluster.members}
    context = contexts.context()
    try:
        context.configure_coordination_service(
            "standalone",
            service_leader=cluster.members[0].device,
            cluster_register_timeout_in_ms=1000 * JOIN_TIMEOUT,
            heartbeat_timeout_in_ms=1000 * HEARTBEAT_TIMEOUT,
            coordinated_jobs=[
                contexts.coordination_config_pb2.CoordinatedJob(name=name, num_tasks=count) for name, count in jobs.items()
            ],
        )
    except AttributeError:  # another TensorFlow: its own timeouts serve
        pass
    return context
