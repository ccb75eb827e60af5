"""Charts drawn by a process beside this one, which does something else meanwhile.

That process runs this module, with a list of specifications as its standard input.
"""

import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from subprocess import DEVNULL, Popen
from tempfile import TemporaryFile

from equipoise.charts.drawing import KEPT, draw_svg, locate_drawn
from equipoise.charts.style import Spec

SECONDS_BETWEEN_LOOKS = 0.01


@dataclass(frozen=True)
class Drawing:
    """The process that draws, if there is one."""

    process: Popen[bytes] | None = None

    def wait_for(self, charts: Iterable[Spec]) -> None:
        """Return as soon as these charts are drawn, or the process has ended without them."""
        if self.process is None:
            return
        awaited = [locate_drawn(chart) for chart in charts]
        while self.process.poll() is None and not all(path.exists() for path in awaited):
            time.sleep(SECONDS_BETWEEN_LOOKS)


@contextmanager
def drawing_ahead(charts: Sequence[Spec]) -> Iterator[Drawing]:
    """Have charts drawn in their order while the block runs, those that are not kept.

    It is of use only in a DVC repository, which keeps what was drawn. Whatever the process does
    not draw is drawn by whoever needs it.
    """
    missing = [chart for chart in charts if not locate_drawn(chart).exists()]
    process = _start_process(missing) if missing and KEPT.parent.is_dir() else None
    try:
        yield Drawing(process)
    finally:
        if process is not None:
            process.terminate()
            process.wait()


def _start_process(charts: Sequence[Spec]) -> Popen[bytes] | None:
    with suppress(OSError), TemporaryFile() as given:
        given.write(json.dumps(charts).encode())
        given.seek(0)
        command = (sys.executable, "-m", __name__)
        return Popen(command, stdin=given, stdout=DEVNULL, stderr=DEVNULL)
    return None


if __name__ == "__main__":
    for asked in json.load(sys.stdin):
        draw_svg(asked)
