"""Words and sentences spoken by programs in many voices, for training: cheap, and no recording of anybody.

espeak-ng computes a voice from rules, in many accents; flite and festival put recordings of a few speakers together
(Black & Lenzo, "Flite: a small fast run-time synthesis engine", 2001), which is nearer to a recording.
"""

import io
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from .accents import PHONES

# What each is started as, and Debian's packages with it and its voices.
PROGRAMS = {
    "espeak-ng": ("espeak-ng", "espeak-ng"),
    "flite": ("flite", "flite"),
    "festival": ("text2wave", "festival festvox-kdlpc16k festvox-us-slt-hts"),
}
ACCENTS = ("en-gb", "en-us", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029")
VARIANTS = tuple(f"{kind}{number}" for kind, count in (("m", 8), ("f", 5)) for number in range(1, count + 1))
# These two are heard in measurements only.
KEPT_ACCENT, KEPT_VARIANTS = "en-us-nyc", ("m3", "f4")
FLITE = {"awb": 0.27, "rms": 0.31, "slt": 0.27, "kal16": 0.15}  # voices, and how often each speaks
FESTIVAL = {"voice_ked_diphone": 0.7, "voice_cmu_us_slt_arctic_hts": 0.3}
FOREIGN = 0.45  # share of the words that flite says with phones of `PHONES`


def is_installed(program="espeak-ng"):
    return shutil.which(PROGRAMS[program][0]) is not None


def speak(texts, random, program="espeak-ng", kept=False):
    """Each text by another voice: a list of int16 arrays at 8 kHz.

    Args:
        texts: list of str.
        random: `numpy.random.Generator` that draws voices, speeds and pitches.
        program: one of `PROGRAMS`.
        kept: whether the voices are those for measurements (of espeak-ng), or the others.

    Raises:
        ImportError: if the program is not installed. RuntimeError: if it fails.
    """
    if not is_installed(program):
        name, packages = PROGRAMS[program]
        raise ImportError(f"This needs the program {name} (Debian: apt-get install {packages}). Received: none on the path")
    if program == "espeak-ng":
        commands = [_espeak(random, kept) for _ in texts]
    else:
        commands = [(_flite if program == "flite" else _festival)(text, random) for text in texts]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(_spoken, commands, texts))


def _espeak(random, kept):
    variants = KEPT_VARIANTS if kept else [name for name in VARIANTS if name not in KEPT_VARIANTS]
    accent = KEPT_ACCENT if kept and random.random() < 0.5 else str(random.choice(ACCENTS))
    voice = f"{accent}+{random.choice(variants)}"
    speed, pitch = int(random.integers(110, 220)), int(random.integers(15, 85))
    return ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "--stdin", "-w"]


def _flite(text, random):
    voice = str(random.choice(list(FLITE), p=list(FLITE.values())))
    stretch, pitch = np.exp(random.uniform(-0.4, 0.35)), np.exp(random.uniform(-0.35, 0.35))
    higher = f"int_f0_target_mean={105 * pitch:.1f}" if voice.startswith("kal") else f"f0_shift={pitch:.3f}"
    said = ["-t", text]
    if text in PHONES and random.random() < FOREIGN:
        said = ["-p", f"pau {random.choice(PHONES[text])} pau"]
    return ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch:.3f}", "--setf", higher, *said, "-o"]


def _festival(text, random):
    voice = random.choice(list(FESTIVAL), p=list(FESTIVAL.values()))
    stretch = np.exp(random.uniform(-0.4, 0.35))
    return ["text2wave", "-eval", f"({voice})", "-eval", f"(Parameter.set 'Duration_Stretch {stretch:.3f})", "-o"]


def _spoken(command, text):
    from seqzoo.data.sound import wav_chunks

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "said.wav")
        done = subprocess.run([*command, str(path)], input=text.encode(), capture_output=True, check=False)
        if done.returncode or not path.exists():
            raise RuntimeError(f"{command[0]} must speak. Received: {done.stderr.decode(errors='replace')[:200]}")
        samples = np.concatenate(list(wav_chunks(io.BytesIO(path.read_bytes()), command[0])))
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)
