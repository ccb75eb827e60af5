"""What travels inside a logged model, and scores raw rows wherever it is loaded."""
