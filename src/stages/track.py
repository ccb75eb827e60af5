"""Publish what lies on disk to MLflow."""

from equipoise.terminal.command import run_stage

if __name__ == "__main__":
    run_stage("track", __doc__)
