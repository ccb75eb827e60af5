"""dvc.lock tells what it can, however much of it is left."""

from pathlib import Path

import pytest
from dvc.utils.serialize import dump_yaml, load_yaml

from equipoise.core.arms import ArmName
from equipoise.storage.dvc_lock import (
    find_edited_params,
    read_outs,
    read_stages,
    refuse_conflicts_of_tables,
)
from equipoise.terminal.errors import UserError
from equipoise.terminal.yaml_file import read_yaml

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
        edited |= {*find_edited_params(read_stages(lock), {"seed": 3}, [ArmName("a", "b")])}
    assert "data/ä.parquet" in outs
    assert {"seed", "models.b"} <= edited
    for odd in ("stages: [1]", "stages: 2020-99-99", "stages:\n  split:\n    outs:\n    -"):
        lock.write_text(odd)
        assert [*read_outs(lock)] == []
        assert find_edited_params(read_stages(lock), {}, []) == []


@pytest.mark.parametrize(
    "value",
    [
        *("yes", "Off", "true", "null", "~", "", "012", "-012", "0o17", "0x1F", "0b11", "1_000"),
        *("1e3", "1.5e3", "1.e5", ".5", ".1e5", ".1e-5", "1E-3", "1e400", ".inf", "-.INF", "-0.0"),
        *(
            "12:30",
            "12:30:15",
            "2020-01-01",
            "2020-01-01 10:00:00",
            "é",
            "<<x",
            "[1, 012]",
            "'a: b'",
        ),
        *(
            "'012'",
            "'yes'",
            "'1e3'",
            "'0o17'",
            "'12:30'",
            "'1_000'",
            "'2020-01-01'",
            "'.5'",
            "'null'",
        ),
    ],
)
def test_a_value_is_what_dvc_takes_it_for(tmp_path: Path, value: str) -> None:
    """In params.yaml, and in the lock that DVC writes of it: nobody has edited it since."""
    params, lock = tmp_path / "params.yaml", tmp_path / "dvc.lock"
    params.write_text(f"seed: {value}\n")
    by_dvc = load_yaml(str(params))
    assert read_yaml(params) == by_dvc
    dump_yaml(str(lock), {"stages": {"split": {"params": {"params.yaml": by_dvc}}}})
    assert find_edited_params(read_stages(lock), read_yaml(params), []) == []


def test_conflicts_of_a_merge_are_named(tmp_path: Path) -> None:
    """What was run is not known then; a stage or a check that goes by it would be wrong."""
    lock = tmp_path / "dvc.lock"
    lock.write_text(f"<<<<<<< HEAD\n{LOCK}=======\n{LOCK}>>>>>>> theirs\n")
    with pytest.raises(UserError, match=r"dvc\.lock has conflicts of a merge"):
        read_stages(lock)
    assert [*read_outs(lock)] == []


def test_conflicts_of_a_merge_in_what_is_kept_of_a_table_are_named(tmp_path: Path) -> None:
    """DVC can run nothing then."""
    (tmp_path / "raw").mkdir()
    kept = tmp_path / "raw/loans.csv.dvc"
    kept.write_text("outs:\n- path: loans.csv\n")
    refuse_conflicts_of_tables(tmp_path)
    kept.write_text("outs:\n<<<<<<< HEAD\n- md5: a\n=======\n- md5: b\n>>>>>>> theirs\n")
    with pytest.raises(UserError, match=r"loans\.csv\.dvc has conflicts of a merge"):
        refuse_conflicts_of_tables(tmp_path)


def test_conflicts_of_a_merge_in_params_are_named(tmp_path: Path) -> None:
    params = tmp_path / "params.yaml"
    params.write_text("<<<<<<< HEAD\nseed: 1\n=======\nseed: 2\n>>>>>>> theirs\n")
    with pytest.raises(UserError, match=r"params\.yaml has conflicts of a merge; keep one side"):
        read_yaml(params)
