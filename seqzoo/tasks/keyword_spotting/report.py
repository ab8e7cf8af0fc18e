"""What a report shows of a keyword spotter: the sound, its log-mel rows and the running verdict, on one axis of time."""

import numpy as np

from seqzoo.tasks.keyword_spotting.events import SILENCE, STEP, UNKNOWN, clip_answer, smooth
from seqzoo.tasks.keyword_spotting.front import HOP, Front
from seqzoo.tasks.keyword_spotting.phone import hops_of
from seqzoo.tasks.keyword_spotting.stream import FRONT, Steps
from seqzoo.tasks.parts import Map, Quantity, Reading

PEAKS = 4  # pairs of a greatest and a least sample, a step
LONGEST = 10  # seconds: a page shows every step


def cut_of(wave):
    """(what a report shows of a wave, what was left out in words or None)."""
    most = LONGEST * HOP * 50
    return wave[:most], f"It shows the first {LONGEST} of {len(wave) / 8000:.1f} seconds" if len(wave) > most else None


def read(model, wave):
    """`Reading` of a checked wave: the smoothed probability of the word that is likeliest in the end, step by step."""
    wave, cut = cut_of(wave)
    hops, config = hops_of(wave), model.config
    rows = Steps(config, model.tensors())(hops.ravel())
    smoothed = smooth(rows, config["smoothing"])
    answer = clip_answer(rows, config["smoothing"], model.classes.index(SILENCE))
    words = [place for place, name in enumerate(model.classes) if name not in (SILENCE, UNKNOWN)]
    likeliest = words[int(np.argmax(smoothed[:, words].max(axis=0)))]
    mel, _ = Front(*(config[name] for name in FRONT))(hops.ravel(), np.zeros(config["window"] - HOP, np.float32))
    peaks = hops.reshape(-1, HOP // PEAKS)
    line = np.stack([peaks.max(axis=1), peaks.min(axis=1)], axis=1).ravel()
    steps = [f"{STEP * (step + 1):.2f} s" for step in range(len(hops))]
    name = model.classes[likeliest]
    return Reading(
        wave,
        steps,
        [float(rows[0, likeliest]), *(float(value) for value in smoothed[:, likeliest])],
        Quantity(f"probability of {name}", "step"),
        [True] * len(steps),
        cut,
        model.classes[int(np.argmax(answer))],
        ("sound", line),
        (Map("log-mel", "the logarithm of the energy in each band, low ones below", "bands", mel.T),),
    )
