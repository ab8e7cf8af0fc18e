"""The answers of a model's SavedModel, as TensorFlow Serving would give them."""

from seqzoo.tasks import task_of


def served(folder, model):
    """A function from a list of raw inputs to the answers of the SavedModel in `folder`, as `model.predict` gives them.

    Args:
        folder: the SavedModel, which is a TensorFlow program and is run.
        model: the task's model that it was made from.
    """
    import tensorflow as tf

    task, loaded = task_of(model), []  # loaded at the first call, and kept: its variables live as long as it does

    def answers(inputs):
        if not loaded:
            loaded.append(tf.saved_model.load(str(folder)))
        return task.ask_served(loaded[0].signatures["serving_default"], inputs, model)

    return answers
