"""What the card of a keyword spotter says."""

import numpy as np

from seqzoo.data.spoken_words import fingerprint

from ..shared.command import command_of
from .arguments import parse

RULE = (
    "Free Spoken Digit Dataset: test are each speaker's first five recordings of a digit, by its own rule; validation are the "
    "last five. The three words (bed, cat, happy) of Speech Commands v0.01, resampled to 8 kHz: `words` is its test split, "
    "`validation_words` its validation split, by a hash of the speaker. What programs say is for training only."
)
CITATION = (
    "Jackson et al.: Jakobovski/free-spoken-digit-dataset, 2018. Warden: Speech Commands: A Dataset for Limited-Vocabulary "
    "Speech Recognition, arXiv:1804.03209, 2018."
)
TERMS = "Free Spoken Digit Dataset: CC BY-SA 4.0. Speech Commands: CC BY 4.0."
GOLDEN = 3


def speech_card(name, arguments, metrics, parts, command=None, search=(), baselines=(), limits=()):
    """The card, for `seqzoo.zoo.folder.save_folder`.

    Args:
        name: the model's name. arguments: dict, the recipe's. metrics: dict, as the task's card form has it.
        parts: {name: list of `Clip`} that the figures are of.
        command: what made the model; by default the recipe with these arguments.
        search, baselines: lists of dicts. limits: lines.
    """
    own = "data" in arguments
    units, layers = arguments["units"], arguments["layers"]
    heard = "words of one's own" if own else "ten spoken digits and three words"
    return {
        "name": name,
        "summary": f"{heard[0].upper()}{heard[1:]}, told from other speech and silence as they are said, {layers} "
        f"{arguments['cell'].upper()} layers with {units} units behind a front end of matrix products",
        "metrics": metrics,
        "baselines": list(baselines),
        "search": list(search),
        "seed": arguments["seed"],
        "data": {
            "name": "one's own recordings" if own else "spoken-digits",
            "version": "1" if own else "as of 2026-11",
            "rule": "A tenth of the speakers each, by a hash, for validation and test." if own else RULE,
            "splits": {of: {"examples": len(clips), "fingerprint": fingerprint(clips)} for of, clips in parts.items()},
            "citation": "one's own" if own else CITATION,
            "terms": "one's own" if own else TERMS,
        },
        "command": command or command_line(arguments),
        "limits": list(limits),
    }


def command_line(arguments, **more):
    """The recipe's command with the arguments (a dict) of a run that are not what it takes by itself."""
    place = {"data": arguments["data"]} if "data" in arguments else {"data_dir": "DIR"}
    default = vars(parse(["--data", "x"] if "data" in arguments else ["--data-dir", "x"]))
    parts = [command_of("speech.train")]
    arguments = {**arguments, **({"text": "FILE"} if arguments.get("text") else {})}  # wherever it lay
    for key, value in {**place, **{k: v for k, v in arguments.items() if v != default.get(k) and k not in place}, **more}.items():
        words = [str(of) for of in value] if isinstance(value, list) else [] if value is True else [str(value)]
        parts += [f"--{key.replace('_', '-')}", *words]
    return " ".join(parts)


def golden_waves(parts):
    """A few clips, short ones of different words, as lists of numbers of four digits."""
    clips = sorted((clip for of in parts.values() for clip in of), key=lambda clip: len(clip.samples))
    picked, words = [], set()
    for clip in clips:
        if len(clip.samples) >= 2000 and clip.word not in words:
            picked.append(clip)
            words.add(clip.word)
        if len(picked) == GOLDEN:
            break
    return [np.round(clip.samples / 32768.0, 4).tolist() for clip in picked or clips[:1]]
