"""Runs an exported file from raw input, on `ai_edge_litert` alone. Imports neither TensorFlow nor Keras."""

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np

from seqzoo.export.tflite.sidecar import SidecarError, read_file
from seqzoo.tasks import task_of_sidecar
from seqzoo.tasks.preprocess import check_arrays


class TFLiteRunner:
    """A .tflite file of `export_tflite`, called like the model that it was made from.

    Every call starts afresh: nothing of an earlier call enters the answer. Threads may share a runner; they take turns.

    Args:
        path: the .tflite file; its sidecar, and for a text model the vocabulary, lie beside it.
        threads: CPU threads.

    Attributes:
        sidecar: dict, what is known about the file.
        files: the bytes, by name, of what lies beside it, such as the vocabulary.

    Raises:
        ImportError: if the package `ai-edge-litert` is not installed.
        FileNotFoundError: if there is no such file.
        SidecarError: if the sidecar is missing, damaged, changed or belongs to another file.
    """

    def __init__(self, path: str | os.PathLike, threads: int = 1):
        interpreter = _interpreter_class()
        self.path = Path(path)
        self.sidecar, data, self.files = read_file(path)
        self._preprocess = task_of_sidecar(self.sidecar).preprocessor(self.sidecar, self.files)
        self._interpreter = interpreter(model_content=data, num_threads=threads)
        self._lock = threading.Lock()  # an interpreter holds one call's arrays: threads take turns
        self._inputs = self._places(self._interpreter.get_input_details(), "inputs")
        self._outputs = self._places(self._interpreter.get_output_details(), "outputs")
        self._check_scales()
        self._shapes = None

    def __call__(self, inputs: Any) -> np.ndarray | dict[str, np.ndarray]:
        """Answer raw input.

        Args:
            inputs: list of str for a text model; daily prices for a forecaster, a DataFrame as
                its `forecast` takes them, or an array [days, 5] or windows [n, 250, 5];
                otherwise an array [n, ...] (for several inputs a list of arrays, or a dict by name). Time may be
                of any length unless the sidecar's `time_steps` fixes it.

        Returns:
            float32 `[n]` for a text model, `[n, classes]` for more than two classes; a dict of float64 `[n]` by
            name, such as `variance`, for a forecaster (its raw outputs, if it is given a dict with `sequence`);
            otherwise an array [n, ...], or a dict by name for several outputs.

        Raises:
            TypeError: for a bare string, items that are not str, or another dtype. ValueError: for another
            shape, values that are not finite, prices with an error in them, or a file of target `stream`: use `step`.
        """
        if self.sidecar["form"] == "step":
            if hasattr(self._preprocess, "by_steps"):
                return self._preprocess.by_steps(self, inputs)
            raise ValueError("A file of target 'stream' takes one step a call: use `step(inputs, states)`. Received: a call")
        batches, decode = self._preprocess(inputs)
        parts = [{name: value[:real] for name, value in self._invoke(feed).items()} for feed, real in batches]
        results = {
            spec["name"]: np.concatenate([part[spec["name"]] for part in parts])
            if parts
            else np.zeros([0, *[size or 0 for size in spec["shape"][1:]]], np.float32)
            for spec in self.sidecar["outputs"]
        }
        return decode(next(iter(results.values())) if len(results) == 1 else results)

    def start(self, given: dict[str, Any] | None = None) -> dict[str, np.ndarray]:
        """The states before the first step, for `step`.

        Args:
            given: dict of first states by name, such as an encoder's; those left out are zero.

        Returns:
            dict of float32 `[batch, ...]` by name, those of the sidecar's `states`.

        Raises:
            ValueError: for a name that is no state, another shape, or a file that does not go step by step.
        """
        self._refuse_unless_step()
        states = self.sidecar["states"]
        if given is not None and (not isinstance(given, dict) or set(given) - set(states)):
            received = ", ".join(map(str, given)) if isinstance(given, dict) else type(given).__name__
            raise ValueError(f"First states must be a dict with any of {', '.join(states)}. Received: {received}")
        zeros = {name: np.zeros(self._spec(name)["shape"], np.float32) for name in states}
        return zeros | {name: self._fitting(name, value) for name, value in (given or {}).items()}

    def step(self, inputs: Any, states: dict[str, np.ndarray]) -> tuple[np.ndarray | dict[str, np.ndarray], dict]:
        """One step of a file of target `stream`.

        Args:
            inputs: array `[batch, ...]`, float32 or whole numbers as the sidecar says; for several inputs a list of arrays in
                the sidecar's order or a dict by name.
            states: what `start`, or the step before, gave.

        Returns:
            (the output [batch, ...], a dict by name for several outputs; the states after the step).

        Raises:
            ValueError: for another number of rows, states that are not those of `start`, or as a call.
        """
        self._refuse_unless_step()
        names = self.sidecar["states"]
        if not isinstance(states, dict) or set(states) != set(names):
            received = ", ".join(map(str, states)) or "none" if isinstance(states, dict) else repr(states)
            raise ValueError(
                f"`states` must be a dict with {', '.join(names)}, as `start()` or the step before gave it. Received: "
                f"{received:.200}"
            )
        specs = [spec for spec in self.sidecar["inputs"] if spec["name"] not in names]
        feed = check_arrays({"inputs": specs}, inputs)
        rows = len(next(iter(feed.values())))
        if rows != self.sidecar["batch_size"]:
            raise ValueError(f"A step takes {self.sidecar['batch_size']} rows. Received: {rows}")
        results = self._invoke(feed | {name: self._fitting(name, value) for name, value in states.items()})
        after = {state: results.pop(f"next_{state}") for state in names}
        return next(iter(results.values())) if len(results) == 1 else results, after

    def _fitting(self, name, value):
        spec = self._spec(name)
        array = check_arrays({"inputs": [spec]}, {name: value})[name]
        if len(array) != spec["shape"][0]:
            raise ValueError(f"State `{name}` must have shape {spec['shape']}. Received: shape {list(array.shape)}")
        return array

    def _refuse_unless_step(self):
        if self.sidecar["form"] != "step":
            raise ValueError(f"Only files of target 'stream' go step by step. Received: target {self.sidecar['target']!r}")

    def _spec(self, name):
        return next(spec for spec in self.sidecar["inputs"] if spec["name"] == name)

    def _places(self, details, key):
        found, specs = {detail["index"]: detail for detail in details}, self.sidecar[key]
        signature = self._interpreter.get_signature_list()["serving_default"][key]
        tensors = sorted(detail["index"] for detail in details)  # an output and a state may be one tensor
        same = sorted(spec["tensor"] for spec in specs) == tensors and sorted(spec["name"] for spec in specs) == sorted(signature)
        if not same or any(not _describes(spec, found[spec["tensor"]]) for spec in specs):
            raise SidecarError(f"The sidecar's {key} must be those of {self.path.name}. Received: other tensors")
        return {spec["name"]: (spec, found[spec["tensor"]]) for spec in specs}

    def _check_scales(self):
        details = self._interpreter.get_tensor_details() if self.sidecar.get("scales") else []
        inside = {detail["index"]: detail["quantization"] for detail in details}
        for stated in self.sidecar.get("scales", []):
            scale, zero_point = inside.get(stated["tensor"], (0.0, 0))
            if (np.float32(stated["scale"]), stated["zero_point"]) != (np.float32(scale), zero_point):
                raise SidecarError(
                    f"The sidecar's scale of {stated['name']} must be that of {self.path.name}, {scale:g} with "
                    f"zero point {zero_point}. Received: {stated['scale']}, {stated['zero_point']}"
                )

    def _invoke(self, feed):
        with self._lock:
            return self._invoke_alone(feed)

    def _invoke_alone(self, feed):
        shapes = {name: value.shape for name, value in feed.items()}
        if shapes != self._shapes:
            for name, shape in shapes.items():
                self._interpreter.resize_tensor_input(self._inputs[name][1]["index"], shape)
            self._interpreter.allocate_tensors()
            self._shapes = shapes
        for name, value in feed.items():
            self._interpreter.set_tensor(self._inputs[name][1]["index"], value)
        self._interpreter.invoke()
        return {name: self._read(detail) for name, (_, detail) in self._outputs.items()}

    def _read(self, detail):
        value = self._interpreter.get_tensor(detail["index"])
        scale, zero = detail["quantization"]
        return (value.astype(np.float32) - zero) * np.float32(scale) if value.dtype.kind == "i" and scale else value


def _describes(spec, detail):
    shape = [None if size < 0 else int(size) for size in detail["shape_signature"]]
    return spec["shape"] == shape and np.dtype(spec["dtype"]) == detail["dtype"]


def _interpreter_class():
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        raise ImportError(
            f"Running .tflite files needs the package ai-edge-litert: pip install 'seqzoo[mobile]'. Received: {error}"
        ) from None
    return Interpreter
