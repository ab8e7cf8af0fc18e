"""The models that text classifiers begin with, and what trains a classifier as the command line asks."""

TASKS = {"text-generation": "language model", "text-classification": "text classifier"}


def load_encoder(name, tasks=tuple(TASKS)):
    """The language model or text classifier of a name of the zoo or a model folder.

    Args:
        name: of the zoo, or the path of a model folder.
        tasks: those that will do.

    Raises:
        ValueError: there is none, or it has another task. It is known before TensorFlow has loaded anything.
    """
    from seqzoo.zoo import find_model, load_pretrained, read_card

    task = read_card(find_model(name))["task"]
    if task not in tasks:
        kinds = " or ".join(f"a {TASKS[fit]}" for fit in tasks)
        fit = ", ".join(found for fit in tasks for found in pretrained_of(fit)) or "none in the zoo"
        raise ValueError(f"This begins with {kinds}: {fit}, or the folder of one. Received: {name}, {task}")
    return load_pretrained(name)


def pretrained_of(task):
    """Names of the zoo's models of this task."""
    from seqzoo.zoo import find_model, list_pretrained, read_card

    return [name for name in list_pretrained() if read_card(find_model(name))["task"] == task]


def prepared(network, batches, arguments):
    """`seqzoo.training.finetune.prepare` with the recipes' arguments."""
    from seqzoo.training.finetune import prepare

    return prepare(
        network,
        arguments.epochs * len(batches),
        arguments.learning_rate,
        arguments.clip,
        arguments.weight_decay,
        arguments.decay,
        int(arguments.thaw * len(batches)),
        arguments.adversarial,
    )


def embed(model, sequences, folder, norm, seed):
    """Begin with word vectors of this length made from sequences; kept in the run folder for when it is started again."""
    from seqzoo.data.word_vectors import word_vectors

    def vectors():
        return word_vectors(sequences, len(model.vocabulary), model.config["embedding_size"], norm=norm, seed=seed)

    model.network.get_layer("embedding").set_weights([folder.array("word_vectors.npy", vectors)])
