"""What can be known to be wrong, or doubtful, before any work is done."""
