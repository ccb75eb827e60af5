"""Say what may be wrong with the job, before any work is done; write nothing."""

from equipoise.terminal.command import run_stage

if __name__ == "__main__":
    run_stage("doctor", __doc__)
