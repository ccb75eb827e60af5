"""Compiled modules that were cut short, as when the disk was full while Python wrote them.

Python notices since 3.12.8 and 3.13.1 (https://github.com/python/cpython/issues/126606). Older
ones leave such a file, and fail at each import of it from then on.
"""

from pathlib import Path
from traceback import walk_tb

READER, ITS_PATH = "get_code", "bytecode_path"


def remove_cut_module(failure: EOFError) -> Path | None:
    """Remove the compiled module that could not be read, and return where it was.

    None if the failure is of another kind. The next import compiles the module again.
    """
    for frame, _ in walk_tb(failure.__traceback__):
        path = frame.f_locals.get(ITS_PATH) if frame.f_code.co_name == READER else None
        if path is not None:
            Path(path).unlink(missing_ok=True)  # a stage beside this one may have removed it
            return Path(path)
    return None
