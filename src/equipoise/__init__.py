"""Equipoise: a trial of the remedies for class imbalance, on the user's own data."""
