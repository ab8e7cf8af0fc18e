"""Graphs run as they are, without the process that checks a file."""

from ai_edge_litert.interpreter import Interpreter


def answers_of(graph):
    """A function from inputs by name to outputs by name of a finished `Graph`."""
    graph.drop_unused()
    interpreter = Interpreter(model_content=graph.to_bytes(), num_threads=1)
    signature = interpreter.get_signature_list()["serving_default"]
    tensors = {}
    for kind, entries in (("inputs", graph.model.signatureDefs[0].inputs), ("outputs", graph.model.signatureDefs[0].outputs)):
        tensors[kind] = {entry.name.decode(): int(entry.tensorIndex) for entry in entries}
    assert set(tensors["inputs"]) == set(signature["inputs"])

    def answer(feeds):
        for name, value in feeds.items():
            interpreter.resize_tensor_input(tensors["inputs"][name], value.shape)
        interpreter.allocate_tensors()
        for name, value in feeds.items():
            interpreter.set_tensor(tensors["inputs"][name], value)
        interpreter.invoke()
        return {name: interpreter.get_tensor(index).copy() for name, index in tensors["outputs"].items()}

    return answer
