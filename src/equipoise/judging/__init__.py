"""One arm judged: replicates, intervals, folds, curves."""
