"""The stages of `recipes.accelerator.train`, each kept when it is finished."""

import json
import shlex
import time

import jax
import numpy as np

from ..imdb.odds import geometric_mean
from ..shared.command import read_made
from .check import check, check_known
from .classifier import answers, best_share, figures, judge, train_student, train_teacher
from .commands import command_with
from .corpus import Texts
from .forms import STUDENT, TEACHER, Form, names
from .language import train_language
from .network import begin, named, unnamed
from .trainer import Effort


def scaled(form, by):
    sizes = {name: max(4, getattr(form, name) // by) for name in ("vocabulary_size", "embedding_size", "units")}
    return form._replace(**sizes)


class Stages:
    """Weights of finished stages, each in a file.

    Args:
        folder: where they are; `command` is what made them.

    Raises:
        ValueError: those that are there are another command's.
    """

    def __init__(self, folder, command, log):
        self.folder, self.log, kept = folder, log, folder / "command.txt"
        folder.mkdir(parents=True, exist_ok=True)
        if kept.exists() and (before := kept.read_text()) != command:
            raise ValueError(f"{folder} holds stages of `{before}`, which only that goes on with. Received: `{command}`")
        kept.write_text(command)

    def get(self, name, make):
        """The tree of arrays that `make()` gives, from its file if it was made before."""
        path = self.folder / f"{name.replace(' ', '_')}.npy"
        if not path.exists():
            begun = time.time()
            tree = jax.tree.map(np.asarray, make())
            part = path.with_suffix(".part.npy")
            np.save(part, np.array(tree, dtype=object), allow_pickle=True)
            part.rename(path)
            self.log(f"{name}: done in {time.time() - begun:.0f} s")
        return np.load(path, allow_pickle=True).item()


def soft(texts, opinions, own):
    """The texts with labels between their own and a teacher's opinions."""
    texts.labels = (own * texts.labels + (1 - own) * opinions).astype(np.float32)


def begun_with(file):
    """The form and the weights that `prepare --begin` wrote, or (None, None)."""
    if "begin.form" not in file:
        return None, None
    form = Form(**json.loads(str(file["begin.form"])))
    return form, unnamed(form, {name: file[f"begin.{name}"] for name in names(form)})


def learn(options, parts):
    """Goes through the stages.

    Args:
        options: of `recipes.accelerator.train`.
        parts: `{stage: its share of the minutes}`; the student takes what the others leave.
    """
    options.output.mkdir(parents=True, exist_ok=True)
    begun = time.time()

    def log(line):
        with open(options.output / "log.txt", "a") as file:
            print(f"[{time.time() - begun:.0f}] {line}", file=file)
        print(f"[{time.time() - begun:.0f}] {line}", flush=True)

    log(f"{jax.devices()}, jax {jax.__version__}, {vars(options)}")
    file = np.load(options.texts)
    texts = {name: Texts.of_file(file, name) for name in ("long", "unlabelled", "short")}
    judged = sorted({key.split(".")[1] for key in file if key.startswith("validation.")})
    judges = {name: Texts.of_file(file, f"validation.{name}") for name in judged}
    taught = file["validation.reviews.opinions"] if "validation.reviews.opinions" in file else None
    form, first = begun_with(file)
    steps = " ".join(f"--steps {shlex.quote(f'{name}={number}')}" for name, number in options.steps.items())
    given = command_with("train", vars(options), options.texts, left_out=("texts", "work", "steps"))
    made = read_made(file) | {"trained": " ".join([given, steps]).strip(), "seed": options.seed}
    told = {"unlabelled.keys": file["unlabelled.keys"], "made": np.array(json.dumps(made))}  # for recipes.imdb.teachers
    log("read")
    stages = Stages(options.work or options.output, made["trained"], log)
    # Each stage has draws of its own, so that it goes the same way whether those before it ran just now or earlier.
    effort = {name: Effort(60 * options.minutes * part, options.steps.get(name)) for name, part in parts.items()}
    draws = {name: np.random.default_rng([options.seed, place]) for place, name in enumerate([*parts, "student"])}
    forms = {"teacher": scaled(TEACHER, options.scale), "student": form or scaled(STUDENT, options.scale)}
    key, reviews_only = jax.random.key(options.seed), {"reviews": judges["reviews"]}
    if first is not None:
        check_known(form, first, judges["reviews"], file["begin.answers"], int(file["begin.words"]), log)
        log(f"student at first: {judge(form, first, reviews_only)}")
    check(forms, (options.labelled, options.unlabelled), 160 // options.scale, log)

    def language(form, name, place):
        stream = reading(file, draws[name])
        return train_language(form, stream, effort[name], options.language_rate, jax.random.fold_in(key, place), log)

    def classifier(form, first, place):
        """Untrained but for what a language model gives."""
        return begin(form, jax.random.fold_in(key, place)) | first

    def teacher():
        first = stages.get("language", lambda: language(forms["teacher"], "language", 1))
        data = (
            texts,
            taught is not None,
            effort["teacher"],
            options,
            draws["teacher"],
            jax.random.fold_in(key, 2),
            log,
            reviews_only,
        )
        return train_teacher(forms["teacher"], classifier(forms["teacher"], first, 3), *data)

    def think():
        found = {name: answers(forms["teacher"], teaches, of) for name, of in texts.items() if name != "short"}
        return found | {"validation": answers(forms["teacher"], teaches, judges["reviews"])}

    teaches = stages.get("teacher", teacher)
    opinions = stages.get("opinions of the teacher", think)
    np.savez(options.output / "opinions.npz", **told, **{name: of.astype(np.float16) for name, of in opinions.items()})
    scores = {"teacher": judge(forms["teacher"], teaches, judges)}
    log(f"teacher: {scores}")
    unlabelled = opinions["unlabelled"]
    if taught is not None:
        labels = judges["reviews"].labels
        share = best_share(opinions["validation"], taught, labels)
        together = geometric_mean(opinions["validation"], taught, share)
        log(f"models before {figures(taught, labels)}, with {share:.1f} of the teacher {figures(together, labels)}")
        unlabelled = geometric_mean(unlabelled, texts["unlabelled"].labels, share)
    soft(texts["unlabelled"], unlabelled, 0.0)
    soft(texts["long"], opinions["long"], options.own)
    reviews = texts["long"].together(texts["unlabelled"], options.labelled_share)

    def keep(weights):
        arrays = {of: value.astype(np.float16) for of, value in named(forms["student"], weights).items()}
        part = options.output / "student.part.npz"
        np.savez(part, form=json.dumps(forms["student"]._asdict()), made=json.dumps(made), **arrays)
        part.rename(options.output / "student.npz")

    def student():
        weights = first
        if weights is None:
            small = stages.get("small language", lambda: language(forms["student"], "small language", 4))
            weights = classifier(forms["student"], small, 10)
        left = Effort(60 * options.minutes - (time.time() - begun), options.steps.get("student"))
        data = (left, options, draws["student"], jax.random.fold_in(key, 100), log, reviews_only, keep)
        return train_student(forms["student"], weights, options.short_share, {"reviews": reviews, "short": texts["short"]}, *data)

    learnt = stages.get("student", student)
    keep(learnt)
    scores["student"] = judge(forms["student"], learnt, judges)
    log(f"student: {scores['student']}")
    (options.output / "scores.json").write_text(json.dumps(scores, indent=1))
    log("all done")


def reading(file, random):
    """What a language model reads: reviews in any order, a 0 after each, uint16 `[words]`."""
    found = []
    for name in ("long", "unlabelled"):
        of = np.split(file[f"{name}.ids"], np.cumsum(file[f"{name}.lengths"])[:-1])
        found += [np.append(text, np.uint16(0)) for text in of]
    return np.concatenate([found[place] for place in random.permutation(len(found))])
