"""Runnable recipes: `python -m recipes.imdb.sentiment --help` in a clone, `seqzoo recipe imdb.sentiment --help` anywhere.

A folder a subject. In it stand programs, each with a `main` and an `if __name__ == "__main__"`, and the helpers that only they
need; what several subjects share stands in `shared`. `seqzoo recipe` lists the programs. Imports of each other are relative: the
same files are `recipes` in a clone and `seqzoo.recipes` where seqzoo is installed.

The modules at this level other than `demo` are old names, which the cards of published models state.
"""
