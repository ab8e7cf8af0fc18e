"""Keras recurrent models as LiteRT (TensorFlow Lite) files: what makes, patches, checks and describes them."""
