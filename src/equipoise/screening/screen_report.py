"""What a screening found, as lines for a terminal and as Markdown."""

from collections.abc import Iterator, Mapping

from equipoise.comparing.wording import name_metric
from equipoise.core.markdown import escape_text, make_bullets, make_table
from equipoise.core.tables import format_count
from equipoise.screening.screened import RankedArm, Screened, Screening

# How many arms a terminal is shown.
SHOWN = 15
# How wide a number is.
DIGITS = 6
SELECTED = (
    "The ranking chose these arms by the same rows that the trial's folds have, so its verdicts"
    " about remedies favour them. Its results on the test part are not affected."
)
TUNED = (
    "That trial has the models as they are in params. To have them tuned, copy configurations from"
    " the page to `models`."
)


def list_screen_lines(screening: Screening) -> Iterator[str]:
    """Give the lines for a terminal: the best arms, what became of the others, what to run."""
    found = screening.found
    shown = found.arms[:SHOWN]
    width, wide = max(len(arm.arm) for arm in shown), max(len(found.metric), DIGITS)
    yield f"{'':4}{'arm':<{width}}  {found.metric:>{wide}}  behind the first"
    for rank, arm in enumerate(shown, 1):
        told = ", ".join(filter(None, [_format_lead(arm), _tell_untuned(arm), _tell_dropped(arm)]))
        yield f"{rank:>3} {arm.arm:<{width}}  {arm.value:>{wide}.4f}  {told}".rstrip()
    if len(found.arms) > SHOWN:
        yield f"    and {format_count(len(found.arms) - SHOWN, 'arm')} more, on the page"
    yield from (f"Left out: {name}: {why}" for name, why in found.left_out.items())
    yield from _summarise(screening)
    yield "For a trial of the best arms, put this into params.yaml:"
    yield from (f"  {line}" for line in list_run_lines(found))
    yield from _list_cautions(found)


def list_run_lines(found: Screened) -> Iterator[str]:
    """Give the section `run` that is offered."""
    yield "run:"
    yield f"  strategies: [{', '.join(found.run.strategies)}]"
    yield f"  models: [{', '.join(found.run.models)}]"


def write_screen_report(screening: Screening) -> str:
    """Return the page of a screening, in Markdown."""
    found = screening.found
    lines = [
        *("# Screening", "", escape_text(" ".join(_summarise(screening))), ""),
        escape_text(_explain(found)),
        *("", "## Ranking", "", *_make_ranking(found, screening.seconds)),
        *("", "## A trial of the best arms", "", "```yaml", *list_run_lines(found), "```", ""),
        *make_bullets(_list_cautions(found)),
    ]
    if found.left_out:
        reasons = (f"{name}: {why}" for name, why in found.left_out.items())
        lines += ["", "## Left out", "", *make_bullets(reasons)]
    if found.budget:
        lines += ["", "## Configurations", "", *_make_configurations(found)]
    return "\n".join(lines) + "\n"


def _list_cautions(found: Screened) -> Iterator[str]:
    yield SELECTED
    if found.budget:
        yield TUNED


def _summarise(screening: Screening) -> Iterator[str]:
    found = screening.found
    dropped = sum(arm.is_dropped for arm in found.arms)
    arms = len(found.arms) + len(found.left_out)
    yield (
        f"{format_count(arms, 'arm')}, {format_count(found.folds, 'fold')}; dropped because"
        f" credibly behind: {dropped:,}, which saved {found.saved:.0%} of the fits;"
        f" {sum(screening.seconds.values()):,.0f} s of processor time"
    )


def _explain(found: Screened) -> str:
    name = name_metric(found.metric)
    dropped = (
        "An arm is dropped once it is credibly behind the arm that leads; the chance that this hits"
        f" the best arm is at most {found.level:.0%}."
    )
    return (
        f"By {name}, the mean over the folds. Behind the first: by how much the first arm is"
        f" better over the folds that both were in, with a {found.confidence:.0%} interval, not"
        f" corrected for the number of arms. {dropped if found.level else 'No arm is dropped.'}"
    )


def _make_ranking(found: Screened, seconds: Mapping[str, float]) -> Iterator[str]:
    tuned = ["untuned"] if found.budget else []
    header = ["", "arm", found.metric, *tuned, "behind the first", "folds", "dropped", "s"]
    sides = ["right", "left", "right", *("right" for _ in tuned)]
    rows = [
        [
            *(str(rank), arm.arm, f"{arm.value:.4f}", *([_tell_mean(arm)] if tuned else [])),
            *(_format_lead(arm), str(arm.folds), _tell_leader(arm), f"{seconds[arm.arm]:.1f}"),
        ]
        for rank, arm in enumerate(found.arms, 1)
    ]
    yield from make_table(header, [*sides, "right", "right", "left", "right"], rows)


def _make_configurations(found: Screened) -> Iterator[str]:
    for arm in (arm for arm in found.arms if arm.chosen):
        told = (
            ", ".join(f"{name}: {value}" for name, value in chosen.items()) or "as in params"
            for chosen in arm.chosen
        )
        yield from make_bullets([f"{arm.arm}: {'; '.join(told)}"])


def _format_lead(arm: RankedArm) -> str:
    if arm.behind is None or arm.interval is None:
        return ""
    low, high = arm.interval
    return f"{arm.behind:.4f} [{low:.4f}, {high:.4f}]"


def _tell_mean(arm: RankedArm) -> str:
    return "" if arm.untuned is None else f"{arm.untuned:.4f}"


def _tell_untuned(arm: RankedArm) -> str:
    return "" if arm.untuned is None else f"{arm.untuned:.4f} untuned"


def _tell_leader(arm: RankedArm) -> str:
    return f"after fold {arm.folds}, behind {arm.leader}" if arm.is_dropped else ""


def _tell_dropped(arm: RankedArm) -> str:
    return f"dropped after fold {arm.folds}" if arm.is_dropped else ""
