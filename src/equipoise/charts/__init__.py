"""Specifications of charts, for the page and for MLflow alike."""
