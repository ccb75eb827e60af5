"""The arms that the stages after `evaluate` are about."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from equipoise.comparing.left_out import find_left_out
from equipoise.comparing.results import Comparison
from equipoise.core.arms import ArmName
from equipoise.judging.brief import make_brief
from equipoise.params.trial_params import Params, Run
from equipoise.storage.dvc_lock import (
    find_edited_params,
    find_mixed_run,
    find_unknown_run,
    is_as_made,
    list_made,
    read_stages,
)
from equipoise.storage.files.formats import round_as_written
from equipoise.storage.files.refusals import read_refusal
from equipoise.storage.layout import Layout
from equipoise.storage.pipeline_file import has_stage, list_frozen
from equipoise.storage.result_files import read_result
from equipoise.terminal.errors import UserError
from equipoise.terminal.remaking import describe_remaking, is_damaged_in_cache
from equipoise.terminal.yaml_file import read_yaml

# Stages whose params say what the arms are of, and that have run before them.
BEFORE_ARMS = ("generate-data", "split")


def read_left_out(locate: Callable[[ArmName], Path], run: Run) -> dict[str, str]:
    """Return why each arm that has no result has none; a `UserError` if that is too many.

    `locate` gives the file of an arm in which the reason stands: any that an earlier stage made.
    """
    reasons = {str(arm): read_refusal(locate(arm)) for arm in run.arms}
    return find_left_out(run, {arm: why for arm, why in reasons.items() if why is not None})


def list_finished(run: Run, left_out: Mapping[str, str] | None) -> list[ArmName]:
    """Return the arms that are not left out, model by model."""
    return [arm for arm in run.arms if str(arm) not in (left_out or {})]


def list_compared(
    layout: Layout, params: Params, found: Comparison, stages: Mapping[str, Any]
) -> list[ArmName]:
    """Return the arms of the trial that lies here, which was compared to `found`.

    `stages` are those of dvc.lock. A `UserError` says that params.yaml has been edited since, or
    that files are of another run, or of one not known: what is recommended is not of them.
    """
    arms = list_finished(params.run, found.left_out)
    _refuse_params(layout, find_edited_params(stages, read_yaml(layout.params), arms))
    stage = find_unknown_run(stages, arms)
    if stage and has_stage(layout.pipeline, stage):
        raise UserError(
            f"{layout.lock.name} knows no run of {stage}, so the files here may be of several runs:"
            " one was killed, or has not come to its end; run `equipoise doctor`, which repairs"
            " DVC's files, then `dvc repro`"
        )
    if mixed := find_mixed_run(stages, arms):
        raise _make_mixed_error(*mixed)
    refuse_other_files(layout, list_made(stages, arms))
    for arm in arms:
        path, then = layout.metrics(arm), found.arms.get(str(arm))
        if then is None or not path.exists():  # of a former version, or pulled in part
            continue
        now = round_as_written(make_brief(read_result(path), found.objective))
        if now != round_as_written(then):
            former, later = (file.relative_to(layout.root) for file in (layout.comparison, path))
            raise _make_mixed_error(str(former), str(later))
    return arms


def refuse_other_files(layout: Layout, made: Mapping[str, str]) -> None:
    """Raise a `UserError` if a file is another than DVC knows, by the hash given for its path.

    So it is while a run goes on, after one that was killed before DVC had noted the file, or after
    one that Git has undone; and if the file is damaged.
    """
    for name, md5 in made.items():
        path = layout.root / name
        if is_as_made(path, md5):
            continue
        if is_damaged_in_cache(path):
            raise UserError(f"{name} is damaged, in DVC's cache too; {describe_remaking(path)}")
        raise _make_mixed_error(layout.lock.name, name)


def _make_mixed_error(former: str, later: str) -> UserError:
    return UserError(
        f"{former} is of one run, and {later} of another: a run has not come to its end, or Git has"
        " other files by now; run `dvc checkout`, then `dvc repro`"
    )


def refuse_mixed_params(layout: Layout, arms: Iterable[ArmName]) -> None:
    """Raise if params.yaml was edited while DVC ran these arms, which it cannot compare then."""
    raw, stages = read_yaml(layout.params), read_stages(layout.lock)
    _refuse_params(layout, find_edited_params(stages, raw, arms, BEFORE_ARMS))


def _refuse_params(layout: Layout, edited: Sequence[str]) -> None:
    if not edited:
        return
    if frozen := list_frozen(layout.pipeline):
        raise UserError(
            f"{layout.params.name} has been edited since the trial that lies here"
            f" ({', '.join(edited)}), and DVC leaves out {', '.join(frozen)}; take `frozen: true`"
            f" from there in {layout.pipeline.name}, then run `dvc repro`, or undo the edit"
        )
    raise UserError(
        f"{layout.params.name} has been edited since the trial that lies here"
        f" ({', '.join(edited)}); run `dvc repro`, or undo the edit"
    )
