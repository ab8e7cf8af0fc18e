"""A keyword spotter's .tflite files: what their sidecar says of sound, samples, and what the card states, measured."""

import time

import numpy as np

from seqzoo.tasks.keyword_spotting.events import TAIL, clip_answer
from seqzoo.tasks.keyword_spotting.front import HOP, RATE, in_hops, steps_of
from seqzoo.tasks.keyword_spotting.names import SILENCE
from seqzoo.tasks.keyword_spotting.waves import checked_wave
from seqzoo.tasks.phone import need_runtime, row_of

NEAR = 0.004  # processors round 8-bit sums differently, which may turn a clip in three hundred
RULE = (
    "Each step takes `hop` samples and gives the classes' probabilities. Average the last `smoothing` of them. A stream: a word "
    "whose average reaches `threshold` and rises no more was said; for `refractory` steps nothing else was, and not the same "
    "word until its average was below. A clip: put `lead` steps of zeros before it and `tail` behind it, and take "
    "the averages where those of class number `silence` are least."
)


def describe_sound(config):
    """The sidecar's account of how sound becomes hops and probabilities an answer."""
    names = ("smoothing", "threshold", "refractory")
    return {
        "rate": RATE,
        "hop": HOP,
        "range": "-1 to 1: 16-bit samples divided by 32768",
        "lead": config["lead"],
        "tail": TAIL,
        "silence": config["classes"].index(SILENCE),
        "rule": RULE,
    } | {name: config[name] for name in names}


def hops_of(wave, lead=0):
    """float32 `[time, HOP]` of a wave, with `lead` hops of silence before it and `TAIL` behind it."""
    return in_hops(checked_wave(wave), lead, TAIL)


def hops_at_length(sample, steps):
    """A sample, hops `[..., time, HOP]` or a dict of them, of so many steps: cut, or begun again at its end."""
    if isinstance(sample, dict):
        return {name: hops_at_length(value, steps) for name, value in sample.items()}
    hops = np.asarray(sample)
    return np.take(hops, np.arange(steps) % hops.shape[-2], axis=-2)


def sample_sounds(random, count=48):
    """Made-up sound of many loudnesses: hiss that comes and goes, and tones with overtones, `[samples]` each."""
    found = []
    for place in range(count):
        length = int(random.integers(10, 60)) * HOP
        at = np.arange(length) / RATE
        swell = np.interp(np.arange(length), np.linspace(0, length, 7), random.uniform(0, 1, 7))
        pitch = 2 * np.pi * np.cumsum(np.interp(at, [0, at[-1]], random.uniform(80, 300, 2))) / RATE
        voice = sum(random.uniform(0, 1) / k * np.sin(k * pitch) for k in range(1, 13))
        sound = swell * (voice / 4 if place % 2 else random.normal(0, 0.3, length))
        found.append(np.clip(sound * 10 ** random.uniform(-2, 0), -1, 1).astype(np.float32))
    return found


def measure_file(runner, waves, places):
    """A file's row on the card: what it is, median milliseconds on one thread, accuracy, and the share that is answered so.

    A file of one step a call is timed by the step, another by the clip.

    Args:
        runner: `seqzoo.export.TFLiteRunner` of the file.
        waves: list of clips, those too long for a file of fixed length left out.
        places: int `[n]`, of the right classes.
    """
    seconds, found, section = [], [], runner.sidecar["sound"]
    for wave in waves:
        if runner.sidecar["form"] != "step":
            start = time.perf_counter()
            found.append(runner([wave])[0])
            seconds.append(time.perf_counter() - start)
            continue
        states, rows = runner.start(), []
        for hop in hops_of(wave, section.get("lead", 0)):
            start = time.perf_counter()
            row, states = runner.step(hop[None], states)
            seconds.append(time.perf_counter() - start)
            rows.append(row[0])
        found.append(clip_answer(np.stack(rows), section["smoothing"], section["silence"]))
    right = np.argmax(found, axis=1) == np.asarray(places)
    return row_of(runner, seconds, accuracy=float(right.mean()), examples=len(right))


def short_enough(runner, clips):
    """Those of clips that a file of fixed length takes."""
    steps, section = runner.sidecar["time_steps"], runner.sidecar["sound"]
    if steps is None:
        return list(clips)
    around = section.get("lead", 0), section["tail"], section["hop"]
    return [clip for clip in clips if steps_of(len(clip.samples), *around) <= steps]


def check_phone_figures(subject, name, stated, clips):
    """(True, what was measured again of the file `name`); the time is that of the machine here and is only told.

    Raises:
        ValueError: if a figure is not what the card states.
        NotMadeError: where .tflite files cannot be run.
    """
    need_runtime()
    runner = subject.open_file(subject.folder / name)
    clips = short_enough(runner, clips)
    received = measure_file(runner, [clip.samples for clip in clips], [subject.model.classes.index(clip.word) for clip in clips])
    exact = received.keys() - {"milliseconds", "accuracy"}
    same = all(received[key] == stated.get(key) for key in exact)
    if not same or abs(received["accuracy"] - stated["accuracy"]) > NEAR:
        raise ValueError(f"The card states {stated} of {name}. Received: {received}")
    return True, f"accuracy {received['accuracy']:.5f}; {received['milliseconds']} ms on this machine"
