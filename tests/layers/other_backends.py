"""A pytest plugin for runs under JAX and torch: what tests written for NumPy's ways need there."""

import keras


def pytest_configure(config):
    if keras.backend.backend() == "jax":
        import jax

        jax.config.update("jax_enable_x64", True)  # float64 is float32 otherwise
    if keras.backend.backend() == "torch":
        import torch

        to_array = torch.Tensor.__array__
        # NumPy may look at tensors that carry gradients.
        torch.Tensor.__array__ = lambda self, *args, **kwargs: to_array(self.detach().cpu(), *args, **kwargs)


def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"Keras backend: {keras.backend.backend()}")
