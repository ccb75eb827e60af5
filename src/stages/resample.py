"""Apply a strategy's sampler to the train part and store what it changed."""

from equipoise.terminal.command import run_stage

if __name__ == "__main__":
    run_stage("resample", __doc__)
