"""Benchmarks: how fast, and how small, layers, files and scoring are."""
