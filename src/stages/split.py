"""Keep some rows aside for the test."""

from equipoise.terminal.command import run_stage

if __name__ == "__main__":
    run_stage("split", __doc__)
