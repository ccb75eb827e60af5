"""Forest plots: each arm's difference from the baseline, with its intervals."""

from collections.abc import Iterator, Sequence

from equipoise.charts.curve_charts import (
    DIGITS,
    INKED,
    RECOMMENDED,
    Records,
    make_arm_filter,
    make_signals,
)
from equipoise.charts.style import (
    INK,
    VERDICT_COLORS,
    Look,
    Spec,
    encode_names,
    encode_number,
    make_scale,
)
from equipoise.comparing.results import Answer

ROW_HEIGHT = 38
# An arm's name takes two lines: its strategy, its model.
BROKEN = {"labelExpr": f"split((datum.label == {RECOMMENDED} ? '\u2605 ' : '') + datum.label, '-')"}
FEW_TICKS = {"tickCount": 5}
# Short, so that the legend fits beside that of verdicts.
ABOUT = {"remedy": "cross-validated", "model": "fitted model"}
SHAPES = {ABOUT["remedy"]: "diamond", ABOUT["model"]: "circle"}
FAINT = 0.55
ABOVE = 3
TITLE = "difference from the baseline; grey: too small to matter"
OFFSET: Spec = {"field": "about", "sort": [*SHAPES]}


def make_forest_chart(answers: Sequence[Answer], look: Look) -> Spec:
    """Return the differences in one metric.

    The band is the region of practical equivalence. What is said of remedies, over the folds,
    stands above what is said of fitted models, on the test part, and in stronger colour.
    """
    rows = [*_list_differences(answers)]
    arms = [*dict.fromkeys(row["arm"] for row in rows)]
    y = encode_names("arm", sort=arms, axis=BROKEN)
    return look.make_spec(
        ROW_HEIGHT * len(arms),
        data={"values": rows},
        params=make_signals(rows, look),
        transform=make_arm_filter(several=False),
        layer=[
            _draw_band(y),
            _draw_zero(),
            *_mark_baseline(answers, look),
            *_draw_intervals(y, _choose_colors(answers), look),
        ],
    )


def _list_differences(answers: Sequence[Answer]) -> Iterator[dict[str, str | float]]:
    for answer in answers:
        low, high = answer.interval
        yield {
            "arm": answer.arm,
            "about": ABOUT[answer.claim],
            "effect": answer.effect,
            "verdict": answer.verdict,
            "p_holm": answer.p_holm,
            "interval_low": low,
            "interval_high": high,
            "band_low": -answer.rope,
            "band_high": answer.rope,
        }


def _draw_band(y: Spec) -> Spec:
    """Return the region in which a difference is too small to matter, of each answer its own."""
    return {
        "mark": {"type": "bar", "color": "#8882"},
        "encoding": {"y": y, "yOffset": OFFSET, **_encode_bounds("band")},
    }


def _draw_zero() -> Spec:
    zero: Spec = {"datum": 0, "type": "quantitative"}
    return {"mark": {"type": "rule", "color": "#888"}, "encoding": {"x": zero}}


def _mark_baseline(answers: Sequence[Answer], look: Look) -> Records:
    """Return a star above zero if what arms are compared with is recommended: it has no row."""
    if look.recommended not in {answer.against for answer in answers}:
        return []
    text = "\u2605 " + look.recommended
    zero: Spec = {"datum": 0, "type": "quantitative"}
    return [
        {
            "data": {"values": [{}]},
            "mark": {"type": "text", "text": text, "baseline": "bottom", "color": INK},
            "encoding": {"x": zero, "y": {"value": -ABOVE}},
        }
    ]


def _choose_colors(answers: Sequence[Answer]) -> dict[str, str]:
    """Return the colours of verdicts; what hardly ever is said has none unless it is."""
    said = {answer.verdict for answer in answers}
    return {name: c for name, c in VERDICT_COLORS.items() if name != "no hits" or name in said}


def _draw_intervals(y: Spec, colors: dict[str, str], look: Look) -> Records:
    """Return the interval of each answer, and its effect on top of it."""
    drawn: Spec = {
        "y": y,
        "yOffset": OFFSET,
        "opacity": {
            "condition": {"test": f"datum.about == '{ABOUT['remedy']}'", "value": 1},
            "value": FAINT,
        },
        "color": look.encode_verdict(colors),
        "tooltip": _list_tips(),
    }
    effect: Spec = {
        "x": encode_number("effect", TITLE, axis=FEW_TICKS),
        "shape": encode_names(
            "about", scale=make_scale(SHAPES), legend=INKED if look.legend else None
        ),
    }
    return [
        {
            "mark": {"type": "rule", "strokeWidth": 2},
            "encoding": {**drawn, **_encode_bounds("interval", TITLE)},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 80},
            "encoding": {**drawn, **effect},
        },
    ]


def _encode_bounds(what: str, title: str | None = None) -> Spec:
    return {
        "x": encode_number(f"{what}_low", title, axis=FEW_TICKS),
        "x2": {"field": f"{what}_high"},
    }


def _list_tips() -> Records:
    numbers = ("effect", "interval_low", "interval_high", "p_holm")
    return [
        *({"field": name} for name in ("arm", "about", "verdict")),
        *(encode_number(name, format=f".{DIGITS}~g") for name in numbers),
    ]
