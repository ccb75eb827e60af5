"""Score the train part out of fold, then fit the arm's final model."""

from equipoise.terminal.command import run_stage

if __name__ == "__main__":
    run_stage("train", __doc__)
