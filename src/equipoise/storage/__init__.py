"""Where files are, and how each kind is written and read."""
