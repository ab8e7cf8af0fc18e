"""Training scenes: a few words in a little noise, another scene each time, a pure function of (seed, epoch, batch)."""

from typing import NamedTuple

import numpy as np

from seqzoo.tasks.keyword_spotting.names import SILENCE as SILENT
from seqzoo.tasks.keyword_spotting.names import UNKNOWN as NOT_A_WORD

from . import varied
from .features import TRACTS
from .noises import Noises

STEPS = 100  # rows of a scene, 2 s
HELD = 14  # rows for which a word that has ended is the answer
UNSURE = 4  # rows before a word's end, and after its answer, that teach nothing
REUSED = 3  # epochs that show the same scenes, each time in another room, louder or softer, masked elsewhere
IN_WORD = 0.3  # weight of a row within a word: nothing was said yet


class Source(NamedTuple):
    """clips: list of `seqzoo.data.spoken_words.Clip`. share: how often it is met. kind: "word", "speech" (cut anywhere, unknown)
    or "reversed" (a clip backwards, unknown).
    """

    clips: list
    share: float
    kind: str = "word"


class SceneBatches:
    """Batches for `seqzoo.training.fit.fit`: log-mel float32 `[batch, STEPS, bands]`, targets float32 `[batch, STEPS, 2]`.

    A target is a class and its weight. Words differ in speed (and pitch with it), loudness and place; a scene in tempo, noise,
    loudness and the room's frequency response; bands and rows are masked (Park et al., "SpecAugment", 2019).

    Args:
        sources: list of `Source`.
        classes: names, with `SILENT` and `NOT_A_WORD` among them.
        features: `recipes.speech.features.Features`.
        batches: number of batches an epoch.
        batch_size: scenes in each.
        seed: with the epoch and the batch, decides everything.
        noises: recordings of background, int16 arrays at 8 kHz, to be among those that are made up.
        varied: whether each word sounds as by another microphone, or is cut as by one that hears little (see `varied`),
            and each scene as by other vocal tracts.
    """

    def __init__(self, sources, classes, features, batches, batch_size, seed=0, noises=(), varied=False):
        self.sources = [source for source in sources if source.clips]
        self.shares = np.array([source.share for source in self.sources])
        self.shares /= self.shares.sum()
        self.places = {name: place for place, name in enumerate(classes)}
        self.features, self.batches, self.batch_size, self.seed = features, batches, batch_size, seed
        self._kept, self._kept_of = {}, None
        self.varied = varied
        self.noises = Noises(np.random.Generator(np.random.PCG64([seed, 8])), noises, 192 if varied else 96)
        by_word = [{} for _ in self.sources]
        for groups, source in zip(by_word, self.sources, strict=True):
            for clip in source.clips:
                groups.setdefault(clip.word, []).append(clip)
        self.by_word = [list(groups.values()) for groups in by_word]

    def __len__(self):
        return self.batches

    def rows(self, epoch):
        return np.arange(self.batches)[:, None]

    def batch(self, rows, epoch):
        random = np.random.Generator(np.random.PCG64([self.seed, epoch, int(rows[0]), 7]))
        power, targets = self._scenes(int(rows[0]), epoch // REUSED)
        loudness = 10 ** (random.uniform(-27, 3, (self.batch_size, 1, 1)) / 10)
        power = power * (loudness * self._rooms(random)).astype(np.float32)
        return self._masked(np.log(power + self.features.floor), random), targets

    def _scenes(self, row, group):
        """(power in bands float32 `[batch, STEPS, bands]`, targets) of a batch in the epochs of a group; made once."""
        if self._kept_of != group:
            self._kept, self._kept_of = {}, group
        if row not in self._kept:
            self._kept[row] = self._made(np.random.Generator(np.random.PCG64([self.seed, group, row, 6])))
        return self._kept[row]

    def _made(self, random):
        tempo = random.uniform(0.85, 1.18, self.batch_size)
        steps = self.features.hop * tempo  # samples a row
        sound = np.zeros((self.batch_size, int(STEPS * steps.max()) + 1), np.float32)
        targets = np.zeros((self.batch_size, STEPS, 2), np.float32)
        targets[:, :, 0] = self.places[SILENT]
        targets[:, :, 1] = 0.5
        for line in range(self.batch_size):
            if random.random() > 0.06:
                self._fill(sound[line], targets[line], steps[line], random)
        for line in range(self.batch_size):
            sound[line] += self.noises.draw(sound.shape[1], random)
        ends = np.rint(np.arange(1, STEPS + 1) * steps[:, None]).astype(int)
        tracts = random.integers(len(TRACTS), size=self.batch_size) if self.varied else None
        return self.features.power(sound, ends, tracts), targets

    def _fill(self, sound, target, step, random):
        length, place, loudness = STEPS * step, int(random.exponential(1200)), random.uniform(0.3, 0.9)
        while place < length - 2400:
            word, samples, first, last = self._draw(random)
            samples = samples[: len(sound) - place]
            peak = np.abs(samples).max(initial=1e-3)
            sound[place : place + len(samples)] += samples * (loudness * 10 ** (random.uniform(-6, 3) / 20) / peak)
            begin, end = (place + first) / step, (place + last) / step
            _teach(target, self.places[word], self.places[SILENT], int(begin), int(np.ceil(end)))
            place += len(samples) + int(random.uniform(0, 1) ** 2 * 6400)

    def _draw(self, random):
        """(word, samples, first, last) of a source, at another speed."""
        of = random.choice(len(self.sources), p=self.shares)
        source, groups = self.sources[of], self.by_word[of]
        group = groups[random.integers(len(groups))]
        clip = group[random.integers(len(group))]
        samples, word, first, last = clip.samples.astype(np.float32) / 32768, clip.word, clip.first, clip.last
        if source.kind == "speech":
            length = int(random.uniform(2400, 14000))
            start = int(random.integers(0, max(1, len(samples) - length)))
            samples, word = samples[start : start + length], NOT_A_WORD
            first, last = 0, len(samples)
        elif source.kind == "reversed":
            samples, word, first, last = samples[::-1], NOT_A_WORD, len(samples) - last, len(samples) - first
        else:  # of what surrounds a word, more or less
            before, after = (int(random.exponential(800)) for _ in range(2))
            if self.varied:
                first, last, before, after = varied.cut(samples, (first, last, before, after), random)
            start, stop = max(0, first - before), min(len(samples), last + after)
            samples, first, last = samples[start:stop], first - start, last - start
        speed = float(np.exp(random.uniform(-0.2, 0.2)))
        count = max(2, int(len(samples) / speed))
        samples = np.interp(np.arange(count) * speed, np.arange(len(samples)), samples)
        if self.varied and source.kind == "word":
            samples = varied.recorded(samples, self.noises, random)
        edge = min(40, count // 4)
        ramp = np.linspace(0, 1, edge)
        samples[:edge] *= ramp
        samples[count - edge :] *= ramp[::-1]
        return word, samples.astype(np.float32), first / speed, last / speed

    def _rooms(self, random):
        """Factors of power `[batch, 1, bands]`: a slope and two slow waves, of a few decibels."""
        bands = np.linspace(0, 1, self.features.settings["bands"])[None]
        slope, first, second = (random.normal(0, of, (self.batch_size, 1)) for of in (4, 3, 1.5))
        decibels = slope * (bands - 0.5) * 2 + first * np.cos(2 * np.pi * bands) + second * np.cos(4 * np.pi * bands)
        return (10 ** (decibels / 10)).astype(np.float32)[:, None]

    def _masked(self, rows, random):
        batch, time, bands = rows.shape
        level = rows.mean(axis=(1, 2))
        for line in range(batch):
            if random.random() < 0.5:
                width = int(random.integers(1, 5))
                start = int(random.integers(0, bands - width))
                rows[line, :, start : start + width] = level[line]
            if random.random() < 0.5:
                width = int(random.integers(1, 5))
                start = int(random.integers(0, time - width))
                rows[line, start : start + width] = level[line]
        return rows


def _teach(target, place, silent, begin, end):
    """Write one word's answer, over what an earlier word left."""
    target[begin:end] = silent, IN_WORD * 0.5
    target[max(begin, end - UNSURE) : end, 1] = 0
    target[end : end + HELD] = place, 1.0
    target[end + HELD : end + HELD + UNSURE, 1] = 0
