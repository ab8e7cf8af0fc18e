"""`seqzoo hear`."""

import contextlib
import json
import sys

from seqzoo.cli.shared import add_model, load_for_few

NAME = "hear"
HELP = "Say which words are said in a sound, and when, with a keyword spotter."
OPTIONS = {"usage": "seqzoo hear NAME (FILE.wav | -) [--threshold P] [--rate HZ] [--channels N] [--json]"}
EPILOG = (
    "- reads from standard input: a WAV file, or raw 16-bit little-endian samples, as in "
    "`arecord -t raw -f S16_LE -r 8000 | seqzoo hear NAME -`. With --json each event is an object on a line of its own."
)
OPTIONS["epilog"] = EPILOG


def add_arguments(command):
    add_model(command)
    command.add_argument("sound", metavar="FILE.wav", help="16-bit PCM at any rate; - for standard input")
    command.add_argument("--threshold", type=float, metavar="P", help="a word is an event from this probability on (the model's)")
    command.add_argument("--rate", type=int, metavar="HZ", help="of raw samples on standard input (8000)")
    command.add_argument("--channels", type=int, metavar="N", help="of raw samples on standard input (1)")


def run(arguments):
    form = _raw_form(arguments)
    model = load_for_few(arguments.model, NAME)
    stream, heard = model.stream(arguments.threshold), 0
    with contextlib.ExitStack() as files:
        for chunk in _chunks(arguments, form, files):
            heard += _show(stream.feed(chunk), arguments.json)
    heard += _show(stream.finish(), arguments.json)
    if not heard:
        print(f"No word of {model.name} was heard in {stream.seconds:.1f} s", file=sys.stderr)
    return 0


def _raw_form(arguments):
    from seqzoo.data.sound import RATE, Format

    for option, value in (("--rate", arguments.rate), ("--channels", arguments.channels)):
        if value is not None and arguments.sound != "-":
            raise ValueError(f"{option} is for standard input, -; a WAV file says it itself. Received: {arguments.sound}")
        if value is not None and value < 1:
            raise ValueError(f"{option} must be at least 1. Received: {value}")
    return Format(arguments.rate or RATE, arguments.channels or 1)


def _chunks(arguments, form, files):
    from seqzoo.data.sound import raw_chunks, wav_chunks

    if arguments.sound != "-":
        return wav_chunks(files.enter_context(open(arguments.sound, "rb")), arguments.sound)
    file = sys.stdin.buffer
    if file.peek(4)[:4] == b"RIFF":
        return wav_chunks(file, "standard input")
    return raw_chunks(file, "standard input", form)


def _show(events, as_json):
    for event in events:
        text = f"{event.time:9.2f} s  {event.word}  {event.score:.2f}"
        print(json.dumps(event._asdict()) if as_json else text, flush=True)
    return len(events)
