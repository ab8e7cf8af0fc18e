"""The kinds of models that there are. A new kind is a folder here and a line in `TASKS`; see `seqzoo.tasks.task.Task`.

Importing this costs nothing; a task is imported when it is first used.
"""

from importlib import import_module

# A task's name, as cards state it -> the module and the object in it, a `Task`.
TASKS = {
    "text-classification": "seqzoo.tasks.text_classification.task:TASK",
    "text-generation": "seqzoo.tasks.text_generation.task:TASK",
    "stock-volatility": "seqzoo.tasks.stock_forecasting.task:VOLATILITY",
    "stock-quantiles": "seqzoo.tasks.stock_forecasting.task:QUANTILES",
}


def get_task(name):
    """The `Task` of this name. Raises ValueError, naming all, for another."""
    if name not in TASKS:
        raise ValueError(f"A task must be one of {', '.join(TASKS)}. Received: {name!r}")
    module, _, place = TASKS[name].partition(":")
    return getattr(import_module(module), place)


def task_of(model):
    """The `Task` of a model, None for what is no task's model, such as a plain `keras.Model`."""
    name = getattr(type(model), "task", None)
    return get_task(name) if isinstance(name, str) and name in TASKS else None


def task_of_sidecar(sidecar):
    """The `Task` whose raw input the sidecar of a .tflite file describes; the plain `Task`, of arrays, where it is none's."""
    from seqzoo.tasks.task import Task

    return next((task for task in map(get_task, TASKS) if task.is_described_by(sidecar)), Task())
