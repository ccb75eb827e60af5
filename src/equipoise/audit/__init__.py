"""What the stages made, searched for leaks from test to train."""
