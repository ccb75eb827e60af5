"""The page of `performance.json`: its tables, and what is over the budget."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression, median
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pipeline import BUDGET, ROOT

HERE = Path(__file__).parent
MEASUREMENTS = HERE / "performance.json"
TEMPLATE = "performance.md.jinja"
PAGE = ROOT / "docs/performance.md"
FIELDS = ("seconds", "processor", "peak")
# What the page calls what was measured, in the order of its rows.
NAMES = {
    "plain, cold": "Equipoise, plain, from nothing",
    "plain, edited": "Equipoise, plain, after an edit of SMOTE",
    "plain, nothing to do": "Equipoise, with nothing to do",
    "status": "`dvc status` there",
    "warm, cold": "Equipoise, warm, from nothing",
    "warm, edited": "Equipoise, warm, after the edit",
    "tutorial, cold": "tutorial style, from nothing",
    "tutorial, edited": "tutorial style, after the edit",
    "PyCaret": "PyCaret",
    "skore": "skore",
    "bare, loop": "bare script, intervals by a loop",
    "bare, counted": "bare script, intervals by counts",
    "plain, example": "Equipoise, plain, from nothing",
    "warm, example": "Equipoise, warm, from nothing",
    "bare, example": "bare script, intervals by counts",
}
PARTS = {"default_job": "the default job", "example": "credit card fraud", "scaling": "by rows"}
ALL_STAGES, BARE = "all stages", "bare script"


@dataclass(frozen=True)
class Ratio:
    """Two medians of one field, and the key of their limit in each section of `budget.yaml`."""

    key: str
    words: str
    above: str
    below: str
    field: str = "seconds"


KINDS = ("plain", "warm")
RATIOS = (
    Ratio("cold", "from nothing / tutorial style", "cold", "tutorial, cold"),
    Ratio("edited", "after an edit / tutorial style from nothing", "edited", "tutorial, cold"),
    Ratio("nothing to do", "with nothing to do / `dvc status`", "nothing to do", "status"),
    Ratio("PyCaret", "from nothing / PyCaret", "cold", "PyCaret"),
    Ratio("skore", "from nothing / skore", "cold", "skore"),
    Ratio("bare, loop", "from nothing / bare script by a loop", "cold", "bare, loop"),
    Ratio("bare, counted", "from nothing / bare script by counts", "cold", "bare, counted"),
    Ratio(
        "processor",
        "processor time: from nothing / tutorial style",
        "cold",
        "tutorial, cold",
        "processor",
    ),
    Ratio("peak", "peak: from nothing / tutorial style", "cold", "tutorial, cold", "peak"),
    Ratio("example", "from nothing / bare script by counts", "example", "bare, example"),
)


@dataclass(frozen=True)
class Judged:
    """A ratio or an exponent beside the most that is allowed."""

    what: str
    value: float
    limit: float

    @property
    def line(self) -> str:
        """Both, in a line for the terminal."""
        return f"{self.what} is {self.value:.2f}, at most {self.limit:.2f} allowed"


def make_page(measured: Mapping[str, Any]) -> str:
    """Return the page: the template, filled with the tables of what is measured."""
    # Markdown, and the tables are made here: nothing is escaped.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(HERE), undefined=StrictUndefined, trim_blocks=True
    )
    default, example, scaling = (measured.get(part) for part in PARTS)
    page = environment.get_template(TEMPLATE).render(
        repeats=default and len(default["usages"]["plain, cold"]),
        seconds=default and _list_seconds(default["usages"]),
        usages=default and _table_usages(default["usages"]),
        ratios=default and _table_ratios(default["usages"]),
        example_usages=example and _table_usages(example["usages"]),
        example_ratios=example and _table_ratios(example["usages"]),
        versions=default and default["versions"],
        times=scaling and _table_rows(scaling, "processor"),
        peaks=scaling and _table_rows(scaling, "peak"),
        machines=_table_machines(measured),
    )
    return page.rstrip() + "\n"


def write_page(measured: Mapping[str, Any]) -> None:
    """Write the page into the docs."""
    PAGE.write_text(make_page(measured), encoding="utf-8")


def list_over_budget(measured: Mapping[str, Any]) -> list[str]:
    """Return a line for each ratio and exponent that is more than `budget.yaml` allows."""
    default, example, scaling = (measured.get(part) for part in PARTS)
    usages = {
        name: used for part in (default, example) if part for name, used in part["usages"].items()
    }
    ratios = [_judge_ratio(ratio, kind, usages) for ratio in RATIOS for kind in KINDS]
    exponents = _judge_exponents(scaling) if scaling else []
    return [each.line for each in [*ratios, *exponents] if each and each.value > each.limit]


def _judge_ratio(
    ratio: Ratio, kind: str, usages: Mapping[str, Sequence[Mapping[str, float]]]
) -> Judged | None:
    """Return a ratio, plain or warm; None if one of its sides was not measured."""
    sides = [usages.get(name) for name in (f"{kind}, {ratio.above}", ratio.below)]
    above, below = (side and _median(side, ratio.field) for side in sides)
    if not above or not below:
        return None
    return Judged(f"{kind}: {ratio.words}", above / below, _read_budget()[kind][ratio.key])


def _judge_exponents(scaling: Mapping[str, Any]) -> Iterator[Judged]:
    """Give the exponents of all stages together."""
    for field in ("processor", "peak"):
        values = _group_stages(scaling, field)[ALL_STAGES]
        if len(values) > 1:
            limit = _read_budget()["exponents"][field]
            yield Judged(f"exponent of {field}", _fit_exponent(values), limit)


def _read_budget() -> Mapping[str, Mapping[str, float]]:
    budget: Mapping[str, Mapping[str, float]] = yaml.safe_load(BUDGET.read_text(encoding="utf-8"))
    return budget


def _median(usages: Sequence[Mapping[str, float]], field: str) -> float:
    return median(usage[field] for usage in usages)


def _list_seconds(usages: Mapping[str, Sequence[Mapping[str, float]]]) -> dict[str, str]:
    return {name: f"{_median(used, 'seconds'):.0f}" for name, used in usages.items()}


def _table_usages(usages: Mapping[str, Sequence[Mapping[str, float]]]) -> str:
    """Return the medians of all that was measured."""
    rows = [
        [words, *(_show(_median(usages[name], field), field) for field in FIELDS)]
        for name, words in NAMES.items()
        if name in usages
    ]
    return _table(["", "seconds", "of the processor", "peak, MB"], rows)


def _table_ratios(usages: Mapping[str, Sequence[Mapping[str, float]]]) -> str:
    """Return the ratios beside their limits, plain and warm."""
    rows = []
    for ratio in RATIOS:
        judged = [_judge_ratio(ratio, kind, usages) for kind in KINDS]
        cells = [_show_judged(each) for each in judged]
        if any(judged):
            rows.append([ratio.words, *(cell for pair in cells for cell in pair)])
    return _table(["Equipoise / other", "plain", "at most", "warm", "at most"], rows)


def _show_judged(judged: Judged | None) -> tuple[str, str]:
    return (f"{judged.value:.2f}", f"{judged.limit:.2f}") if judged else ("", "")


def _table_machines(measured: Mapping[str, Any]) -> str:
    """Return what each part was measured on."""
    parts = {PARTS[part]: found["machine"] for part, found in measured.items() if part in PARTS}
    first, *_ = parts.values()
    rows = [[name, *(machine[name] for machine in parts.values())] for name in first]
    return _table(["", *parts], rows)


def _table_rows(scaling: Mapping[str, Any], field: str) -> str:
    """Return a row for each kind of stage, by the number of rows, with exponents."""
    groups = _group_stages(scaling, field)
    header = ["", *(f"{rows:,} rows" for rows in groups[BARE]), "exponent", "of the last two"]
    rows = [
        [name, *(_show(value, field) for value in values.values()), *_show_exponents(values)]
        for name, values in groups.items()
    ]
    ratios = [f"{groups[ALL_STAGES][n] / value:.1f}" for n, value in groups[BARE].items()]
    return _table(header, [*rows, [f"{ALL_STAGES} / {BARE}", *ratios, "", ""]])


def _group_stages(scaling: Mapping[str, Any], field: str) -> dict[str, dict[int, float]]:
    """Return values by kind of stage and rows: times are added, the peak is the highest."""
    groups: dict[str, dict[int, float]] = {}
    for rows, stages in scaling["stages"].items():
        for stage, used in stages.items():
            for name in (_name_stage(stage), ALL_STAGES):
                _gather(groups.setdefault(name, {}), int(rows), used[field], field)
    bare = {int(rows): used[field] for rows, used in scaling["bare"].items()}
    everything = groups.pop(ALL_STAGES)
    return {**groups, ALL_STAGES: everything, BARE: bare}


def _gather(values: dict[int, float], rows: int, value: float, field: str) -> None:
    before = values.get(rows, 0.0)
    values[rows] = max(before, value) if field == "peak" else before + value


def _name_stage(stage: str) -> str:
    """Return a stage's name; of `train`, the arm too, which is what its time hangs on."""
    name, *arguments = stage.replace("generate_data", "generate-data").split()
    return f"`{name}`, {'-'.join(arguments[1::2])}" if name == "train" else f"`{name}`"


def _fit_exponent(values: Mapping[int, float]) -> float:
    """Return the slope of the logarithm on that of the rows, by least squares."""
    return linear_regression(
        [math.log(rows) for rows in values], [math.log(value) for value in values.values()]
    ).slope


def _show_exponents(values: Mapping[int, float]) -> list[str]:
    """Return the exponent over all numbers of rows, and that between the last two of them."""
    if len(values) == 1:
        return ["", ""]
    last = dict([*values.items()][-2:])
    return [f"{_fit_exponent(of):.2f}" for of in (values, last)]


def _show(value: float, field: str) -> str:
    return f"{value:,.0f}" if field == "peak" else f"{value:,.1f}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of Markdown."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, rule, *rows])


if __name__ == "__main__":
    write_page(json.loads(MEASUREMENTS.read_text(encoding="utf-8")))
