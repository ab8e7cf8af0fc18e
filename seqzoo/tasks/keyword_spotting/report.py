"""What a report shows of a keyword spotter: the sound, its log-mel rows and the running verdict, on one axis of time."""

import numpy as np

from seqzoo.tasks.keyword_spotting.events import STEP, clip_answer, smooth
from seqzoo.tasks.keyword_spotting.front import HOP, Front
from seqzoo.tasks.keyword_spotting.names import SILENCE
from seqzoo.tasks.keyword_spotting.phone import hops_of
from seqzoo.tasks.keyword_spotting.stream import FRONT, Steps
from seqzoo.tasks.parts import Map, Quantity, Reading

PEAKS = 4  # pairs of a greatest and a least sample, a step
LONGEST = 10  # seconds: a page shows every step


def cut_of(wave):
    """(what a report shows of a wave, what was left out in words or None)."""
    most = LONGEST * HOP * 50
    return wave[:most], f"It shows the first {LONGEST} of {len(wave) / 8000:.1f} seconds" if len(wave) > most else None


def times_of(hops, lead):
    """When each step ends, from the sound's own beginning on."""
    return [f"{STEP * (step + 1 - lead):.2f} s" for step in range(len(hops))]


def read(model, wave):
    """`Reading` of a checked wave: the smoothed probability of what `predict` answers, step by step."""
    wave, cut = cut_of(wave)
    config = model.config
    lead = config.get("lead", 0)
    hops = hops_of(wave, lead)
    rows = Steps(config, model.tensors())(hops.ravel())
    answer = clip_answer(rows, config["smoothing"], model.classes.index(SILENCE))
    place = int(np.argmax(answer))
    running = smooth(rows, config["smoothing"])[:, place]
    front = Front(*(config[name] for name in FRONT))
    mel, _ = front(hops.ravel(), front.start())
    peaks = 100 * hops.reshape(-1, HOP // PEAKS)
    name = model.classes[place]
    return Reading(
        wave,
        times_of(hops, lead),
        [float(running[0]), *running.tolist()],
        Quantity(f"probability of {name}", "step"),
        [True] * len(hops),
        cut,
        name,
        ("sound, % of full scale", np.stack([peaks.max(axis=1), peaks.min(axis=1)], axis=1).ravel()),
        (Map("log-mel", "the logarithm of the energy in each band, low ones below", "bands", mel.T),),
        float(answer[place]),
    )
