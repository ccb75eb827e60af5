"""The user's table: read, understood, split."""
