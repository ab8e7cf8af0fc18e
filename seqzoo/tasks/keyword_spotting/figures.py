"""The figures of a keyword spotter's card; the same for training, publishing and verifying."""

import numpy as np

from seqzoo.tasks.keyword_spotting.events import TAIL, Detector, clip_answer
from seqzoo.tasks.keyword_spotting.front import HOP
from seqzoo.tasks.keyword_spotting.names import SILENCE
from seqzoo.tasks.keyword_spotting.stream import Steps
from seqzoo.tasks.keyword_spotting.waves import checked_wave

GAP = 0.6  # seconds of silence between the clips of a stream
DIGITS = 5  # of every figure on a card


def figures_of(answers, classes, words):
    """`{"accuracy", "examples"}` of answers `[n, classes]` to clips of these words."""
    right = np.argmax(answers, axis=1) == np.array([classes.index(word) for word in words])
    return {"accuracy": round(float(right.mean()), DIGITS), "examples": len(right)}


def measure(model, clips):
    """`figures_of` what a model says of a list of `seqzoo.data.spoken_words.Clip`."""
    return figures_of(model.predict([clip.samples for clip in clips]), model.classes, [clip.word for clip in clips])


def joined(clips, seed=0):
    """Clips in random order with `GAP` between them: a sound float32 `[samples]`, and of each (first step, step behind, word)."""
    pause = int(GAP * 8000) // HOP
    sound, places, step = [], [], pause
    sound.append(np.zeros(pause * HOP, np.float32))
    for row in np.random.default_rng(seed).permutation(len(clips)):
        wave = checked_wave(clips[row].samples)
        steps = -(-len(wave) // HOP)
        sound.append(np.pad(wave, (0, (steps + pause) * HOP - len(wave))))
        places.append((step, step + steps + min(pause, TAIL), clips[row].word))
        step += steps + pause
    return np.concatenate(sound), places


def stream_rows(model, sound):
    """Probabilities float32 `[time, classes]` of a sound whose state goes on through it all."""
    return Steps(model.config, model.tensors())(sound[: len(sound) // HOP * HOP])


def events_of(model, rows, threshold):
    """Every `Event` in probabilities `[time, classes]`."""
    config = model.config
    detector = Detector(config["classes"], config["smoothing"], threshold, config["refractory"])
    found = [event for row in rows if (event := detector.step(row)) is not None]
    return found + [event for event in [detector.finish()] if event]


def recall(events, places):
    """The share of words for which the right event, and no other, was there in their time."""
    right = 0
    for first, behind, word in places:
        heard = [event.word for event in events if first * 0.02 < event.time <= behind * 0.02 + 1e-6]
        right += heard == [word]
    return right / len(places)


def measure_stream(model, clips, whole, threshold=None):
    """How a model does on clips in one stream, `{"accuracy", "whole", "difference", "recall", "threshold", "examples"}`.

    accuracy: of the likeliest class in each clip's time, the state going on from clip to clip. whole: accuracy of the same clips
    one by one. recall: the share of clips for which exactly the right event was given.
    """
    sound, places = joined(clips)
    rows = stream_rows(model, sound)
    silence, smoothing = model.classes.index(SILENCE), model.config["smoothing"]
    answers = [clip_answer(rows[first:behind], smoothing, silence) for first, behind, _ in places]
    found = figures_of(answers, model.classes, [word for *_, word in places])
    threshold = model.config["threshold"] if threshold is None else threshold
    return {
        "accuracy": found["accuracy"],
        "whole": whole,
        "difference": round(whole - found["accuracy"], DIGITS),
        "recall": round(recall(events_of(model, rows, threshold), places), DIGITS),
        "threshold": threshold,
        "examples": found["examples"],
    }


def threshold_of_recall(model, clips, wanted=0.95):
    """The greatest threshold (of hundredths) at which a stream of clips is heard with at least this recall, and the recall.

    Clips must not be of the test split. The least threshold where none does.
    """
    sound, places = joined(clips)
    rows = stream_rows(model, sound)
    for threshold in np.arange(99, 4, -1) / 100:
        found = recall(events_of(model, rows, float(threshold)), places)
        if found >= wanted:
            break
    return float(threshold), found
