"""Make the table of the trial, or read it from the user's file."""

from equipoise.terminal.command import run_stage

if __name__ == "__main__":
    run_stage("generate_data", __doc__)
