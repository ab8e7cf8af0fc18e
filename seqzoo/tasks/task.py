"""The contract: what zoo, export, insight, scoring and the command line may ask of any kind of model.

A kind of model is a folder in `seqzoo.tasks` with an instance of a subclass of `Task` and its name in `seqzoo.tasks.TASKS`.
All methods but `model_class` have an answer here already, that of a model which takes arrays and gives arrays; a task
overrides those where its raw input or its answers are something else. Nothing of this imports TensorFlow until a model
is asked for, so that listing models stays quick.
"""

from seqzoo.tasks.parts import PHONE_FORM, PhoneColumns, Prepared, Quantity, Reading, place_of


class NotMadeError(Exception):
    """A thing could not be checked here; the text says why."""


class Task:
    """One kind of model.

    Attributes:
        name: str, as a card's `task` and the model class's `task` state it.
        command: the sub-command of `seqzoo` that asks these models.
        reads: what the raw input is; models that read the same can be shown side by side.
        files: names of the files in a model's folder that the model is made of, beside its weights.
        card_form: what a card holds beside `seqzoo.zoo.card.FORM`, in the same notation.
        section: the part of a .tflite file's sidecar that says how raw input becomes arrays; None for arrays.
        samples_are_raw: whether the samples that a .tflite file is checked with are raw input (JSON), not arrays.
        samples_join: whether made-up samples join those that a caller gives.
        browser_models: names of the zoo's models that a page shows where none are named.
        beside: what a raw input may have beside it, each in a file of its own: {name: what it is, in words}.
        padding: where masks hide steps in what the task feeds its network: "behind" (which costs a file less) or "any".
        streams: whether a state can go on from one call to the next: not where a window is normalised by itself.
        micro_steps: whether a microcontroller takes one step a call, with the states in the application's hands.
    """

    name = None
    command = "info"
    reads = "arrays"
    files = ()
    card_form = {
        "metrics": {"test?": {"*": float}, "validation?": {"*": float}, "seeds?": {"*": float}},
        "baselines": [{"name": str, "split": str, "figures": {"*": float}}],
        "phone?": {"*": PHONE_FORM | {"figures": {"*": float}}},
    }
    section = None
    samples_are_raw = False
    samples_join = False
    browser_models = ()
    beside = {}
    padding = "any"
    streams = True
    micro_steps = False

    # The model

    def model_class(self):
        """The class of the models, a `seqzoo.tasks.weights.NetworkWeights`: made from a config (JSON values), with
        `task`, `config`, `network` (a `keras.Model` whose layers all have names: weights are kept by them) and `predict`.
        """
        raise NotImplementedError(f"Task {self.name!r} must say which class its models are of")

    def build(self, config, content):
        """A model from its config and the bytes of its `files`, by name; its weights are loaded afterwards.

        Raises:
            ValueError: for a config or files that are not valid or do not fit each other.
        """
        return self.model_class()(config)

    def weight_shapes(self, config):
        """(name, shape) of every tensor that a model of this config has, in any order, without building it.

        So that a config's sizes can be compared with the weights at hand first. None where a task does not say.

        Raises:
            ValueError: for a config that is not valid.
        """
        return None

    def quick(self, config, content, tensors):
        """A model that answers one raw input without TensorFlow, as the built one does to 1e-5; None where there is none.

        It has what the task's command asks (`predict`, `forecast` or `generate`).

        Args:
            config, content: as for `build`.
            tensors: weights by name, float32.
        """
        return None

    def copy(self, model):
        """A model of the same form with weights of its own."""
        return type(model)(model.config)

    def write_files(self, model, folder):
        """Write the task's `files` into a model's folder."""

    # The card

    def headline(self, card):
        """The one test figure for a list of models, "" where there is none."""
        figures = card["metrics"].get("test", {})
        return next((f"{name} {value:.4g}" for name, value in figures.items()), "")

    def use(self, card):
        """README.md's section on how to use the model."""
        name, note, word = place_of(card)
        return f"""## Use

```python
import seqzoo

model = seqzoo.load_pretrained({name}){note}
model.predict(inputs)
```

On the command line: `seqzoo {self.command} {word}`."""

    def figures(self, card, table):
        """README.md's section of figures; `table(head, rows)` makes a Markdown table."""
        rows = [(f"**{card['name']}**", split, of) for split, of in card["metrics"].items() if split != "seeds"]
        rows += [(baseline["name"], baseline["split"], baseline["figures"]) for baseline in card["baselines"]]
        if not rows:
            return "## Figures\n\nNone were measured."
        columns = list(dict.fromkeys(name for *_, of in rows for name in of))
        cells = [(name, split, *(of.get(column, "") for column in columns)) for name, split, of in rows]
        return "## Figures\n\n" + table(("model", "split", *columns), cells)

    def phone_columns(self, card):
        """`PhoneColumns` of a card that has `phone`."""
        names = list(next(iter(card["phone"].values()))["figures"])
        return PhoneColumns("an answer", names, lambda of: [of["figures"][name] for name in names], "Figures of the test split")

    # Its figures, computed again

    def data_kind(self, card):
        """Which of `seqzoo.data.places.KINDS` the card's figures are computed from; None where nothing computes them."""
        return None

    def check_figures(self, checks, subject):
        """Compare what the card states with what is measured now.

        Args:
            checks: `seqzoo.zoo.checks.Checks`, which take what is found.
            subject: `Subject`.
        """
        checks.leave_out("figures", f"not computed again: nothing here measures the task {self.name}")

    # TensorFlow SavedModel

    def serving_module(self, model):
        """A `tf.Module` whose tf.function `serve` takes raw input and gives a dict of answers."""
        from seqzoo.tasks.serving import NetworkModule

        return NetworkModule(model.network)

    def serving_signature(self, model):
        """What goes into the SavedModel and what comes out, in words: two str."""
        source = self.tflite_source(model)
        shapes = (f"{name} ({dtype} [n, {', '.join(str(s or 'time') for s in shape)}])" for name, dtype, shape in source.inputs)
        return ", ".join(shapes), ", ".join(source.outputs)

    def ask_served(self, signature, inputs, model):
        """The answers, as `model.predict` gives them, of a SavedModel's signature to a list of raw inputs."""
        from seqzoo.tasks.serving import ask_network

        return ask_network(signature, inputs, model.network)

    # TFLite

    def tflite_source(self, model):
        """`seqzoo.tasks.source.Source`: the network to convert, with named inputs and outputs."""
        from seqzoo.tasks.source import network_source

        return network_source(model.network, getattr(model, "name", self.name), self, model)

    def time_steps(self, model):
        """The length of a file whose target fixes one, where the caller gives none; None if the caller must."""
        return None

    def sample_inputs(self, source, random):
        """Made-up samples to calibrate and check a file with; None: random arrays of the network's shapes will do."""
        return None

    def samples_of(self, source, calibration):
        """A caller's samples: a list of raw inputs where `samples_are_raw`, else of arrays without a batch or dicts of them.

        Raises:
            TypeError, ValueError: for what is no sample.
        """
        return list(calibration)

    def at_length(self, samples, time_steps):
        """Samples in the length of a file that fixes one (None: any), where the task knows how to make them so."""
        return samples

    def expected(self, source, samples, time_steps):
        """What the model answers to samples, by output name; None: what the network does with the arrays."""
        return None

    def finish(self, source, outputs):
        """The file's outputs from the network's: a list of tensors."""
        return outputs

    def describe(self, source, time_steps, path, folder):
        """The sidecar's fields on how raw input becomes arrays. Files that it names are written into `folder`.

        Args:
            path: where the .tflite file will lie.
        """
        return {}

    def labels(self, model):
        """Names of the classes of a .tflite file's first output, one for each place of its last axis; None: it has none."""
        return None

    def is_described_by(self, sidecar):
        """Whether a sidecar's raw input is this task's."""
        return self.section is not None and isinstance(sidecar.get(self.section), dict)

    def sidecar_form(self):
        """The type, one of those of msgspec, of the sidecar's `section`."""
        return dict

    def sidecar_files(self, sidecar):
        """The files that belong to a .tflite file beside its sidecar: {name: SHA-256}."""
        return {}

    def preprocessor(self, sidecar, files):
        """`seqzoo.tasks.preprocess.Preprocessor` of a .tflite file. Imports no TensorFlow.

        Args:
            files: the bytes, by name, of `sidecar_files`.
        """
        from seqzoo.tasks.preprocess import Preprocessor

        return Preprocessor(sidecar)

    def micro_program(self, source, batch_size, time_steps, run_fused):
        """The model in operators that TensorFlow Lite Micro has; None: its network as it is, in them.

        Args:
            run_fused: function of (recurrent layer, sequences) -> sequences `[batch, time, units]`, one fused operator.

        Returns:
            a tf.function with an input signature that gives a dict, and `{"inputs": [names], "outputs": [names]}`.

        Raises:
            ValueError: for a model that has no such form.
        """
        return None

    # See inside

    def prepare(self, model, inputs):
        """`Prepared` from raw inputs.

        Raises:
            TypeError, ValueError: for inputs that the model cannot read.
        """
        import numpy as np

        return Prepared(model.network, np.asarray(inputs, np.float32))

    def check_given(self, given):
        """What `explain` is given, checked.

        Raises:
            TypeError, ValueError: for what a model of this task does not read.
        """
        import numpy as np

        array = np.asarray(given, np.float32)
        if array.ndim != 2 or not len(array):
            raise TypeError(f"An array [time, features] must be given. Received: {type(given).__name__} of shape {array.shape}")
        return array

    def read(self, model, given):
        """`Reading` of what `check_given` gave: the answer after each beginning, for a model of one number a row."""
        import numpy as np

        beginnings = [np.zeros_like(given[:1]), *(given[:end] for end in range(1, len(given) + 1))]
        answers = [float(np.ravel(model.predict(beginning[None]))[0]) for beginning in beginnings]
        quantity = Quantity("answer", "step", probability=False)
        return Reading(given[None], [str(step + 1) for step in range(len(given))], answers, quantity, [True] * len(given))

    def introduce(self, given):
        """(what was read, such as "a text"; a line about it or None; its full text or None), for a report."""
        return "a series", f"{len(given):,} steps of {given.shape[1]} numbers", None

    # A page in a browser

    def browser_form(self, config):
        """`seqzoo.tasks.browser.BrowserForm`: the network as a page computes it; None where no page shows this task."""
        return None

    def browser_examples(self, path=None):
        """What a page of these models begins with: JSON values of the kind that its form reads; may be none.

        Args:
            path: file that the command line names; None for examples of the package.

        Raises:
            OSError, ValueError: for a file that is not there or not valid.
        """
        return []

    def browser_first(self, model, example):
        """`Reading` of an example, so that a page shows something before weights arrive; None where it waits for them."""
        return None

    # Scoring and the command line

    def compiled_scorer(self, model, rows, workers):
        """A program that answers many rows faster than `model.predict`; None where there is none.

        It has `encode(inputs)`, a list of sized items, `lanes`, how many of them are computed together, and is a
        thread-safe function from at most `rows / workers` such items to answers float32 `[n, k]`.
        """
        return None

    def forecast_reader(self, start=None, jumps="error", beside=None):
        """For models that forecast from files: a function from a file's path to what `forecasts` takes, checked.

        Args:
            start: text of a date, to forecast from every day on from it; None for the last day alone.
            jumps: "error", or "keep" to take jumps that look like mistakes as real.
            beside: paths by the names of `beside`, None where there is no such file.

        Raises:
            OSError, ValueError: for a `start` that is no date, or files of `beside` that are not there or not valid; the
                function, for files with an error in them.
        """
        raise NotImplementedError(f"Task {self.name!r} forecasts from no files")

    def forecasts(self, model, asked):
        """A DataFrame, indexed by the last day known, from what the function of `forecast_reader` gives: an object with
        `frame`, the rows that were read.
        """
        raise NotImplementedError(f"Task {self.name!r} forecasts from no files")

    def takes_beside(self, card):
        """Whether a model can be given what `beside` names."""
        return False

    def missing(self, card, asked):
        """What it could have been given besides, a list of names of `beside`; `asked` is as the reader gave it."""
        return []

    def read_argument(self, text, beside=None):
        """What `explain` looks at, from an argument of the command line; `beside` as for `forecast_reader`.

        Raises:
            OSError, ValueError: for a file that is not there or not valid.
        """
        import numpy as np

        return np.loadtxt(text, delimiter=",", ndmin=2)

    def read_calibration(self, path):
        """Samples for `export_tflite` from a file that the command line names.

        Raises: as `read_argument`.
        """
        return [self.read_argument(path)]
