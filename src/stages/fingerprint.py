"""Write a fingerprint of the library's code for each stage."""

from equipoise.terminal.command import run_stage

if __name__ == "__main__":
    run_stage("fingerprint", __doc__)
