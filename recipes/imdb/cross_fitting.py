"""Which fifth of the data each example belongs to, where what is said of it must come from the other four (Wolpert 1992)."""

import numpy as np

FOLDS = 5


def fold_of(count, seed=0):
    """The number of each example's fifth, from 0 to 4: int `[count]`, decided by the seed."""
    return np.random.Generator(np.random.PCG64(seed)).permutation(count) % FOLDS
