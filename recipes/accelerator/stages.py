"""The stages of `recipes.accelerator.train`, each kept when it is finished."""

import json
import time

import jax
import jax.numpy as jnp
import numpy as np

from .classifier import accuracies, answers, train_student, train_teacher
from .corpus import Texts
from .forms import SMALL, STUDENTS, TEACHER
from .language import train_language
from .lstm import difference
from .network import begin, named
from .trainer import Effort


def scaled(form, by):
    sizes = {name: max(4, getattr(form, name) // by) for name in ("vocabulary_size", "embedding_size", "units")}
    return form._replace(**sizes)


class Stages:
    """Weights of finished stages, each in a file."""

    def __init__(self, folder, log):
        self.folder, self.log = folder, log
        folder.mkdir(parents=True, exist_ok=True)

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


def learn(options, parts, short):
    """Goes through the stages.

    Args:
        options: of `recipes.accelerator.train`.
        parts: `{stage: its share of the minutes}`.
        short: `{student: share of its steps on shorter texts}`.
    """
    options.output.mkdir(parents=True, exist_ok=True)
    begun = time.time()

    def log(line):
        with open(options.output / "log.txt", "a") as file:
            print(f"[{time.time() - begun:.0f}] {line}", file=file)
        print(f"[{time.time() - begun:.0f}] {line}", flush=True)

    log(f"{jax.devices()}, jax {jax.__version__}, {vars(options)}")
    if (far := difference()) > 0.02:  # tensor cores round to 10 bits
        raise RuntimeError(f"cuDNN's LSTM and the scan give different numbers here. Received: {far:.3g} apart")
    log(f"cuDNN's LSTM is {far:.2g} from the scan")
    file = np.load(options.texts)
    texts = {name: Texts.of_file(file, name) for name in ("long", "unlabelled", "short")}
    judged = sorted({key.split(".")[1] for key in file if key.startswith("validation.")})
    judges = {name: Texts.of_file(file, f"validation.{name}") for name in judged}
    log("read")
    stages = Stages(options.work or options.output, log)
    # Each stage has draws of its own, so that it goes the same way whether those before it ran just now or earlier.
    effort = {name: Effort(60 * options.minutes * part, options.steps.get(name)) for name, part in parts.items()}
    draws = {name: np.random.default_rng([options.seed, place]) for place, name in enumerate(parts)}
    forms = {name: scaled(form, options.scale) for name, form in {"teacher": TEACHER, "small": SMALL, **STUDENTS}.items()}
    key = jax.random.key(options.seed)

    def language(form, name, place):
        stream = reading(file, draws[name])
        return train_language(form, stream, effort[name], options.language_rate, jax.random.fold_in(key, place), log)

    def classifier(form, first, place):
        """Untrained but for what a language model gives."""
        weights = begin(form, jax.random.fold_in(key, place))
        if first is not None:
            weights |= {"embedding": first["embedding"], "directions": first["directions"][: len(weights["directions"])]}
        return weights

    def teacher():
        first = stages.get("language", lambda: language(forms["teacher"], "language", 1))
        data = (texts, effort["teacher"], options, draws["teacher"], jax.random.fold_in(key, 2), log, judges)
        return train_teacher(forms["teacher"], classifier(forms["teacher"], first, 3), *data)

    taught = stages.get("teacher", teacher)
    opinions = stages.get(
        "opinions of the teacher", lambda: {name: answers(forms["teacher"], taught, of) for name, of in texts.items()}
    )
    scores = {"teacher": accuracies(forms["teacher"], taught, judges)}
    log(f"teacher: {scores}")
    for name, of in texts.items():
        soft(of, opinions[name], 0.0 if name == "unlabelled" else options.own)
    for place, name in enumerate(STUDENTS, 10):

        def student(name=name, place=place):
            small = name in ("flagship", "opinions")
            first = stages.get("small language", lambda: language(forms["small"], "small language", 4)) if small else None
            weights = classifier(forms[name], first, place)
            if not small:
                weights["embedding"] = narrowed(taught["embedding"], forms[name])
            data = (texts, effort[name], options, draws[name], jax.random.fold_in(key, 100 + place), log, judges)
            return train_student(forms[name], weights, short[name], *data)

        learnt = stages.get(name, student)
        scores[name] = accuracies(forms[name], learnt, judges)
        log(f"{name}: {scores[name]}")
        arrays = {of.replace("/", "|"): value.astype(np.float16) for of, value in named(forms[name], learnt).items()}
        np.savez(options.output / f"{name}.npz", form=json.dumps(forms[name]._asdict()), **arrays)
    (options.output / "scores.json").write_text(json.dumps(scores, indent=1))
    log("all done")


def narrowed(embedding, form):
    """The principal components of a larger embedding's vectors for a form's words, each of mean square 1/16."""
    vectors = np.asarray(embedding, np.float64)[: form.vocabulary_size]
    vectors -= vectors.mean(0)
    _, _, axes = np.linalg.svd(vectors.T @ vectors)
    found = vectors @ axes[: form.embedding_size].T
    return jnp.asarray(0.25 * found / np.sqrt(np.square(found).mean()), jnp.float32)


def reading(file, random):
    """What a language model reads: reviews in any order, a 0 after each, uint16 `[words]`."""
    found = []
    for name in ("long", "unlabelled"):
        of = np.split(file[f"{name}.ids"], np.cumsum(file[f"{name}.lengths"])[:-1])
        found += [np.append(text, np.uint16(0)) for text in of]
    return np.concatenate([found[place] for place in random.permutation(len(found))])
