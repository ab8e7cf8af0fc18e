"""Words and sentences spoken by the program espeak-ng in many voices, for training: cheap, and no recording of anybody."""

import io
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import numpy as np

PROGRAM = "espeak-ng"
ACCENTS = ("en-gb", "en-us", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029")
VARIANTS = tuple(f"{kind}{number}" for kind, count in (("m", 8), ("f", 5)) for number in range(1, count + 1))
# These two are heard in measurements only.
KEPT_ACCENT, KEPT_VARIANTS = "en-us-nyc", ("m3", "f4")


def is_installed():
    return shutil.which(PROGRAM) is not None


def speak(texts, random, kept=False):
    """Each text by another voice: a list of int16 arrays at 8 kHz.

    Args:
        texts: list of str.
        random: `numpy.random.Generator` that draws voices, speeds and pitches.
        kept: whether the voices are those for measurements, or the others.

    Raises:
        ImportError: if espeak-ng is not installed. RuntimeError: if it fails.
    """
    if not is_installed():
        raise ImportError(f"This needs the program {PROGRAM} (Debian: apt-get install espeak-ng). Received: none on the path")
    variants = KEPT_VARIANTS if kept else [name for name in VARIANTS if name not in KEPT_VARIANTS]
    commands = []
    for _ in texts:
        accent = KEPT_ACCENT if kept and random.random() < 0.5 else str(random.choice(ACCENTS))
        voice = f"{accent}+{random.choice(variants)}"
        speed, pitch = int(random.integers(110, 220)), int(random.integers(15, 85))
        commands.append([PROGRAM, "-v", voice, "-s", str(speed), "-p", str(pitch), "--stdout", "--stdin"])
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(_spoken, commands, texts))


def _spoken(command, text):
    from seqzoo.data.sound import wav_chunks

    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{PROGRAM} must speak. Received: {done.stderr.decode(errors='replace')[:200]}")
    samples = np.concatenate(list(wav_chunks(io.BytesIO(done.stdout), PROGRAM)))
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)
