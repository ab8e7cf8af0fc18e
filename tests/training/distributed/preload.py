"""What a fleet's processes have imported before they begin; nothing is computed here, for a fork would not survive it."""

import os
import sys

from seqzoo.quiet import OPTIONAL

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.modules.update(dict.fromkeys(OPTIONAL))

import keras  # noqa: E402, F401
import tensorflow  # noqa: E402, F401
from tensorflow.python.distribute import collective_all_reduce_strategy  # noqa: E402, F401

import seqzoo.training.distributed.workers  # noqa: E402, F401

for name in OPTIONAL:  # a recipe may want them
    if sys.modules.get(name, name) is None:
        del sys.modules[name]
