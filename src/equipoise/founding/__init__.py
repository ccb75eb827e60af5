"""A project of one's own: what `equipoise new` makes, and `equipoise upgrade` brings up to date."""
