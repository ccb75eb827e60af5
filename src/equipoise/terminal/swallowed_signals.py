"""Signals that come while Python removes an object: what is raised then ends nothing."""

import os
import signal
import sys
from threading import Timer

# Of a shell, for a process that a signal has ended: so much and the signal's number.
SIGNALLED = 128
# In seconds, after which the object is gone.
SOON = 0.1


def heed_swallowed_signals() -> None:
    """Have a signal that a finalizer swallows come again, so that Ctrl-C and SIGTERM end a run."""
    sys.unraisablehook = _send_again


def _send_again(swallowed: "sys.UnraisableHookArgs") -> None:
    failure = swallowed.exc_value
    if isinstance(failure, KeyboardInterrupt):
        number = signal.SIGINT
    elif isinstance(failure, SystemExit) and failure.code == SIGNALLED + signal.SIGTERM:
        number = signal.SIGTERM
    else:
        sys.__unraisablehook__(swallowed)
        return
    again = Timer(SOON, os.kill, (os.getpid(), number))
    again.daemon = True
    again.start()
