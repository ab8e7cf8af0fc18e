"""The language models that classifiers begin with, and what trains a classifier as the command line asks."""


def load_encoder(name):
    """The language model of a name of the zoo or a model folder.

    Raises:
        ValueError: there is none, or it is no language model. It is known before TensorFlow has loaded anything.
    """
    from seqzoo.zoo import find_model, list_pretrained, load_pretrained, read_card

    task = read_card(find_model(name))["task"]
    if task != "text-generation":
        fit = [other for other in list_pretrained() if read_card(find_model(other))["task"] == "text-generation"]
        raise ValueError(
            f"A text classifier begins with a language model: {', '.join(fit) or 'none in the zoo'}, or the folder of one. "
            f"Received: {name}, {task}"
        )
    return load_pretrained(name)


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
