"""Training on one GPU under JAX, for what takes too long on a few cores: language models and a teacher, then its students."""
