"""The old name of `recipes.imdb.language_model`, for the cards that state it."""

import runpy

if __name__ == "__main__":
    runpy.run_module(f"{__package__}.imdb.language_model", run_name="__main__", alter_sys=True)
