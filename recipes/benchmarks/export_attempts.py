"""One attempt to export a network, and its file measured again on inputs that the export has not seen."""

import time
import warnings

import keras
import numpy as np

from seqzoo.export.precision import in_float32

from .architectures import build

LENGTHS = (16, 23)  # of open time; files of one length have the first
ROWS, CALIBRATION = 3, 48
WRITTEN, REFUSED, WRONG, INTERNAL = "written", "refused", "silently wrong", "internal error"
# What a subclassed model takes, which it does not say itself.
SUBCLASSED = {"Feedback": ("input", "float32", (8, 3)), "Classifier": ("input", "int32", (12,))}
LOOP = "form='loop'"  # a refusal that names it is tried again with it


class Subject:
    """A network with fresh inputs and its answers to them."""

    def __init__(self, name, seed=7):
        from seqzoo.tasks.source import network_source

        self.name, self.network = name, build(name)
        layers = self.network._flatten_layers()
        self.words = min([layer.input_dim for layer in layers if isinstance(layer, keras.layers.Embedding)], default=2)
        self.masks = [layer for layer in layers if isinstance(layer, keras.layers.Masking)]
        self.zero = any(getattr(layer, "mask_zero", False) for layer in layers)
        self.random = np.random.default_rng(seed)
        self.source = network_source(self.network) if getattr(self.network, "inputs", None) else None
        self.signature = None
        if self.source is None:
            self.inputs, self.call = [SUBCLASSED[type(self.network).__name__]], self.network
            self.signature = [keras.InputSpec(shape=(None, *shape), dtype=dtype, name=name) for name, dtype, shape in self.inputs]
        else:
            with in_float32(self.source) as source:
                self.inputs = source.inputs
            self.call = self._in_float32
        whole = [dtype for _, dtype, _ in self.inputs if "int" in dtype]
        self.unknown = bool(whole) and self.words == 2  # nothing tells the range of the whole numbers that come in

    def _in_float32(self, values):
        """A file of a network in another precision is one in float32."""
        with in_float32(self.source) as source:
            return source.call(values)

    @property
    def is_open(self):
        return any(None in shape for *_, shape in self.inputs)

    def feed(self, time, place=None, rows=ROWS):
        """Inputs by name; `place` is where padding stands, None for none."""
        return {name: self._values(dtype, [rows, *[size or time for size in shape]], place) for name, dtype, shape in self.inputs}

    def _values(self, dtype, shape, place):
        if dtype == "string":
            return np.full(shape, "a b")
        if dtype == "bool":
            return self.random.random(shape) < 0.7
        if np.issubdtype(np.dtype(dtype), np.integer):
            values = self.random.integers(0, 256, shape) if dtype == "uint8" else self.random.integers(1, self.words, shape)
        else:
            values = self.random.normal(size=shape)
        values = values.astype(dtype)
        whole = np.issubdtype(np.dtype(dtype), np.integer)
        if place and len(shape) > 1 and (self.zero if whole else self.masks and len(shape) == 3):
            steps = shape[1]
            hidden = {"behind": slice(steps // 2, None), "front": slice(0, steps // 2), "gaps": slice(1, None, 2)}[place]
            values[:-1, hidden] = 0 if whole else self.masks[0].mask_value  # the last row is whole
        return values

    def feeds(self, open_time):
        places = [None, "behind", "front", "gaps"] if self.zero or self.masks else [None]
        lengths = LENGTHS if open_time and self.is_open else LENGTHS[:1]
        return [self.feed(time, place) for time in lengths for place in places]

    def answer(self, feed):
        """The network's answers, a list in its own order or a dict by name."""
        for layer in self.network._flatten_layers():
            if getattr(layer, "stateful", False) and hasattr(layer, "reset_states"):
                layer.reset_states()
        values = list(feed.values())
        results = self.call(values) if self.source is not None else self.network(values[0])
        if isinstance(results, dict):
            return {name: np.asarray(value) for name, value in results.items()}
        return [np.asarray(value) for value in keras.tree.flatten(results)]

    def calibration(self):
        places = [None, None, "behind", "front"]
        return [{n: v[0] for n, v in self.feed(LENGTHS[0], places[k % 4], rows=2).items()} for k in range(CALIBRATION)]


def attempt(subject, target, quantization, folder):
    """A dict: `result`, `error` on fresh inputs, `stated`, `bytes`, `message`, `seconds`, and `form` where a loop was asked for,
    as the refusal without it says.
    """
    start = time.perf_counter()
    found = _attempted(subject, target, quantization, folder, None)
    if found["result"] == REFUSED and LOOP in found["message"].partition(" Received:")[0]:
        found = _attempted(subject, target, quantization, folder, "loop") | {"form": "loop"}
    return found | {"seconds": round(time.perf_counter() - start, 1)}


def _attempted(subject, target, quantization, folder, form):
    try:
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")
            return _attempt(subject, target, quantization, folder, form)
    except Exception as error:  # whatever it is, is what is counted here
        clear = isinstance(error, (ValueError, TypeError)) and "Received:" in str(error)
        message = f"{'' if clear else type(error).__name__ + ': '}{error}"[:600]
        return {"result": REFUSED if clear else INTERNAL, "message": message}


def _attempt(subject, target, quantization, folder, form):
    if target == "onnx":
        return _onnx(subject, folder)
    from seqzoo.export import TFLiteRunner, export_tflite
    from seqzoo.export.tflite.targets import TOLERANCES

    fixed = target in ("compiled", "micro") and subject.is_open
    options = {"time_steps": LENGTHS[0] if fixed else None, "quantization": quantization, "form": form}
    options["input_signature"] = subject.signature
    if quantization == "int8" or subject.unknown:
        options["calibration"] = subject.calibration()
    path = export_tflite(subject.network, folder / "m.tflite", target, overwrite=True, **options)
    runner, stream = TFLiteRunner(path), target == "stream"
    run = (lambda feed: _stepped(runner, feed)) if stream else runner
    feeds = _first_rows(subject.feeds(False)) if stream else subject.feeds(not fixed)
    compare = _at_the_end if stream else _difference
    errors = [compare(run(feed), subject.answer(feed)) for feed in feeds]
    if target == "micro":
        errors += [_difference(_on_micro(path, runner, feed), runner(feed)) for feed in _first_rows(feeds)]
    repeated = _repeated(run, feeds[0])
    stated = float(runner.sidecar["measured_error"])
    error = max(errors)
    right = error <= 2 * max(TOLERANCES[quantization], stated) and repeated  # so written that NaN is wrong
    return _found(right, error, path.stat().st_size, stated, "" if repeated else "an answer depends on the call before it")


def _first_rows(feeds):
    return [{name: value[:1] for name, value in feed.items()} for feed in feeds]


def _on_micro(path, runner, feed):
    """A row's answers of TensorFlow Lite Micro itself, by name."""
    from tflite_micro.python.tflite_micro import runtime

    micro = runtime.Interpreter.from_file(str(path), arena_size=2_000_000)
    for place, spec in enumerate(runner.sidecar["inputs"]):
        micro.set_input(np.asarray(feed[spec["name"]], spec["dtype"]), place)
    micro.invoke()
    return {spec["name"]: micro.get_output(place) for place, spec in enumerate(runner.sidecar["outputs"])}


def _onnx(subject, folder):
    import onnxruntime

    from seqzoo.export import export_onnx

    samples = subject.calibration()[:8] if subject.unknown else None
    path = export_onnx(subject.network, folder / "m.onnx", samples=samples, input_signature=subject.signature)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_outputs()]

    def run(feed):
        return dict(zip(names, session.run(names, dict(zip(inputs, feed.values(), strict=True))), strict=True))

    inputs = [name for name, *_ in subject.inputs] if subject.source else [value.name for value in session.get_inputs()]
    feeds = subject.feeds(True)
    error = max(_difference(run(feed), subject.answer(feed)) for feed in feeds)
    repeated = _repeated(run, feeds[0])
    return _found(error <= 2e-5 and repeated, error, path.stat().st_size, None, "")


def _found(right, error, size, stated, message):
    found = {"result": WRITTEN if right else WRONG, "error": error, "stated": stated, "bytes": size}
    return found | ({"message": message} if message else {})


def _repeated(run, feed):
    first, second = (keras.tree.flatten(run(feed)) for _ in range(2))
    return all(np.allclose(a, b, rtol=0, atol=1e-6, equal_nan=True) for a, b in zip(first, second, strict=True))


def _pairs(found, expected):
    if isinstance(expected, dict) and isinstance(found, dict) and set(found) == set(expected):
        return [(found[name], value) for name, value in expected.items()]
    found = list(found.values()) if isinstance(found, dict) else [found]
    expected = keras.tree.flatten(expected)  # of a dict in the order of its keys, as a functional model has its outputs
    return list(zip(found, expected, strict=True))


def _difference(found, expected):
    """The greatest difference, as a share of the greatest answer (at least 1); of whole numbers the share that differs."""
    worst = 0.0
    for received, wanted in _pairs(found, expected):
        if received.shape != wanted.shape:
            return float("inf")
        if wanted.dtype.kind in "iub":
            worst = max(worst, float(np.mean(received != wanted)) / 10)  # one in ten may turn in 8 bits
            continue
        scale = max(1.0, float(np.abs(wanted).max()))
        worst = max(worst, float(np.abs(received.astype("float64") - wanted.astype("float64")).max() / scale))
    return worst


def _stepped(runner, feed):
    """All answers of a stream, a list over the steps of lists of outputs."""
    specs = {spec["name"]: len(spec["shape"]) for spec in runner.sidecar["inputs"]}
    carried = runner.sidecar["states"]
    given = {state: feed[name] for state in carried if (name := state.removesuffix("_state")) in feed}
    feed = {name: value for name, value in feed.items() if name in specs and name not in carried}
    series = {name for name, value in feed.items() if value.ndim > specs[name]}
    states, answers = runner.start(given), []
    for step in range(feed[min(series)].shape[1]):
        now = {name: value[:, step] if name in series else value for name, value in feed.items()}
        answer, states = runner.step(now if len(now) > 1 else next(iter(now.values())), states)
        answers.append(list(answer.values()) if isinstance(answer, dict) else [answer])
    return [np.stack(of, axis=1) for of in zip(*answers, strict=True)]


def _at_the_end(found, expected):
    """Every step of an output over time; of another the last one."""
    expected = keras.tree.flatten(expected)
    ends = [of if of.shape == wanted.shape else of[:, -1] for of, wanted in zip(found, expected, strict=True)]
    return _difference(dict(enumerate(ends)), expected)
