"""The classifier that `recipes.opinions.train` begins with: another model's words and states, or nothing but word vectors."""

import numpy as np

VECTOR_NORM = 4.0  # length of the word vectors
LONG = ("reviews", "unlabelled reviews", "edited reviews")  # what says little of the words of short texts


def build(arguments, data, folder):
    """The classifier before training: with the words, states and, where it has one, the last layer of the encoder.

    Args:
        arguments: those of `recipes.opinions.train`.
        data: `recipes.opinions.data.Data`.
        folder: `RunFolder`, which keeps the word vectors of a run that begins with nothing.
    """
    from seqzoo.tasks.text_classification import TextClassifier

    from ..imdb.encoders import load_encoder
    from .vocabulary import adapted

    names = ("max_tokens", "pooling", "word_dropout", "embedding_dropout", "dropout", "seed")
    config = {name: getattr(arguments, name) for name in names}
    if arguments.cell:
        return from_nothing(arguments, config, data, folder)
    encoder = load_encoder(arguments.encoder)
    config |= {name: encoder.config[name] for name in ("embedding_size", "units", "layers")}
    config["cell"] = encoder.config.get("cell", "lstm")
    found, vocabulary = encoder.tensors(), encoder.vocabulary
    if arguments.kept:
        short = [text for name, of in data.train.items() if name not in LONG for text in of.texts]
        vocabulary, embedding = adapted(encoder, short, arguments.kept, arguments.added)
        found["embedding/embeddings"] = embedding(found["embedding/embeddings"])
    if encoder.task == "text-classification":
        parts = encoder.config["pooling"].split("_")
        of = dict(zip(parts, np.split(found["probability/kernel"], len(parts)), strict=True))
        if wanted := [of[part] for part in arguments.pooling.split("_") if part in of]:
            found["probability/kernel"] = np.concatenate(wanted)
    model = TextClassifier({**config, "vocabulary_size": len(vocabulary)}, vocabulary, arguments.precision)
    model.load_tensors({name: _fitting(found.get(name), value) for name, value in model.tensors().items()})
    return model


def from_nothing(arguments, config, data, folder):
    """A classifier of `--cell` with the words of IMDB's train and vectors from the company that they keep in its reviews."""
    from seqzoo.data.reviews import load_reviews
    from seqzoo.data.vocabulary import Vocabulary
    from seqzoo.tasks.text_classification import TextClassifier

    from ..imdb.encoders import embed

    vocabulary = Vocabulary.build(load_reviews("imdb", arguments.data_dir, 0.0).train.texts, arguments.vocabulary_size)
    config |= {name: getattr(arguments, name) for name in ("cell", "units", "embedding_size")}
    model = TextClassifier({**config, "vocabulary_size": len(vocabulary)}, vocabulary, arguments.precision)

    texts = [text for name in ("reviews", "unlabelled reviews") if name in data.train for text in data.train[name].texts]
    embed(model, vocabulary.encode_list(texts, None), folder, VECTOR_NORM, arguments.seed)
    return model


def _fitting(found, begun):
    return begun if found is None or found.shape != begun.shape else found
