"""Run folders where one worker writes, and the others have what it has."""

from pathlib import Path

import numpy as np


class ChiefFolder:
    """The chief's `RunFolder`: what it makes, the others get."""

    def __init__(self, folder, workers):
        self._folder, self._workers = folder, workers

    def __getattr__(self, name):
        return getattr(self._folder, name)

    def array(self, name, make):
        """See `RunFolder.array`."""
        return _shared_array(self._workers, lambda: self._folder.array(name, make))


class FollowedFolder:
    """Stands in for the run folder on a worker that writes nothing; `array` gives what the chief has."""

    def __init__(self, path, arguments, workers):
        self.path, self.arguments, self._workers = Path(path), arguments, workers

    @property
    def checkpoints(self):
        return self.path / "checkpoints"

    def write_json(self, name, value):
        """Nothing: the chief writes."""

    def array(self, name, make):
        return _shared_array(self._workers, None)


def _shared_array(workers, make):
    array = None

    def made():
        nonlocal array
        array = make()
        return [str(array.dtype), array.shape]

    dtype, shape = workers.on_chief(made)
    data = workers.broadcast(b"" if array is None else np.ascontiguousarray(array).tobytes())
    return np.frombuffer(data, dtype).reshape(shape)
