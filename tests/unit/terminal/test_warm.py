"""A stage runs by itself where a warm process cannot be asked; `tests/e2e` asks real ones."""

import tempfile
from pathlib import Path

import pytest

from equipoise.terminal import warm


def test_without_a_place_for_sockets_a_stage_runs_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the folder of temporary files is gone."""
    monkeypatch.setenv(warm.SWITCH, "1")
    monkeypatch.setattr(warm, "_is_safe", lambda: True)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    warm.hand_over()
    assert not [*tmp_path.iterdir()]
