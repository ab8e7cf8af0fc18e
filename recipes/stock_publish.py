"""The old name of `recipes.stocks.publish`, for the cards that state it."""

import runpy

if __name__ == "__main__":
    runpy.run_module(f"{__package__}.stocks.publish", run_name="__main__", alter_sys=True)
