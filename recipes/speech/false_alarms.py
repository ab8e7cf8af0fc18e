"""How often a keyword spotter hears a word that nobody said, in an hour of other speech and noise.

`python -m recipes.speech.false_alarms digits-gru --data-dir DIR --text FILE`

A part of the hour are sentences that espeak-ng reads in voices that training has not heard, none with a digit in it; a part the
clips of the three words by unseen speakers; the rest is noise. An event is a false alarm unless it is one of the three words
within its clip. The threshold is the one at which 95 % of the digits of the validation split are heard.
"""

import sys
from pathlib import Path

import numpy as np

from seqzoo.quiet import import_tensorflow

from ..shared.command import Parser, positive, run, whole

RATE, STEP = 8000, 0.02
RECALL = 0.95


def other_sound(words, text, minutes, seed=0):
    """(an hour, or `minutes`, of other sound float32 `[samples]`, (first second, last, word) of each clip of a known word).

    Args:
        words: list of `Clip` of the three words. text: file of sentences, or None. seed: of everything.
    """
    from seqzoo.tasks.keyword_spotting.waves import FULL_SCALE

    from .data import sentences
    from .noises import Noises
    from .voices import speak

    random = np.random.Generator(np.random.PCG64([seed, 5]))
    total, noises = int(minutes * 60 * RATE), Noises(np.random.Generator(np.random.PCG64([seed, 6])))
    parts, places, length = [], [], 0
    order = random.permutation(len(words))[: max(1, int(len(words) * minutes / 60))]
    for place in order:  # the three words, an eighth of the time
        samples = words[place].samples.astype(np.float32) / FULL_SCALE
        places.append((length / RATE, (length + len(samples)) / RATE + 0.4, words[place].word))
        parts += [samples, np.zeros(int(0.6 * RATE), np.float32)]
        length += len(samples) + int(0.6 * RATE)
    wanted = int(0.7 * total)  # of all, what is said
    while length < wanted:
        said = speak(sentences(text, random, 40, kept=True), random, kept=True)
        for samples in said:
            gain = 10 ** (random.uniform(-18, 0) / 20) / FULL_SCALE
            parts += [samples.astype(np.float32) * np.float32(gain), np.zeros(int(random.uniform(0.1, 0.6) * RATE), np.float32)]
            length += len(parts[-1]) + len(parts[-2])
    sound = np.concatenate(parts)[:total]
    sound = np.pad(sound, (0, total - len(sound)))
    for begin in range(0, total, 5 * RATE):  # another noise every five seconds, under the speech and after it
        stretch = sound[begin : begin + 5 * RATE]
        quiet = begin < wanted
        stretch += noises.draw(len(stretch), random) * np.float32(0.1 if quiet else 1.0)
    return np.clip(sound, -1, 1), [of for of in places if of[1] < total / RATE]


def false_alarms(model, sound, places, threshold):
    """The events in `sound` that are none of the words said in it: list of `Event`."""
    from seqzoo.tasks.keyword_spotting.figures import events_of, stream_rows

    events = events_of(model, stream_rows(model, sound), threshold)
    return [of for of in events if not any(a <= of.time <= b and of.word == word for a, b, word in places)]


def measure_false_alarms(model, digits, words, text, minutes=60.0, seed=0):
    """`{"an_hour", "hours", "threshold", "recall"}` and the alarms: at the threshold that hears 95 % of validation digits.

    Args:
        digits: {"validation", "test"}, lists of `Clip`; recall is that on `test`. words: test clips of the three words.
    """
    from seqzoo.tasks.keyword_spotting.figures import events_of, joined, recall, stream_rows, threshold_of_recall

    threshold, _ = threshold_of_recall(model, digits["validation"], RECALL)
    found = false_alarms(model, *other_sound(words, text, minutes, seed), threshold)
    sound, places = joined(digits["test"])
    heard = recall(events_of(model, stream_rows(model, sound), threshold), places)
    hours = minutes / 60
    return {
        "an_hour": round(len(found) / hours, 2),
        "hours": hours,
        "threshold": threshold,
        "recall": round(heard, 5),
    }, found


def main(argv=None):
    parser = Parser(prog=f"python -m {__spec__.name}", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("model", help="the model's name, or its folder")
    add("--data-dir", required=True, help="folder with fsdd/ and commands_8k/")
    add("--text", help="file of English sentences, one a line (the last column of tables); default: words at random")
    add("--minutes", type=positive, default=60.0)
    add("--seed", type=whole(0), default=0)
    arguments = parser.parse_args(argv)
    import_tensorflow()
    import seqzoo
    from seqzoo.data.spoken_words import load_digits, load_split_words

    model = seqzoo.load_pretrained(arguments.model)
    digits = load_digits(Path(arguments.data_dir) / "fsdd")
    words = load_split_words(Path(arguments.data_dir) / "commands_8k")["test"]
    figures, found = measure_false_alarms(model, digits, words, arguments.text, arguments.minutes, arguments.seed)
    print("\n".join(f"{of.time:9.2f} s  {of.word}  {of.score:.2f}" for of in found))
    print(figures)


if __name__ == "__main__":
    sys.exit(run(main))
