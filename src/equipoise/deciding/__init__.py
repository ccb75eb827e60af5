"""What is decided about an arm's scores: a rule for labels, a calibrator for probabilities."""
