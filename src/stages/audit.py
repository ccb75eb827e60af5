"""Audit what the stages made for leaks from test into what was learned."""

from equipoise.terminal.command import run_stage

if __name__ == "__main__":
    run_stage("audit", __doc__)
