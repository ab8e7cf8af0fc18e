"""What the text tasks' .tflite files share: the vocabulary beside them. Imports no TensorFlow."""

from seqzoo.files import sha256_of

VOCABULARY = "vocabulary.txt"


def save_vocabulary(vocabulary, path, folder):
    """Write a vocabulary into `folder`, to go beside the .tflite file `path`; gives its name there and its SHA-256."""
    vocabulary.save(folder / VOCABULARY)
    digest, name = sha256_of(folder / VOCABULARY), VOCABULARY
    if (path.parent / name).exists() and sha256_of(path.parent / name) != digest:
        name = f"{path.stem}.{VOCABULARY}"  # another model's lies there
        (folder / VOCABULARY).rename(folder / name)
    return name, digest
