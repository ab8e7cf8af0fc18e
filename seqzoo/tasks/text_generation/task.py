"""What the other rooms may ask of language models."""

from seqzoo.tasks.parts import DATA_FORM, Prepared, Quantity, Reading
from seqzoo.tasks.text_generation import readme
from seqzoo.tasks.text_task import TextTask

START = "(start)"  # what stands where a language model begins, for people


class TextGeneration(TextTask):
    """See `seqzoo.tasks.task.Task`; what both text tasks share is in `TextTask`."""

    name = "text-generation"
    command = "generate"
    section = "language"
    streams = True  # a file goes on word by word
    card_form = {
        "metrics": {"held_out?": {"perplexity": float, "words": int, "examples": int}},
        "baselines": [{"name": str, "perplexity": float, "parameters": int, "split": str}],
        "data": DATA_FORM | {"held_out_share": float},
    }

    def model_class(self):
        from seqzoo.tasks.text_generation.model import LanguageModel

        return LanguageModel

    def weight_shapes(self, config):
        from seqzoo.tasks.text_generation.model import weight_shapes

        return weight_shapes(self.model_class().config_class.from_dict(config))

    def quick_class(self):
        from seqzoo.tasks.text_generation.quick import QuickLanguageModel

        return QuickLanguageModel

    def headline(self, card):
        return readme.headline(card)

    def use(self, card):
        return readme.use(card)

    def figures(self, card, table):
        return readme.figures(card, table)

    def data_kind(self, card):
        return "reviews"

    def check_figures(self, checks, subject):
        from seqzoo.tasks.text_generation.verify import check_figures

        check_figures(checks, subject)

    def serving_module(self, model):
        from seqzoo.tasks.text_generation.serving import TextToLogProbability

        return TextToLogProbability(model)

    def serving_signature(self, model):
        return "text (string [n])", "log_probability (float32 [n])"

    def tflite_source(self, model):
        from seqzoo.tasks.source import Source
        from seqzoo.tasks.text_generation.network import log_probability_network

        network, inputs = log_probability_network(model), [("ids", "int32", (None,))]
        return Source(network, getattr(model, "name", network.name), inputs, ["log_probability"], self, model)

    def samples_of(self, source, calibration):
        return [source.model.encode([text])[0] for text in super().samples_of(source, calibration)]

    def describe(self, source, time_steps, path, folder):
        from seqzoo.tasks.text_generation.phone import describe_language

        return {"language": describe_language(source.model, path, folder)}

    def sidecar_files(self, sidecar):
        return {sidecar["language"]["vocabulary"]: sidecar["language"]["vocabulary_sha256"]}

    def prepare(self, model, inputs):
        ids, steps = self._words_read(model, inputs)
        steps = [(START, *(reversed(words) if model.config["backwards"] else words)) for words in steps]
        valid = ids != 0
        valid[:, 0] = True  # a start has the id of padding
        return Prepared(model.network, ids, steps, valid)

    def read(self, model, given):
        (words,) = self.prepare(model, [given]).steps
        ids = model.encode([given])[0]
        scores = model.log_probabilities([ids[1:]])[0][:-1]  # of the words, without the end
        # The start is read before there is a word to judge.
        answers = [0.0, 0.0, *(float(score) for score in scores.cumsum())]
        quantity = Quantity("log-probability of the words so far", "word", 2, probability=False)
        return Reading([given], list(words), answers, quantity, [step == 0 or bool(i != 1) for step, i in enumerate(ids)])


TASK = TextGeneration()
