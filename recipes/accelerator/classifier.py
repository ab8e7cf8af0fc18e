"""A teacher that learns from labels and from texts without, and students that learn from what it thinks, under JAX."""

import functools
import math
import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from ..imdb.odds import SUREST, geometric_mean
from .corpus import Draws, gather
from .mixed import mixed, plain
from .network import embed, logits
from .trainer import Trainer, slope_of

LONG, SHORT = (160, 256, 400), (24, 64, 256)  # lengths of batches of reviews, and of shorter texts
SLOWER = {"directions": 2.6, "embedding": 2.6**2}  # what a classifier began with moves less than its head
MOST = 800  # words that are read of a text, its last
ENDS = 0.7  # of longer reviews so many are met with their last words, the others with any stretch


def answers(form, weights, texts, sizes=(160, 400, MOST), words=120_000):
    """The probability of positive of texts, float32 `[n]`."""
    run = _compiled_answer(form)
    found = np.zeros(len(texts), np.float32)
    for size, of in texts.buckets(sizes).items():
        rows = words // size  # whatever the number of texts: one shape a size is compiled
        for begin in range(0, len(of), rows):
            places = of[begin : begin + rows]
            starts, lengths = texts.cut(np.resize(places, rows), size)
            found[places] = np.asarray(run(weights, texts.ids, starts, lengths, size))[: len(places)]
    return found


@functools.lru_cache
def _compiled_answer(form):
    return jax.jit(partial(_answer, form), static_argnums=(4,))


def _answer(form, weights, ids, starts, lengths, size):
    return jax.nn.sigmoid(logits(form, weights, embed(form, weights, gather(ids, starts, lengths, size)), lengths))


def judge(form, weights, judges):
    """Of each of `{name: Texts}` the share of right answers and the mean cross-entropy."""
    return {name: figures(answers(form, weights, of), of.labels) for name, of in judges.items()}


def figures(opinions, labels):
    """(accuracy, mean cross-entropy) of probabilities, rounded."""
    right = ((opinions > 0.5) == (labels > 0.5)).mean()
    return round(float(right), 4), round(float(log_loss(opinions, labels)), 4)


def log_loss(opinions, labels):
    """Mean cross-entropy, none of it greater than that of `SUREST`."""
    return -np.log(np.clip(np.abs(1 - labels - opinions), SUREST, 1)).mean()


def best_share(one, other, labels):
    """The share of `one` at which the mean opinion is nearest to the labels."""
    shares = np.linspace(0, 1, 11)
    losses = [log_loss(geometric_mean(one, other, share), labels) for share in shares]
    return float(shares[np.argmin(losses)])


def train_teacher(form, weights, texts, taught, effort, options, random, key, log, judges):
    """Labels, misleading vectors and unlabelled reviews (`mixed`), and in between shorter texts with labels.

    Args:
        texts: `{"long": Texts, "unlabelled": Texts, "short": Texts}`.
        taught: whether the labels of the unlabelled are what other models think; they count less and less.
        options: namespace with `teacher_rate`, `labelled` and `unlabelled` (texts in a batch), `short_rows`, `short_steps`
            (share).

    Returns:
        The mean of the weights.
    """
    long, unlabelled, short = texts["long"], texts["unlabelled"], texts["short"]
    draws = Draws(long, LONG, 10**9, options.labelled, random)
    others = Draws(unlabelled, LONG, 10**9, options.unlabelled, random)
    shorter = Draws(short, SHORT, 24 * options.short_rows, options.short_rows, random)
    ids = {"long": long.ids, "unlabelled": unlabelled.ids, "short": short.ids}

    def long_slope(size, weights, ids, starts, lengths, more_starts, more_lengths, labels, own, taught, key):
        cut = gather(ids["long"], starts, lengths, size)
        more = gather(ids["unlabelled"], more_starts, more_lengths, size)
        both = jnp.concatenate([lengths, more_lengths])
        rows = jnp.concatenate([cut, more])
        return mixed(form, weights, rows, both, labels, len(cut), key, own, taught, apart=form.bidirectional)

    def short_loss(size, weights, ids, starts, lengths, labels, key):
        return plain(form, weights, gather(ids["short"], starts, lengths, size), lengths, labels, key)

    def long_step(trainer, size, own, taught):
        places, more = draws.places(size), others.places(size)
        labels = np.concatenate([long.labels[places], unlabelled.labels[more]])
        data = (*long.cut(places, size, random, ENDS), *unlabelled.cut(more, size, random, ENDS), labels, own, taught)
        return trainer.step(f"long {size}", partial(long_slope, size), ids, *data, jax.random.fold_in(key, trainer.steps))

    def short_step(trainer, size):
        places = shorter.places(size)
        data = (*short.cut(places, size, random), short.labels[places])
        slope = slope_of(partial(short_loss, size))
        return trainer.step(f"short {size}", slope, ids, *data, jax.random.fold_in(key, trainer.steps))

    full = (np.float32(1),) * 2
    kinds = [(long_step, size, full) for size in draws.buckets] + [(short_step, size, ()) for size in shorter.buckets]
    trainer = Trainer(weights, SLOWER)
    times, spent = _timed(trainer, kinds, log)
    chances = np.array([*(1 - options.short_steps) * draws.chances, *options.short_steps * shorter.chances])
    total = effort.steps_of((chances * times).sum(), spent)
    passes = (1 - options.short_steps) * total * options.labelled / len(long)
    log(f"teacher: {total} steps, {passes:.1f} passes over labelled reviews")
    trainer.begin(weights, total, options.teacher_rate)
    recent = []
    for place in range(total):
        done = place / total
        if random.random() < options.short_steps:
            short_step(trainer, shorter.size())
        else:
            weighed = min(1.0, done / 0.15), taught * (1 - done)
            recent.append(long_step(trainer, draws.size(), *map(np.float32, weighed)))
        if (place + 1) % max(1, total // 6) == 0:
            log(f"teacher: step {place + 1}, {_means(recent)}, {judge(form, trainer.mean, judges)}")
            recent = []
    return trainer.mean


def train_student(form, weights, short, texts, effort, options, random, key, log, judges, keep):
    """Learns what a teacher thinks: of reviews beside misleading vectors, of shorter texts without.

    Args:
        short: share of the steps on shorter texts.
        texts: `{"reviews": Texts, "short": Texts}`; their labels are what is learnt.
        judges: with the `reviews` for validation.
        keep: called with what `reviews` were judged best with yet.

    Returns:
        The mean of the weights when the cross-entropy of `judges["reviews"]` was least, of looks after each sixth of the steps.

    Raises:
        FloatingPointError: it never was a number.
    """
    kinds, sources = [], {}
    ids = {name: of.ids for name, of in texts.items()}
    for name, sizes, share in (("reviews", LONG, 1 - short), ("short", SHORT, short)):
        draws = Draws(texts[name], sizes, options.student_words, 1024, random)
        sources[name] = (texts[name], draws)
        kinds += [(name, size, share * chance) for size, chance in zip(draws.buckets, draws.chances, strict=True)]

    def slope(name, size, weights, ids, starts, lengths, labels, key):
        cut = gather(ids[name], starts, lengths, size)
        if name == "short":
            return slope_of(partial(plain, form))(weights, cut, lengths, labels, key)
        return mixed(form, weights, cut, lengths, labels, len(cut), key)

    def step(trainer, name, size):
        of, draws = sources[name]
        places = draws.places(size)
        data = (*of.cut(places, size, random, ENDS), of.labels[places], jax.random.fold_in(key, trainer.steps))
        return trainer.step(f"{name} {size}", partial(slope, name, size), ids, *data)

    runs = [((lambda trainer, size, name=name: step(trainer, name, size)), size, ()) for name, size, _ in kinds]
    trainer = Trainer(weights, SLOWER)
    times, spent = _timed(trainer, runs, log)
    chances = np.array([chance for *_, chance in kinds])
    total = effort.steps_of((chances * times).sum(), spent)
    log(f"student: {total} steps")
    trainer.begin(weights, total, options.student_rate)
    recent, least, best = [], math.inf, None
    for place in range(total):
        name, size, _ = kinds[random.choice(len(kinds), p=chances)]
        recent.append(step(trainer, name, size))
        if (place + 1) % max(1, total // 6) == 0:
            found = judge(form, trainer.mean, judges)
            log(f"student: step {place + 1}, {_means(recent)}, {found}")
            if (loss := found["reviews"][1]) < least:
                least, best = loss, jax.tree.map(np.asarray, trainer.mean)
                keep(best)
            recent = []
    if best is None:
        raise FloatingPointError("A student's loss must be a number; try a lower --student-rate. Received: NaN at every look")
    return best


def _timed(trainer, kinds, log):
    """Compiles each kind of step and times it: seconds of each `[kinds]`, and how long that took."""
    begun, times = time.time(), []
    for run, size, more in kinds:
        jax.block_until_ready(run(trainer, size, *more))
        since = time.time()
        for _ in range(3):
            found = run(trainer, size, *more)
        jax.block_until_ready(found)
        times.append((time.time() - since) / 3)
    spent = time.time() - begun
    log(f"compiled in {spent:.1f} s; milliseconds a step {(1000 * np.array(times)).round(1).tolist()}")
    return np.array(times), spent


def _means(found):
    """Of each part of a loss the mean over the last steps that had it."""
    parts = {}
    for of in found[-100:]:
        for name, value in of.items():
            parts.setdefault(name, []).append(float(value))
    return {name: round(sum(values) / len(values), 4) for name, values in parts.items()}
