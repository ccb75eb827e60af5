"""What all packages agree on: the columns of tables, resampled rows."""
