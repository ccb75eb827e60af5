"""Score the test part once, with the decisions that train settled."""

from equipoise.terminal.command import run_stage

if __name__ == "__main__":
    run_stage("evaluate", __doc__)
