"""The language models that classifiers begin with, and what trains a classifier as the command line asks."""


def load_encoder(name):
    """The language model of a name of the zoo or a model folder.

    Raises:
        ValueError: there is none, or it is no language model. It is known before TensorFlow has loaded anything.
    """
    from seqzoo.zoo import find_model, load_pretrained, read_card

    task = read_card(find_model(name))["task"]
    if task != "text-generation":
        fit = ", ".join(pretrained_of("text-generation")) or "none in the zoo"
        raise ValueError(
            f"A text classifier begins with a language model: {fit}, or the folder of one. "
            f"Received: {name}, {task}"
        )
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
