"""The user's params.yaml: read once, checked, frozen."""
