"""What the other rooms may ask of text classifiers."""

from seqzoo.tasks.parts import PHONE_FORM, PhoneColumns, Prepared, Quantity, Reading
from seqzoo.tasks.text_classification import readme
from seqzoo.tasks.text_classification.parts import data_set_of
from seqzoo.tasks.text_task import TextTask

_FIGURES = {"accuracy": float, "loss": float, "examples": int}
_MEASURED = _FIGURES | {"calibration_error": float}


class TextClassification(TextTask):
    """See `seqzoo.tasks.task.Task`; what both text tasks share is in `TextTask`."""

    name = "text-classification"
    command = "predict"
    card_form = {
        "metrics": {
            "test?": _FIGURES,
            "validation?": _FIGURES,
            "seeds?": {"*": float},
            "measured?": {"*": _MEASURED},  # on several sets of texts
            "phenomena?": {"*": float},  # accuracy by phenomenon of language
            "pairs?": {"*": float},  # share of pairs in the right order
        },
        "baselines": [{"name": str, "accuracy": float, "parameters": int, "split": str}],
        "phone?": {"*": PHONE_FORM | {"accuracy": float}},
    }
    section = "text"
    samples_are_raw = samples_join = True
    browser_models = ("sentiment-lstm", "imdb-lstm", "imdb-rnn")
    padding = "behind"  # `Vocabulary.pad`

    def model_class(self):
        from seqzoo.tasks.text_classification.model import TextClassifier

        return TextClassifier

    def weight_shapes(self, config):
        from seqzoo.tasks.text_classification.network import weight_shapes

        return weight_shapes(self.model_class().config_class.from_dict(config))

    def quick_class(self):
        from seqzoo.tasks.text_classification.quick import QuickClassifier

        return QuickClassifier

    def headline(self, card):
        return readme.headline(card)

    def use(self, card):
        return readme.use(card, self.data_kind(card) is not None)

    def figures(self, card, table):
        return readme.figures(card, table)

    def phone_columns(self, card):
        told = "Accuracy on that many examples of the test split, the first ones"
        return PhoneColumns("a text", ["accuracy"], lambda of: [readme.percent(of["accuracy"])], told)

    def data_kind(self, card):
        from seqzoo.data import places

        return "reviews" if data_set_of(card) in places.SOURCES else None  # not of somebody's own texts

    def check_figures(self, checks, subject):
        from seqzoo.tasks.text_classification.verify import check_figures

        check_figures(checks, subject)

    def serving_module(self, model):
        from seqzoo.tasks.text_classification.serving import TextToProbability

        return TextToProbability(model)

    def serving_signature(self, model):
        several = len(model.classes) > 2
        return "text (string [n])", f"probability (float32 [n{', classes' * several}])"

    def tflite_source(self, model):
        from seqzoo.tasks.source import Source

        name = getattr(model, "name", model.network.name)
        return Source(model.network, name, [("ids", "int32", (None,))], ["probability"], self, model)

    def time_steps(self, model):
        return model.config["max_tokens"]

    def sample_inputs(self, source, random):
        from seqzoo.tasks.text_classification.phone import sample_texts

        return sample_texts(source.model, random)

    def expected(self, source, samples, time_steps):
        rows = source.model.vocabulary.encode_list(samples, self._longest(source.model, time_steps))
        return [{"probability": source.model.predict_ids(source.model.vocabulary.pad([row]))} for row in rows]

    def finish(self, source, outputs):
        # [batch, 1] of two classes becomes [batch]; of more it is [batch, classes].
        return [outputs[0][:, 0]] if outputs[0].shape[-1] == 1 else outputs

    def describe(self, source, time_steps, path, folder):
        from seqzoo.tasks.text_classification.phone import describe_text

        return {"text": describe_text(source.model, self._longest(source.model, time_steps), path, folder)}

    def labels(self, model):
        return list(model.classes) if len(model.classes) > 2 else list(model.classes[1:])

    def sidecar_form(self):
        from seqzoo.tasks.text_classification.sidecar_form import TextSection

        return TextSection

    def sidecar_files(self, sidecar):
        return {sidecar["text"]["vocabulary"]: sidecar["text"]["vocabulary_sha256"]}

    def preprocessor(self, sidecar, files):
        from seqzoo.tasks.text_classification.preprocess import TextPreprocessor

        return TextPreprocessor(sidecar, files)

    def micro_program(self, source, batch_size, time_steps, run_fused):
        from seqzoo.tasks.text_classification.micro import micro_program

        return micro_program(source, batch_size, time_steps, run_fused)

    def prepare(self, model, inputs):
        ids, steps = self._words_read(model, inputs)
        loss = "sparse_categorical_crossentropy" if len(model.classes) > 2 else "binary_crossentropy"
        return Prepared(model.network, ids, steps, ids != 0, loss)

    def read(self, model, given):
        from seqzoo.tasks.text_classification.report import running_verdict

        words, cut = self._split(model, given)
        kept = " ".join(words)  # tokens joined by spaces are the same tokens again
        ids = model.encode([kept])[0]
        answers, classes, shown = running_verdict(model, ids), model.classes, -1
        if answers.ndim > 1:  # of more than two classes, the one that is the most probable in the end
            shown = int(answers[-1].argmax())
            answers, label = answers[:, shown], classes[shown]
        else:
            label = classes[int(answers[-1] > 0.5)]
        known, quantity = [bool(i != 1) for i in ids], Quantity(f"P({classes[shown]})", "word")
        return Reading([kept], words, answers, quantity, known, self._describe_cut(words, cut), label)

    def browser_form(self, config):
        from seqzoo.tasks.text_classification.browser import browser_form

        return browser_form(config)

    def browser_examples(self, path=None):
        from seqzoo.tasks.text_classification.browser import browser_examples

        return browser_examples(path)

    def browser_first(self, model, example):
        return self.read(model, example)

    def compiled_scorer(self, model, rows, workers):
        from seqzoo.tasks.text_classification.compiled import CompiledClassifier, supported

        batches = -(-rows // (workers * CompiledClassifier.lanes))
        return CompiledClassifier(model, batches) if supported(model) else None

    @staticmethod
    def _longest(model, time_steps):
        return min(model.config["max_tokens"], time_steps or model.config["max_tokens"])


TASK = TextClassification()
