"""Draw the page that shows what was found: nothing is computed here that decides anything."""

from equipoise.terminal.command import run_stage

if __name__ == "__main__":
    run_stage("report", __doc__)
