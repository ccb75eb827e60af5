"""Gates between a model that a trial recommends and its use."""
