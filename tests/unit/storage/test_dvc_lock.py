"""dvc.lock tells what it can, however much of it is left."""

from pathlib import Path

import pytest

from equipoise.core.arms import ArmName
from equipoise.storage.dvc_lock import find_edited_params, read_outs
from equipoise.terminal.errors import UserError

LOCK = """\
schema: '2.0'
stages:
  split:
    outs:
    - path: data/ä.parquet
      md5: 1a
    params:
      params.yaml:
        seed: 1
  train@a-b:
    params:
      params.yaml:
        models.b: 2
"""


def test_a_lock_that_is_cut_short_anywhere_is_no_error(tmp_path: Path) -> None:
    """Inside a sign of several bytes too; of what is gone nothing is known."""
    lock, whole = tmp_path / "dvc.lock", LOCK.encode()
    outs, edited = set(), set()
    for end in range(len(whole) + 1):
        lock.write_bytes(whole[:end])
        outs |= {out["path"] for out in read_outs(lock)}
        edited |= {*find_edited_params(lock, {"seed": 3}, [ArmName("a", "b")])}
    assert "data/ä.parquet" in outs
    assert {"seed", "models.b"} <= edited
    for odd in ("stages: [1]", "stages: 2020-99-99", "stages:\n  split:\n    outs:\n    -"):
        lock.write_text(odd)
        assert [*read_outs(lock)] == []
        assert find_edited_params(lock, {}, []) == []


def test_conflicts_of_a_merge_are_named(tmp_path: Path) -> None:
    """What was run is not known then; a stage or a check that goes by it would be wrong."""
    lock = tmp_path / "dvc.lock"
    lock.write_text(f"<<<<<<< HEAD\n{LOCK}=======\n{LOCK}>>>>>>> theirs\n")
    with pytest.raises(UserError, match=r"dvc\.lock has conflicts of a merge"):
        find_edited_params(lock, {"seed": 3}, [])
    assert [*read_outs(lock)] == []
