"""Arms against the baseline: verdicts, what they mean, which arm to take."""
