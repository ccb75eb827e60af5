"""What a user types and reads: commands, progress, errors in one line. No result depends on it."""
