"""The networks of the long-memory tab; `seqzoo recipe memory.adding` trains them."""

import json
from importlib import resources

NAME = "adding"


def adding_networks(files):
    """What the page must know of them: how they were trained, and each one's form and error.

    Args:
        files: `seqzoo.page.files.DataFiles`.
    """
    folder = resources.files("seqzoo.page").joinpath("networks")
    about = json.loads(folder.joinpath(f"{NAME}.json").read_text("utf-8"))
    for network in about["networks"]:
        path = f"{network['cell']}_{network['span']}"
        network["form"] = {
            "layers": [[{"cell": network["cell"], "path": path, "reverse": False}]],
            "pooling": ["last"],
            "head": {"kernel": f"{path}/head/kernel", "bias": f"{path}/head/bias"},
        }
    return about | {"file": files.add(folder.joinpath(f"{NAME}.safetensors").read_bytes())}
