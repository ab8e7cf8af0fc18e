"""The two classes that are no words. Imports nothing, so that models are listed at once."""

SILENCE, UNKNOWN = "silence", "unknown"
