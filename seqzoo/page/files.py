"""Data that a page loads: each file as a script, which also works from file://, named by the hash that the page checks."""

import base64
import hashlib
import json

FOLDER = "data"


class DataFiles:
    """Collects the files of a page. `add` gives what the page must know of one: {"sha256", "bytes", "script"}."""

    def __init__(self):
        self.scripts = {}

    def add(self, content):
        digest = hashlib.sha256(content).hexdigest()
        script = f"{FOLDER}/{digest[:16]}.js"
        self.scripts[script] = f'seqzooData("{digest}","{base64.b64encode(content).decode()}");\n'
        return {"sha256": digest, "bytes": len(content), "script": script}


def script_of(name, value):
    """A script that sets a global name to a JSON value. U+2028 and U+2029 end lines in old JavaScript; JSON escapes them."""
    return f"{name}({json.dumps(value, separators=(',', ':'))});\n"
