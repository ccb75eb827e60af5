"""Settle by train alone how an arm decides and what its scores mean."""

from equipoise.terminal.command import run_stage

if __name__ == "__main__":
    run_stage("decide", __doc__)
