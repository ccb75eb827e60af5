"""Compare every arm that `run` names with the baseline, and print the verdict."""

from equipoise.terminal.command import run_stage

if __name__ == "__main__":
    run_stage("compare", __doc__)
