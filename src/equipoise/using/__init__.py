"""From a user's file to the params of a trial: what the command line does before DVC runs."""
