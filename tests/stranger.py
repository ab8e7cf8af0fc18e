"""For child processes in which neither seqzoo nor Keras can be found, as on a stranger's machine."""

# TensorFlow's import imports keras where it can.
HIDE = """
import sys
class Hiding:
    def __init__(self, finder):
        self.finder = finder
    def find_spec(self, name, path=None, target=None):
        hidden = name.split(".")[0] in ("seqzoo", "keras", "tf_keras")
        return None if hidden else self.finder.find_spec(name, path, target)
    def __getattr__(self, name):
        return getattr(self.finder, name)
sys.meta_path[:] = [Hiding(finder) for finder in sys.meta_path]
"""
