"""`python -m tests.training.distributed.jax_jobs OUTPUT DEVICES [PROCESS ADDRESS]`: a training in JAX on so many CPU devices."""

import json
import os
import sys

output, devices, *process = sys.argv[1:]
os.environ.update({"KERAS_BACKEND": "jax", "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}"})
if process:
    os.environ["KERAS_DISTRIBUTION_PROCESS_ID"], os.environ["KERAS_DISTRIBUTION_JOB_ADDRESSES"] = process
    os.environ["KERAS_DISTRIBUTION_NUM_PROCESSES"] = "2"

import keras  # noqa: E402
import numpy as np  # noqa: E402

import seqzoo  # noqa: E402
from seqzoo.training.alone import Alone  # noqa: E402
from seqzoo.training.batches import ShuffledBatches  # noqa: E402
from seqzoo.training.distributed.jax_devices import data_parallel  # noqa: E402
from seqzoo.training.fit import fit  # noqa: E402

random = np.random.default_rng(0)
x = random.normal(size=(32, 6, 3)).astype(np.float32)
data = ShuffledBatches(x, x.sum((1, 2))[:, None] / 5, 8, 1)
with data_parallel(several=bool(process)) if devices != "1" or process else Alone() as workers:
    with workers.scope():
        uniform = keras.initializers.RandomUniform
        y = keras.Input((6, 3))
        z = seqzoo.LSTM(4, kernel_initializer=uniform(seed=1), recurrent_initializer=uniform(seed=2))(y)
        z = keras.layers.Dropout(0.2, seed=3)(z)
        model = keras.Model(y, keras.layers.Dense(1, kernel_initializer=uniform(seed=4))(z))
        model.compile(keras.optimizers.AdamW(0.02, global_clipnorm=0.5), loss="mse")
    history = fit(model, data, 13, workers=workers)
    kernel = model.trainable_variables[0].value
    np.savez(output, *[np.asarray(v.value) for v in model.trainable_variables])
print(json.dumps({"loss": history[-1]["loss"], "devices": len(kernel.sharding.device_set), "workers": workers.count}))
