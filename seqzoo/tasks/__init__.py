"""The kinds of models that there are. A new kind is a folder here and a line in `TASKS`; see `seqzoo.tasks.task.Task`.

Importing this costs nothing; a task is imported when it is first used.
"""

import contextlib
from importlib import import_module

# A task's name, as cards state it -> the module and the object in it, a `Task`.
TASKS = {
    "text-classification": "seqzoo.tasks.text_classification.task:TASK",
    "text-generation": "seqzoo.tasks.text_generation.task:TASK",
    "stock-volatility": "seqzoo.tasks.stock_forecasting.task:VOLATILITY",
    "stock-quantiles": "seqzoo.tasks.stock_forecasting.task:QUANTILES",
    "keyword-spotting": "seqzoo.tasks.keyword_spotting.task:TASK",
}


class TaskError(ValueError):
    """What `TASKS` names is not there, or is no `Task`."""


def get_task(name):
    """The `Task` of this name.

    Raises:
        ValueError: for a name that is not in `TASKS`, naming all that are; TaskError, which is one, for an entry of it that
            cannot be imported or is no `Task`.
    """
    if name not in TASKS:
        raise ValueError(f"A task must be one of {', '.join(TASKS)}. Received: {name!r}")
    from seqzoo.tasks.task import Task

    module, _, place = TASKS[name].partition(":")
    entry = f"Task {name!r} in seqzoo.tasks.TASKS must name a module and a Task in it, as module:OBJECT"
    try:
        task = getattr(import_module(module), place)
    except Exception as error:  # a module that is imported may raise anything
        raise TaskError(f"{entry}. Received: {TASKS[name]!r}, {type(error).__name__}: {error}") from error
    if not isinstance(task, Task):
        raise TaskError(f"{entry}. Received: {TASKS[name]!r}, {type(task).__name__}")
    return task


def task_of(model):
    """The `Task` of a model, None for what is no task's model, such as a plain `keras.Model`."""
    name = getattr(type(model), "task", None)
    return get_task(name) if isinstance(name, str) and name in TASKS else None


def task_of_sidecar(sidecar):
    """The `Task` whose raw input the sidecar of a .tflite file describes; the plain `Task`, of arrays, where it is none's."""
    from seqzoo.tasks.task import Task

    # A broken entry is not this file's, unless no other task takes the file.
    return next((task for task in importable_tasks() if task.is_described_by(sidecar)), Task())


def importable_tasks():
    """Every `Task` of `TASKS` but those whose entry is broken, one after the other."""
    for name in TASKS:
        with contextlib.suppress(TaskError):
            yield get_task(name)
