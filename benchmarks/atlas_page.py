"""The page of `atlas.jsonl`: its figure and its tables.

    PYTHONPATH=src python benchmarks/atlas_page.py

Without fitting anything, which is enough after an edit of words or of the figure.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
import vl_convert
from atlas_chart import SHAPES, make_atlas_chart
from atlas_ranks import Ranks, rank_over_tables
from atlas_results import BESIDE, BRIER, QUESTIONS, JudgedTable, list_claims, read_judged
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from equipoise.charts.shown import SCALE, Chart
from equipoise.comparing.claims import FEWEST_FOR_CALIBRATED
from equipoise.core.few_rows import FEWEST_TO_CLAIM
from equipoise.core.markdown import make_table
from equipoise.core.tables import TWO_CLASSES

HERE = Path(__file__).parent
JUDGED, TEMPLATE = HERE / "atlas.jsonl", "atlas.md.jinja"
PAGE = HERE.parent / "docs/atlas.md"
FIGURE = HERE.parent / "docs/images/atlas.png"
ASKED_OF, BASELINE, LEVEL = "smote", "baseline", 0.05
DRAWN = ("default_f1", "tuned_f1", BRIER)
# Of how many rows one is of the rarest class.
RARITIES = {"up to 1 in 10": (0, 10), "1 in 10 to 1 in 30": (10, 30), "rarer": (30, 10**9)}
SIGNS = {"better": "+", "worse": "−", "equivalent": "="}  # noqa: RUF001 - a minus, as in the gallery
UNSURE, MISSING = "·", "✗"


def write_page(judged: Sequence[JudgedTable], page: Path = PAGE, figure: Path = FIGURE) -> None:
    """Draw the figure and fill the template."""
    claims = list_claims(judged)
    own = claims[claims["strategy"] == ASKED_OF]
    titles = {question: f"difference in {QUESTIONS[question]}" for question in DRAWN}
    chart = make_atlas_chart(own, titles, "SMOTE against the baseline of the same model")
    figure.write_bytes(vl_convert.svg_to_png(Chart(chart).draw(), scale=SCALE))
    # Markdown, and the tables are made here: nothing is escaped.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(HERE), undefined=StrictUndefined, trim_blocks=True
    )
    text = environment.get_template(TEMPLATE).render(
        judged=judged,
        seconds=sum(table.seconds for table in judged),
        several=sum(table.classes > TWO_CLASSES for table in judged),
        refused=[f"{name} on {table.name}" for table in judged for name in _list_refused(table)],
        claimed=_count_tables(judged, FEWEST_TO_CLAIM),
        claimed_calibrated=_count_tables(judged, FEWEST_FOR_CALIBRATED),
        titles=QUESTIONS,
        gains={question: _count_gains(own, question) for question in QUESTIONS},
        credible=[*_list_credible(claims)],
        summary=_table_summary(own),
        instead=_table_instead(claims),
        rarities=_table_rarities(own),
        ranks={title: _table_ranks(claims, question) for question, title in QUESTIONS.items()},
        ranked=_rank(claims, "tuned_f1", "logistic"),
        signs={title: _table_signs(claims, question) for question, title in QUESTIONS.items()},
        tables=_table_tables(judged),
    )
    page.write_text(text.rstrip() + "\n", encoding="utf-8")


def _count_tables(judged: Sequence[JudgedTable], fewest: int) -> int:
    return sum(table.rarest >= fewest for table in judged)


def _list_refused(table: JudgedTable) -> list[str]:
    """Return the strategies that could not be fitted with some model."""
    return sorted({arm.rpartition("-")[0] for arm in table.refused})


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(make_table(header, ["left", *["right"] * (len(header) - 1)], rows))


def _count_gains(own: pd.DataFrame, question: str) -> str:
    """Return on how many tables SMOTE is ahead at all, for each model."""
    ahead = own[(own["question"] == question) & (own["effect"] > 0)]["model"].value_counts()
    return "/".join(str(ahead.get(model, 0)) for model in SHAPES)


def _list_credible(claims: pd.DataFrame) -> Iterator[str]:
    """Give every question and model in which the mean rank of SMOTE differs from the baseline's."""
    for question, title in QUESTIONS.items():
        for model in SHAPES:
            ranks = _rank(claims, question, model)
            lead = ranks.means[BASELINE] - ranks.means[ASKED_OF]
            if abs(lead) > ranks.critical:
                yield f"{title}, {model} ({'better' if lead > 0 else 'worse'})"


def _table_summary(own: pd.DataFrame) -> str:
    """Return by question and model the median difference, and how often it is credible."""
    rows = [
        [title, *(_summarise(own[own["question"] == question], model) for model in SHAPES)]
        for question, title in QUESTIONS.items()
    ]
    return _table(["", *SHAPES], rows)


def _summarise(claims: pd.DataFrame, model: str) -> str:
    own = claims[claims["model"] == model]
    counts = own["verdict"].value_counts()
    told = ", ".join(f"{counts[name]} {name}" for name in SIGNS if name in counts)
    return f"{own['effect'].median():+.3f} ({told or 'all undecided'})"


def _table_instead(claims: pd.DataFrame) -> str:
    """Return the median of paired differences that no verdict is given of, and how many are up."""
    values = claims.pivot_table(
        index=["table", "model"], columns=["strategy", "question"], values="value"
    )
    asked, baseline = values[ASKED_OF], values[BASELINE]
    differences = {
        "F1: SMOTE, default threshold, less baseline, tuned": asked["default_f1"]
        - baseline["tuned_f1"],
        **{title: asked[name] - baseline[name] for name, title in BESIDE.items()},
    }
    rows = [
        [title, *(_tell_pairs(each.xs(model, level="model")) for model in SHAPES)]
        for title, each in differences.items()
    ]
    return _table(["", *SHAPES], rows)


def _tell_pairs(differences: pd.Series) -> str:
    return f"{differences.median():+.3f} ({(differences > 0).sum()} ahead)"


def _table_rarities(own: pd.DataFrame) -> str:
    """Return median differences of F1, at both thresholds, by how rare the rarest class is."""
    rows = []
    for name, (low, high) in RARITIES.items():
        group = own[(own["one_in"] > low) & (own["one_in"] <= high)]
        if group.empty:
            continue
        medians = group.groupby(["question", "model"])["effect"].median()
        cells = (
            f"{medians[question, model]:+.3f}"
            for question in ("default_f1", "tuned_f1")
            for model in SHAPES
        )
        rows.append([name, str(group["table"].nunique()), *cells])
    header = [f"{view}, {model}" for view in ("default", "tuned") for model in SHAPES]
    return _table(["rarest class", "tables", *header], rows)


def _rank(claims: pd.DataFrame, question: str, model: str) -> Ranks:
    """Return the ranks over the tables on which every strategy could be fitted."""
    own = claims[(claims["question"] == question) & (claims["model"] == model)]
    values = own.pivot_table(index="table", columns="strategy", values="value", sort=False)
    return rank_over_tables(values.dropna(), LEVEL)


def _table_ranks(claims: pd.DataFrame, question: str) -> str:
    """Return the mean rank of every strategy by model, and how often it is better and worse."""
    ranked = {model: _rank(claims, question, model) for model in SHAPES}
    asked = claims[claims["question"] == question]
    rows = [
        [strategy, *_list_ranks(asked[asked["strategy"] == strategy], strategy, ranked)]
        for strategy in asked["strategy"].unique()
    ]
    tests = [f"{ranks.p:.1g} over {ranks.tables}" for ranks in ranked.values()]
    return _table(["mean rank", *SHAPES], [*rows, ["Friedman's p, tables", *tests]])


def _list_ranks(own: pd.DataFrame, strategy: str, ranked: dict[str, Ranks]) -> Iterator[str]:
    for model, ranks in ranked.items():
        mean, lead = ranks.means[strategy], ranks.means[BASELINE] - ranks.means[strategy]
        sign = SIGNS["better" if lead > 0 else "worse"] if abs(lead) > ranks.critical else ""
        counts = own[own["model"] == model]["verdict"].value_counts()
        told = f" ({counts.get('better', 0)}, {counts.get('worse', 0)})"
        yield f"{mean:.1f}{sign}{'' if strategy == BASELINE else told}"


def _table_signs(claims: pd.DataFrame, question: str) -> str:
    """Return what is claimed of each remedy on each table: a sign for each model, in order."""
    fewest = FEWEST_FOR_CALIBRATED if question == BRIER else FEWEST_TO_CLAIM
    remedies = [name for name in claims["strategy"].unique() if name != BASELINE]
    own = claims[(claims["question"] == question) & (claims["rarest"] >= fewest)]
    said = own.set_index(["table", "strategy", "model"])["verdict"].to_dict()
    rows = [
        [
            table,
            *("".join(_sign(said.get((table, name, m), "")) for m in SHAPES) for name in remedies),
        ]
        for table in own.sort_values("one_in")["table"].unique()
    ]
    return _table(["", *remedies], rows)


def _sign(verdict: str) -> str:
    return SIGNS.get(verdict, UNSURE) if verdict else MISSING


def _table_tables(judged: Sequence[JudgedTable]) -> str:
    header = ["", "rows", "used", "columns", "classes", "rarest", "1 in", "s"]
    rows = [
        [
            *(table.name, f"{table.rows:,}", f"{table.used:,}", str(table.columns)),
            *(str(table.classes), str(table.rarest), f"{table.one_in:.0f}", f"{table.seconds:.0f}"),
        ]
        for table in sorted(judged, key=lambda table: table.one_in)
    ]
    return _table(header, rows)


if __name__ == "__main__":
    write_page(read_judged(JUDGED))
