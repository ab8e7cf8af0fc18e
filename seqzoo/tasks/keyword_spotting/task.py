"""What the other rooms may ask of keyword spotters."""

from seqzoo.tasks.keyword_spotting import readme
from seqzoo.tasks.parts import PhoneColumns, Prepared
from seqzoo.tasks.task import Task


class KeywordSpotting(Task):
    """See `seqzoo.tasks.task.Task`."""

    name = "keyword-spotting"
    command = "hear"
    reads = "sound"
    section = "sound"
    card_form = Task.card_form | {"metrics": {"*": {"*": float}}}
    micro_steps = True  # a microcontroller hears hop by hop

    def model_class(self):
        from seqzoo.tasks.keyword_spotting.model import KeywordSpotter

        return KeywordSpotter

    def weight_shapes(self, config):
        from seqzoo.tasks.keyword_spotting.network import KeywordConfig, weight_shapes

        return weight_shapes(KeywordConfig.from_dict(config))

    def quick(self, config, content, tensors):
        from seqzoo.tasks.keyword_spotting.stream import Hearing

        return Hearing(config, tensors)

    def headline(self, card):
        return readme.headline(card)

    def use(self, card):
        return readme.use(card)

    def figures(self, card, table):
        return readme.figures(card, table)

    def phone_columns(self, card):
        return PhoneColumns(
            "a clip, of stream and micro a step",
            ["accuracy"],
            lambda of: [readme.percent(of["accuracy"])],
            "Accuracy on the test split, of clips that are short enough for a file of fixed length",
            "speech.publish",
        )

    def data_kind(self, card):
        from seqzoo.tasks.keyword_spotting.verify import DATA

        return "speech" if card["data"]["name"] == DATA else None

    def check_figures(self, checks, subject):
        from seqzoo.tasks.keyword_spotting.verify import check_figures

        check_figures(checks, subject)

    def serving_module(self, model):
        from seqzoo.tasks.keyword_spotting.serving import SoundToWords

        return SoundToWords(model)

    def serving_signature(self, model):
        classes = len(model.classes)
        return "audio (float32 [n, samples] at 8,000 Hz, -1 to 1)", f"probabilities (float32 [n, {classes}])"

    def ask_served(self, signature, inputs, model):
        from seqzoo.tasks.keyword_spotting.serving import ask_waves

        return ask_waves(signature, inputs)

    def time_steps(self, model):
        return 150  # 2.4 s and the silence around them, 2.6 without a lead

    def sample_inputs(self, source, random):
        from seqzoo.tasks.keyword_spotting.phone import hops_of, sample_sounds

        return [{"audio": hops_of(wave)[None]} for wave in sample_sounds(random)]

    def samples_of(self, source, calibration):
        import numpy as np

        from seqzoo.tasks.keyword_spotting.phone import hops_of
        from seqzoo.tasks.preprocess import unwrapped

        given = [unwrapped(sample) for sample in calibration]
        return [sample if isinstance(sample, dict) or np.ndim(sample) > 1 else {"audio": hops_of(sample)} for sample in given]

    def at_length(self, samples, time_steps):
        from seqzoo.tasks.keyword_spotting.phone import hops_at_length

        return samples if time_steps is None else [hops_at_length(sample, time_steps) for sample in samples]

    def describe(self, source, time_steps, path, folder):
        from seqzoo.tasks.keyword_spotting.phone import describe_sound

        return {"sound": describe_sound(source.model.config)}

    def labels(self, model):
        return list(model.classes)

    def sidecar_form(self):
        from seqzoo.tasks.keyword_spotting.sidecar_form import SoundSection

        return SoundSection

    def preprocessor(self, sidecar, files):
        from seqzoo.tasks.keyword_spotting.preprocess import SoundPreprocessor

        return SoundPreprocessor(sidecar)

    def prepare(self, model, inputs):
        from seqzoo.tasks.keyword_spotting.phone import hops_of
        from seqzoo.tasks.keyword_spotting.report import times_of

        lead = model.config["lead"]
        hops = hops_of(inputs, lead)
        return Prepared(model.network, hops[None], [tuple(times_of(hops, lead))])

    def check_given(self, given):
        from seqzoo.tasks.keyword_spotting.waves import checked_wave

        return checked_wave(given)

    def read(self, model, given):
        from seqzoo.tasks.keyword_spotting.report import read

        return read(model, given)

    def introduce(self, given):
        return "a sound", f"{len(given) / 8000:.2f} seconds", None

    def read_argument(self, text, beside=None):
        from seqzoo.data.sound import read_wav

        return read_wav(text)

    def read_calibration(self, path):
        """A .wav file, or every one below a folder."""
        from pathlib import Path

        from seqzoo.data.sound import read_wav

        if not Path(path).is_dir():
            return [read_wav(path)]
        found = [read_wav(file) for file in sorted(Path(path).rglob("*.wav"))]
        if not found:
            raise ValueError(f"`--calibration` must be a .wav file or a folder with some. Received: {path}")
        return found


TASK = KeywordSpotting()
