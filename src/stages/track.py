"""Publish what lies on disk to MLflow."""

from equipoise.contract.command import run_stage

if __name__ == "__main__":
    run_stage("track", __doc__)
