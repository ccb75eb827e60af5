"""The report page: what was found, on one page that needs no network."""
