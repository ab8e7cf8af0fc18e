"""Sound to log-mel bands in matrix products with constants, so that a model begins at the microphone on every target."""

import keras
import numpy as np
from keras import ops

from seqzoo.layers.overlap import Overlap

FULL_SCALE = 32768.0  # of 16-bit samples


def mel_of(hertz):
    """The mel scale of O'Shaughnessy ("Speech Communication", 1987), as HTK has it and `tf.signal`."""
    return 1127.0 * np.log1p(np.asarray(hertz, np.float64) / 700.0)


def mel_filters(bands, bins, sample_rate, lower, upper):
    """Triangles that are equally wide on the mel scale, float64 `[bands, bins]`; the bin of 0 Hz enters none.

    The same as `tf.signal.linear_to_mel_weight_matrix`, transposed.
    """
    of_bins = mel_of(np.linspace(0, sample_rate / 2, bins))[None]
    edges = np.linspace(mel_of(lower), mel_of(upper), bands + 2)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    found = np.maximum(0, np.minimum((of_bins - low) / (middle - low), (high - of_bins) / (high - middle)))
    found[:, 0] = 0
    return found


def hann(window):
    """The periodic Hann window, float64 `[window]`."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)


@keras.saving.register_keras_serializable(package="seqzoo")
class LogMel(keras.layers.Layer):
    """Sound to the logarithms of its energy in mel bands, one row for every hop, without a look ahead.

    The window that ends with a hop is weighted (Hann), transformed (DFT), and its power summed in triangles on the mel scale
    (Davis & Mermelstein, "Comparison of parametric representations", 1980):

        X = DFT(hann * x)      P = |X|^2      y = log(M P + floor)

    All of it is products with constants. The DFT of n = a b values is that of Cooley & Tukey (1965) with one factor: an `a x a`
    product, twiddles, a `b x b` product; for 256 values these are 16 x 16 and 3 kB. Only operators that every .tflite runtime
    has take part, in float32 in files of 8 bits too, since eight bits of a spectrum's power would be 24 dB.

    Values before the first hop are zeros: row t is row t of `tf.signal.stft` of the sound with `window - hop` zeros before it.
    In a stream they are a state (`seqzoo.layers.overlap.Overlap`), which the exports carry from call to call.

    Args:
        sample_rate: samples a second.
        window: samples a window, at least `hop`; the length of the transform too.
        hop: samples a row.
        bands: rows' length.
        lower, upper: the bands' limits in Hz.
        floor: added before the logarithm.

    Call arguments:
        audio: float `[batch, samples]` from -1 to 1, or int16, samples a multiple of `hop`; or, in hops, `[batch, time, hop]`.

    Returns:
        float32 `[batch, time, bands]`.

    Raises:
        ValueError: for sizes, limits or a floor that are not valid, and audio of another shape.
    """

    def __init__(self, sample_rate=8000, window=256, hop=160, bands=32, lower=60.0, upper=3800.0, floor=1e-6, **options):
        super().__init__(**options)
        for name, value in (("sample_rate", sample_rate), ("window", window), ("hop", hop), ("bands", bands)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"`{name}` must be a whole number of at least 1. Received: {value!r}")
        if not hop <= window:
            raise ValueError(f"`window` must be at least `hop`. Received: window={window}, hop={hop}")
        if not 0 <= lower < upper <= sample_rate / 2:
            raise ValueError(f"It must be 0 <= lower < upper <= {sample_rate / 2:g}. Received: lower={lower!r}, upper={upper!r}")
        if not 0 < floor < float("inf"):
            raise ValueError(f"`floor` must be a finite number above 0. Received: {floor!r}")
        self.sample_rate, self.window, self.hop, self.bands = sample_rate, window, hop, bands
        self.lower, self.upper, self.floor = float(lower), float(upper), float(floor)
        self.overlap = Overlap(hop, window, name="overlap") if window > hop else None
        self.rows = max(n for n in range(1, int(window**0.5) + 1) if window % n == 0)  # `a` above
        self.columns = window // self.rows
        self.supports_masking = True

    @property
    def bins(self):
        """Frequencies of the transform, from 0 to half the sample rate."""
        return self.window // 2 + 1

    def filters(self):
        """float64 `[bands, bins]`, see `mel_filters`."""
        return mel_filters(self.bands, self.bins, self.sample_rate, self.lower, self.upper)

    def build(self, audio_shape):
        if self.overlap is not None:
            self.overlap.build((audio_shape[0], None, self.hop))
        a, b, n = self.rows, self.columns, self.window
        # x[b i + j], i < a, j < b, gives X[k + a l], k < a, l < b.
        first = np.outer(np.arange(a), np.arange(a)) / a
        twiddle = np.outer(np.arange(a), np.arange(b)) / n
        filters = self.filters()
        wanted = -(-(1 + int(np.flatnonzero(filters.any(axis=0))[-1])) // a)  # the l that enter a band
        second = np.outer(np.arange(wanted), np.arange(b)) / b
        self._window = _constant(hann(n))
        self._first = _turns(first)
        self._twiddle = _turns(twiddle)
        self._second = _turns(second)
        # Power comes in the order [l, k], which is the order of the bins; those beyond the last weigh nothing.
        self._filters = _constant(np.pad(filters, ((0, 0), (0, a)))[:, : wanted * a])
        self.built = True

    def call(self, audio):
        if "int" in keras.backend.standardize_dtype(audio.dtype):
            audio = ops.cast(audio, "float32") / FULL_SCALE
        audio = ops.cast(audio, "float32")
        hops = self._in_hops(audio)
        frames = hops if self.overlap is None else self.overlap(hops)
        return self.of_windows(frames)

    def _in_hops(self, audio):
        self._check(audio.shape)
        if len(audio.shape) == 3:
            return audio
        time = -1 if audio.shape[1] is None else audio.shape[1] // self.hop
        return ops.reshape(audio, (-1, time, self.hop))

    def _check(self, shape):
        whole = len(shape) == 2 and (shape[1] is None or shape[1] % self.hop == 0)
        if not whole and not (len(shape) == 3 and shape[2] == self.hop):
            raise ValueError(
                f"Audio must be [batch, samples], samples a multiple of {self.hop}, or [batch, time, {self.hop}]. "
                f"Received: shape {tuple(shape)}"
            )

    def of_windows(self, frames):
        """The rows of windows float32 `[batch, time, window]`, before they are weighted."""
        batch, time = ops.shape(frames)[:2]
        if not isinstance(batch, int):  # unknown sizes are left to the reshaping, where one of them is
            batch = -1
        # The constant stands on the left of each product: so it is a product of two matrices in a file, not a dense layer,
        # and stays in float32 where dense layers become 8-bit.
        x = ops.reshape(frames * self._window, (-1, self.rows, self.columns))  # [batch*time, a, b]
        cosine, sine = (ops.matmul(part, x) for part in self._first)
        real = cosine * self._twiddle[0] - sine * self._twiddle[1]
        imaginary = cosine * self._twiddle[1] + sine * self._twiddle[0]
        real, imaginary = (ops.transpose(part, (0, 2, 1)) for part in (real, imaginary))  # [batch*time, b, a]
        c, s = self._second
        power = ops.square(ops.matmul(c, real) - ops.matmul(s, imaginary))
        power = power + ops.square(ops.matmul(c, imaginary) + ops.matmul(s, real))  # [batch*time, l, a]
        mel = ops.matmul(self._filters, ops.reshape(power, (-1, self._filters.shape[1], 1)))
        return ops.reshape(ops.log(mel + self.floor), (batch, time, self.bands))

    def compute_output_shape(self, audio_shape):
        samples = audio_shape[1]
        if len(audio_shape) == 2 and samples is not None:
            samples = samples // self.hop
        return (audio_shape[0], samples, self.bands)

    def compute_output_spec(self, audio):
        self._check(audio.shape)
        return keras.KerasTensor(self.compute_output_shape(audio.shape), dtype="float32")

    def get_config(self):
        names = ("sample_rate", "window", "hop", "bands", "lower", "upper", "floor")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def _constant(values):
    return np.asarray(values, np.float32)


def _turns(turns):
    """cos and -sin of so many whole turns, float32."""
    turns = turns % 1.0
    return _constant(np.cos(2 * np.pi * turns)), _constant(-np.sin(2 * np.pi * turns))
