"""Scored rows, and the numbers by which they are judged."""
