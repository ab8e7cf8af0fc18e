"""The old name of `recipes.publishing.add_tflite`, for the cards that state it."""

import runpy

if __name__ == "__main__":
    runpy.run_module(f"{__package__}.publishing.add_tflite", run_name="__main__", alter_sys=True)
