"""What ties a .tflite file to its sidecar: a hash of what the sidecar says, in the file's own metadata. Imports no TensorFlow."""

import hashlib
import json

NAME = "seqzoo_sidecar"  # of the metadata
OF_THE_FILE = ("sha256", "bytes")  # a file cannot hold its own


def digest_of(fields):
    """SHA-256, as hexadecimal text, of all that a sidecar says but `OF_THE_FILE`, however its JSON is laid out."""
    said = {key: value for key, value in fields.items() if key not in OF_THE_FILE}
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def tie(graph, fields):
    """Write into a `Graph` what its sidecar says."""
    graph.set_metadata(NAME, digest_of(fields).encode())


def tied_to(content):
    """The hash that the bytes of a .tflite file hold of their sidecar; None for a file from before there was one.

    Raises:
        ValueError: for what is no .tflite file.
    """
    from ai_edge_litert import schema_py_generated as schema

    try:
        model = schema.Model.GetRootAsModel(content, 0)
        for place in range(model.MetadataLength()):
            entry = model.Metadata(place)
            if entry.Name() == NAME.encode():
                return bytes(model.Buffers(entry.Buffer()).DataAsNumpy()).decode("ascii")
    except Exception as error:  # a reader of damaged bytes has no common type
        raise ValueError(f"no .tflite file: {type(error).__name__}: {error}") from None
    return None
