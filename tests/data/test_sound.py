"""WAV files and raw samples: right, or one clear error."""

import io
import tracemalloc

import numpy as np
import pytest

from seqzoo.data.sound import Format, SoundError, raw_chunks, read_wav, resample, wav_chunks
from tests.wave_files import write_wave


def wav(samples, rate=8000, channels=1, width=2):
    file = io.BytesIO()
    write_wave(file, samples, rate, channels, width)
    file.seek(0)
    return file


def whole(file, **options):
    return np.concatenate(list(wav_chunks(file, "f.wav", **options)))


def test_samples_become_floats(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(wav([0, 16384, -32768, 32767]).getvalue())
    np.testing.assert_array_equal(read_wav(path), np.float32([0, 0.5, -1, 32767 / 32768]))


def test_channels_are_averaged():
    np.testing.assert_array_equal(whole(wav([16384, 0, -16384, -16384], channels=2)), np.float32([0.25, -0.5]))


@pytest.mark.parametrize("rate", [44100, 16000, 48000, 11025])
def test_other_rates_keep_a_tone_and_its_length(rate):
    pytest.importorskip("soxr", reason="resampling needs the extra seqzoo[speech]")
    seconds = 2.5
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)
    found = whole(wav(np.rint(tone * 32767).astype(int), rate))
    assert found.dtype == np.float32 and abs(len(found) - seconds * 8000) <= 1
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(len(found)) / 8000)
    np.testing.assert_allclose(found[400:-400], expected[400:-400], atol=2e-3)
    np.testing.assert_allclose(resample(tone, rate)[400:-400], expected[400:-400], atol=2e-3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "16-bit PCM.*ffmpeg.*Received: f.wav, which ends before"),
        (b"hello, this is no sound", "16-bit PCM.*Received: f.wav, file does not start with RIFF id"),
        (b"RIFF\x04\x00\x00\x00AVI ", "16-bit PCM.*Received: f.wav, not a WAVE file"),
        (wav(b"\x00" * 30, width=3).getvalue(), "16-bit PCM.*Received: f.wav, of 24 bits"),
        (wav(b"\x80" * 30, width=1).getvalue(), "16-bit PCM.*Received: f.wav, of 8 bits"),
        (wav([]).getvalue(), "at least one sample. Received: f.wav, which has none"),
    ],
)
def test_what_cannot_be_read(content, message):
    with pytest.raises(SoundError, match=message):
        whole(io.BytesIO(content))


def test_a_file_of_floats_is_named():
    content = bytearray(wav([0] * 8, width=2).getvalue())
    content[20:22] = (3).to_bytes(2, "little")  # WAVE_FORMAT_IEEE_FLOAT
    with pytest.raises(SoundError, match="16-bit PCM.*unknown format: 3"):
        whole(io.BytesIO(bytes(content)))


def test_a_header_that_states_more_than_there_is():
    """Programs that write to a pipe don't know the length."""
    content = bytearray(wav([1000] * 400).getvalue())
    content[4:8] = content[40:44] = (0x7FFFF000).to_bytes(4, "little")
    assert len(whole(io.BytesIO(bytes(content)))) == 400


def test_a_long_file_takes_no_more_memory():
    class Endless(io.RawIOBase):
        """An hour of a WAV file that is in no memory."""

        def __init__(self):
            self.left, header = 3600 * 8000 * 2, bytearray(wav([0]).getvalue()[:44])
            header[4:8], header[40:44] = ((self.left + 36).to_bytes(4, "little"), self.left.to_bytes(4, "little"))
            self.header = bytes(header)

        def read(self, size=-1):
            if self.header:
                given, self.header = self.header[:size], self.header[size:]
                return given
            given = bytes(min(size, self.left))
            self.left -= len(given)
            return given

    tracemalloc.start()
    count = sum(len(chunk) for chunk in wav_chunks(Endless(), "hour.wav"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 3600 * 8000 and peak < 2_000_000


def test_raw_samples_come_in_any_pieces():
    class Pieces:
        def __init__(self, data, sizes):
            self.data, self.sizes = data, list(sizes)

        def read(self, size):
            size = min(size, self.sizes.pop(0) if self.sizes else size)
            given, self.data = self.data[:size], self.data[size:]
            return given

    samples = np.arange(-50, 50, dtype="<i2") * 300
    found = np.concatenate(list(raw_chunks(Pieces(samples.tobytes(), [1, 1, 3, 7, 50]), "pipe")))
    np.testing.assert_array_equal(found, samples.astype(np.float32) / 32768)
    stereo = np.concatenate(list(raw_chunks(io.BytesIO(samples.tobytes()), "pipe", Format(channels=2))))
    np.testing.assert_allclose(stereo, samples.reshape(-1, 2).mean(axis=1) / 32768, atol=1e-7)
    with pytest.raises(SoundError, match="Received: pipe, which has none"):
        list(raw_chunks(io.BytesIO(b""), "pipe"))
