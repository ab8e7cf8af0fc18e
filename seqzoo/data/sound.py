"""Recordings as arrays: float32 samples from -1 to 1 at one rate, whole or in chunks."""

import wave
from typing import NamedTuple

import numpy as np

RATE = 8000  # samples a second
CHUNK = 1.0  # seconds
FULL_SCALE = np.float32(32768)
HINT = "ffmpeg -i INPUT -ac 1 -ar 8000 -c:a pcm_s16le OUTPUT.wav makes one"


class Format(NamedTuple):
    """rate: samples a second. channels: how many, taken in turn; they are averaged."""

    rate: int = RATE
    channels: int = 1


RAW = Format()


class SoundError(ValueError):
    """A file or stream is no sound that can be read here."""


def read_wav(path, rate=RATE):
    """A whole WAV file of 16-bit PCM: float32 `[n]`, channels averaged, resampled where its rate is another.

    Raises:
        FileNotFoundError: if there is no such file. SoundError, a ValueError: for another format, a damaged or an empty file.
        ImportError: where the rate is another and the package `soxr` is not installed.
    """
    with open(path, "rb") as file:
        chunks = list(wav_chunks(file, path, rate))
    return np.concatenate(chunks)


def wav_chunks(file, name, rate=RATE):
    """Yields what `read_wav` gives, a second at a time, whatever the length.

    Args:
        file: opened in binary; need not be seekable.
        name: what messages call it.

    Raises: as `read_wav`, when the first or a later chunk is asked for.
    """
    must = "Sound must be a WAV file of 16-bit PCM, at any rate, of one or more channels"
    try:
        reader = wave.open(file)  # noqa: SIM115, it leaves the file open, as it should
    except (wave.Error, EOFError) as error:
        raise SoundError(f"{must}; {HINT}. Received: {name}, {str(error) or 'which ends before its sound begins'}") from None
    if reader.getsampwidth() != 2:
        raise SoundError(f"{must}; {HINT}. Received: {name}, of {8 * reader.getsampwidth()} bits")
    if not (1 <= reader.getframerate() <= 1_000_000):
        raise SoundError(f"{must}; {HINT}. Received: {name}, at {reader.getframerate()} Hz")
    form = Format(reader.getframerate(), reader.getnchannels())
    size = 2 * form.channels

    def read(frames):
        data = reader.readframes(frames)
        return data[: len(data) // size * size]  # the file may end before its header says

    yield from _chunks(read, form, name, rate)


def raw_chunks(file, name, form=RAW, rate=RATE):
    """Yields float32 chunks of raw 16-bit little-endian PCM, as they come.

    Args:
        file: opened in binary. name: what messages call it. form: `Format` of what it holds.

    Raises: as `wav_chunks`.
    """
    size, rest = 2 * form.channels, b""

    def read(frames):
        nonlocal rest
        # What is there already, and at least something: an event must not wait for a second to be full.
        data = rest + (file.read1(frames * size) if hasattr(file, "read1") else file.read(frames * size))
        while 0 < len(data) < size and (more := file.read(size - len(data))):
            data += more
        whole = len(data) // size * size
        rest = data[whole:]
        return data[:whole]

    yield from _chunks(read, form, name, rate)


def _chunks(read, form, name, rate):
    """Chunks from `read(frames)`, a function that gives the bytes of at most so many frames, none at the end."""
    resampler = None if form.rate == rate else _soxr().ResampleStream(form.rate, rate, 1, dtype="float32")
    frames, empty = max(1, round(form.rate * CHUNK)), True
    while data := read(frames):
        samples = np.frombuffer(data, "<i2").astype(np.float32) / FULL_SCALE
        if form.channels > 1:
            samples = samples.reshape(-1, form.channels).mean(axis=1)
        empty = False
        yield samples if resampler is None else resampler.resample_chunk(samples)
    if empty:
        raise SoundError(f"Sound must have at least one sample. Received: {name}, which has none")
    if resampler is not None:
        yield resampler.resample_chunk(np.zeros(0, np.float32), last=True)


def resample(samples, rate, wanted=RATE):
    """Samples float `[n]` of another rate, float32.

    Raises:
        ImportError: if the rates differ and the package `soxr` is not installed.
    """
    samples = np.asarray(samples, np.float32)
    return samples if rate == wanted else _soxr().resample(samples, rate, wanted)


def _soxr():
    try:
        import soxr
    except ImportError as error:
        raise ImportError(
            f"Sound of another rate than {RATE} Hz needs the package soxr: pip install 'seqzoo[speech]'. Received: {error}"
        ) from None
    return soxr
