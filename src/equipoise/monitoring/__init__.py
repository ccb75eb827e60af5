"""A batch of new rows against the test part of the trial: valid if it is asked every day."""
