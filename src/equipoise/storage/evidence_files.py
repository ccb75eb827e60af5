"""The evidence of an arm as files: its result, and frames in which segments stand below it."""

from pathlib import Path

import pandas as pd

from equipoise.core.arms import ArmName
from equipoise.judging.evidence import Evidence
from equipoise.storage.files.formats import read_frame, write_frame
from equipoise.storage.layout import Layout
from equipoise.storage.result_files import read_result, write_result

SEGMENT = "segment"
FRAMES = ("folds", "fold_replicates", "replicates")


def write_evidence(evidence: Evidence, layout: Layout, arm: ArmName) -> None:
    """Write the result and the frames; with segments, the rows of each have its name."""
    write_result(evidence.result, layout.metrics(arm))
    for name in FRAMES:
        whole = getattr(evidence, name)
        if evidence.segments:
            parts = {segment: getattr(own, name) for segment, own in evidence.segments.items()}
            below = [rows.assign(**{SEGMENT: segment}) for segment, rows in parts.items()]
            whole = pd.concat([whole.assign(**{SEGMENT: pd.NA}), *below]).astype({SEGMENT: "str"})
        write_frame(whole, _find_file(layout, name, arm))


def read_evidence(layout: Layout, arm: ArmName) -> Evidence:
    """Read what `write_evidence` wrote."""
    result = read_result(layout.metrics(arm))
    frames = [read_frame(_find_file(layout, name, arm)) for name in FRAMES]
    segments = {
        name: Evidence(own.result, *(_select(rows, rows[SEGMENT] == name) for rows in frames))
        for name, own in result.segments.items()
        if own.result is not None
    }
    if not segments:
        return Evidence(result, *frames)
    whole = (_select(rows, rows[SEGMENT].isna()) for rows in frames)
    return Evidence(result, *whole, segments=segments)


def read_replicates(layout: Layout, arm: ArmName) -> pd.DataFrame:
    """Read the replicates of an arm's numbers on the whole test part."""
    rows = read_frame(layout.replicates(arm))
    return _select(rows, rows[SEGMENT].isna()) if SEGMENT in rows else rows


def _find_file(layout: Layout, name: str, arm: ArmName) -> Path:
    found: Path = getattr(layout, name)(arm)
    return found


def _select(rows: pd.DataFrame, chosen: pd.Series) -> pd.DataFrame:
    own = rows[chosen].drop(columns=SEGMENT)
    return own if own.index.name is not None else own.reset_index(drop=True)
