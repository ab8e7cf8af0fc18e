"""Apache Beam: a pretrained model as the `ModelHandler` of Beam's `RunInference`. Needs the extra `seqzoo[beam]`.

A pipeline is built without TensorFlow. Each worker process loads the model once, by its name.
"""

import threading
from collections.abc import Sequence
from typing import Any

from seqzoo.scoring.rows import LONGEST

try:
    from apache_beam.ml.inference.base import ModelHandler, PredictionResult
except ImportError as error:
    raise ImportError(
        f"Pipelines need Apache Beam: pip install 'seqzoo[beam]'. Received: {error}", name=getattr(error, "name", None)
    ) from error

__all__ = ["PretrainedModelHandler", "length_of", "scorable"]

LARGEST_BATCH = 8192  # texts that are sorted by length together, as `seqzoo.scoring.rows.CHUNK`


def length_of(example):
    """The words of a text, or of the text in `(key, text)`, as a `KeyedModelHandler` hands it over; 1 for all else."""
    text = example[1] if isinstance(example, tuple) and len(example) == 2 else example
    return max(1, len(text.split())) if isinstance(text, str) else 1


def scorable(example):
    """The example, a text or `(key, text)`, where it can be scored: a function for `with_preprocess_fn`.

    With `RunInference(...).with_exception_handling()` it sends each text that can't be scored to
    `failed_preprocessing`, alone; a batch with one would go to `failed_inferences` as a whole.

    Raises:
        TypeError: for what is no str.
        ValueError: for a text without a character to read, or of more than 10,000,000.
    """
    text = example[1] if isinstance(example, tuple) and len(example) == 2 else example
    if not isinstance(text, str):
        raise TypeError(f"A text must be a str. Received: {type(text).__name__}")
    if not text.strip():
        raise ValueError("A text must hold a word. Received: no text")
    if len(text) > LONGEST:
        raise ValueError(f"A text may have {LONGEST:,} characters. Received: {len(text):,}")
    return example


class PretrainedModelHandler(ModelHandler):
    """What `RunInference` asks, answered by `seqzoo.load_pretrained`.

    Examples are what the model's own method takes one of. Of a text classifier: str; the inference is the
    probability of the second class, a float, or of more than two classes float32 `[classes]`. Of a forecaster:
    a DataFrame of one ticker's daily prices; the inference is the DataFrame of `model.forecast`. Of any other
    model: an input of `model.predict` without its batch.

    A batch is sorted by length before it is scored, so that texts pad each other little. With
    `max_batch_duration_secs` Beam also collects batches across bundles, a bucket of lengths each
    (`batch_length_fn`, `batch_bucket_boundaries`): that is for streams, whose bundles are small.

    `KeyedModelHandler(handler)`, `with_preprocess_fn`, `with_postprocess_fn`, `with_no_batching`, `large_model` and
    model updates (`watch_model_pattern`) work as with Beam's own handlers.

    Args:
        model: what `load_pretrained` takes, a name or a folder's path, which every worker must have.
        threads: that score texts in a worker process; as many as it has cores when None. For several processes on one
            machine: its cores by their number.
        min_batch_size, max_batch_size, max_batch_duration_secs, batch_length_fn, batch_bucket_boundaries: as of Beam's
            `ModelHandler`. The length is the number of words where no function is given.
        **kwargs: `large_model`, `model_copies`, `max_batch_weight`, `element_size_fn`, `env_vars`, as there.

    Raises:
        TypeError: for a model that is neither str nor path.
        ValueError: for boundaries that are not positive and sorted, or a number of threads below 1.

    Source: https://beam.apache.org/documentation/ml/about-ml/, custom model handlers.
    """

    def __init__(
        self,
        model: str,
        *,
        threads: int | None = None,
        min_batch_size: int | None = 512,
        max_batch_size: int | None = LARGEST_BATCH,
        max_batch_duration_secs: float | None = None,
        batch_length_fn=length_of,
        batch_bucket_boundaries: list[int] | None = None,
        **kwargs,
    ):
        if not isinstance(model, str) and not hasattr(model, "__fspath__"):
            raise TypeError(f"`model` must be a name of `seqzoo list`, or a model folder's path. Received: {model!r}")
        if threads is not None and (isinstance(threads, bool) or not isinstance(threads, int) or threads < 1):
            raise ValueError(f"`threads` must be a whole number of at least 1, or None. Received: {threads!r}")
        if batch_bucket_boundaries is not None:
            _check_boundaries(batch_bucket_boundaries)
        if min_batch_size is not None and max_batch_size is not None:
            min_batch_size = min(min_batch_size, max_batch_size)
        super().__init__(
            min_batch_size=min_batch_size,
            max_batch_size=max_batch_size,
            max_batch_duration_secs=max_batch_duration_secs,
            batch_length_fn=batch_length_fn,
            batch_bucket_boundaries=batch_bucket_boundaries,
            **kwargs,
        )
        self.model, self.threads, self.rows = str(model), threads, max_batch_size or LARGEST_BATCH

    def load_model(self):
        from seqzoo.quiet import import_tensorflow
        from seqzoo.zoo import load_pretrained

        import_tensorflow()
        return LoadedModel(load_pretrained(self.model), self.rows, self.threads)

    def run_inference(self, batch: Sequence[Any], model: "LoadedModel", inference_args: dict[str, Any] | None = None):
        """`PredictionResult(example, inference, model_id)` of each example, in their order.

        Args:
            inference_args: of a forecaster `start` and `jumps` of `model.forecast`; of any other model none.

        Raises:
            TypeError, ValueError: as the model's method does, for the whole batch; see `scorable`.
        """
        batch = list(batch)
        answers = model.answer(batch, **(inference_args or {}))
        return [PredictionResult(example, answer, self.model) for example, answer in zip(batch, answers, strict=True)]

    def update_model_path(self, model_path=None):
        self.model = model_path or self.model

    def get_num_bytes(self, batch):
        if all(isinstance(example, str) for example in batch):
            return sum(map(len, batch))  # Beam's way would pickle them
        return super().get_num_bytes(batch)

    def get_metrics_namespace(self):
        return "BeamML_seqzoo"


class LoadedModel:
    """A pretrained model in a worker process, asked by one thread at a time: it uses the cores itself.

    Args:
        model: as `load_pretrained` gives it.
        rows: texts in a batch, at most.
        threads: that score them, or None.
    """

    def __init__(self, model, rows, threads):
        from seqzoo.scoring.scorer import WORTH, Scorer
        from seqzoo.tasks import task_of

        task = task_of(model)
        self.model, self.command, self.rows, self.worth = model, task and task.command, rows, WORTH
        self.classes = getattr(model, "classes", ("negative", "positive"))
        self.scorer, self.chosen, self.lock = Scorer(model, rows, workers=threads), False, threading.Lock()

    def answer(self, batch, **options):
        """The answers to a list of examples, one each."""
        if self.command == "forecast":
            with self.lock:
                return [self.model.forecast(frame, **options) for frame in batch]
        if options:
            raise ValueError(f"This model takes no arguments beside its input. Received: {', '.join(options)}")
        if self.command == "predict":
            return [answer for start in range(0, len(batch), self.rows) for answer in self._score(batch[start:][: self.rows])]
        with self.lock:
            return list(self.model.predict(_stacked(batch)))

    def _score(self, texts):
        wrong = next((text for text in texts if not isinstance(text, str)), "")
        if wrong != "":
            raise TypeError(f"A text must be a str; `scorable` keeps others out. Received: {type(wrong).__name__}")
        with self.lock:
            if not self.chosen and len(texts) >= self.worth:
                self.scorer.choose(texts)  # once: the program serves every later batch
                self.chosen = True
            answers = self.scorer.start(texts)()
        return answers.tolist() if getattr(answers, "ndim", 1) == 1 and len(answers) else list(answers)


def _stacked(batch):
    import numpy as np

    arrays = [np.asarray(example) for example in batch]
    return np.stack(arrays) if len({array.shape for array in arrays}) == 1 else batch


def _check_boundaries(boundaries):
    numbers = all(isinstance(each, int) and not isinstance(each, bool) and each > 0 for each in boundaries)
    if not boundaries or not numbers or list(boundaries) != sorted(set(boundaries)):
        raise ValueError(
            f"`batch_bucket_boundaries` must be numbers of words above 0, each greater than the one before, such as "
            f"[16, 64, 256]. Received: {boundaries}"
        )
