"""The verdict in each segment of the table: for whom a remedy helps."""

from collections.abc import Iterator, Mapping, Sequence

from equipoise.comparing.claims import CLAIMS
from equipoise.comparing.conclusions import IN_SENTENCES
from equipoise.comparing.results import SegmentAnswer, SegmentVerdicts, Source, Verdicts
from equipoise.comparing.verdict import (
    Criteria,
    Question,
    answer_question,
    list_questions,
    measure_difference,
)
from equipoise.comparing.wording import format_difference, name_metric, name_rules
from equipoise.core.few_rows import FEWEST_TO_CLAIM, Part, explain_few_rows
from equipoise.judging.arm_result import Segment
from equipoise.judging.evidence import Evidence

# What is asked in each segment: one number of the ranking, one of the decisions.
ASKED = ("average_precision", "tuned")
PARTS: Mapping[Source, Part] = {"cv": "train", "test": "test"}
WHERE: Mapping[Source, str] = {
    "cv": "in cross-validation",
    "test": "as a fitted model, on the test part",
}


def compare_segments(
    verdicts: Verdicts, recommended: str, evidence: Mapping[str, Evidence], criteria: Criteria
) -> SegmentVerdicts | None:
    """Return what each arm, and the recommended one, changes in each segment; None without any.

    p-values are corrected (Holm) within each question over all arms and all segments that have
    rows enough of every class.
    """
    segments = next(iter(evidence.values())).result.segments
    if not segments:
        return None
    pairs = {answer.arm: answer.against for answer in verdicts.comparisons}
    first = next(iter(evidence))
    if recommended != first:
        pairs.setdefault(recommended, first)
    questions = [q for q in list_questions(criteria.objective) if {q.view, q.metric} & {*ASKED}]
    answers = [
        answer
        for question in questions
        for source in CLAIMS
        for answer in _answer_in_segments(pairs, evidence, question, source, criteria)
    ]
    several = next(iter(evidence.values())).result.of_several
    return SegmentVerdicts(
        {name: segment.rarest for name, segment in segments.items()},
        tuple(answers),
        (*_describe_answers(answers, several=several), *_describe_small(segments, criteria.scored)),
    )


def _answer_in_segments(
    pairs: Mapping[str, str],
    evidence: Mapping[str, Evidence],
    question: Question,
    source: Source,
    criteria: Criteria,
) -> Iterator[SegmentAnswer]:
    segments = next(iter(evidence.values())).result.segments
    asked = [
        (name, pair)
        for name, segment in segments.items()
        if has_rows_enough(segment, source)
        for pair in pairs.items()
    ]
    inside = {name: {arm: own.segments[name] for arm, own in evidence.items()} for name, _ in asked}
    differences = [
        measure_difference(pair, inside[name], question, source, criteria) for name, pair in asked
    ]
    answers = answer_question(differences, question, source, criteria)
    for (name, _), answer in zip(asked, answers, strict=True):
        yield SegmentAnswer(**vars(answer), segment=name)


def has_rows_enough(segment: Segment, source: Source) -> bool:
    """Return whether a segment has rows enough of every class for a claim from a source."""
    rows = getattr(segment.rarest, PARTS[source])
    return segment.result is not None and rows >= FEWEST_TO_CLAIM


def _describe_answers(answers: Sequence[SegmentAnswer], *, several: bool) -> Iterator[str]:
    """Give a sentence for each arm and claim: in which segments it is better, worse and so on."""
    for arm, source in dict.fromkeys((a.arm, a.source) for a in answers):
        own = [a for a in answers if (a.arm, a.source) == (arm, source)]
        told = [
            _describe_metric([a for a in own if a.metric == metric], several=several)
            for metric in dict.fromkeys(a.metric for a in own)
        ]
        yield f"{arm}, {WHERE[source]}: {'; '.join(told)}."


def _describe_metric(answers: Sequence[SegmentAnswer], *, several: bool) -> str:
    first = answers[0]
    name = name_metric(first.metric, several=several)
    rule = f" with tuned {name_rules(several=several)}" if first.view == "tuned" else ""
    by_verdict: dict[str, list[str]] = {}
    for answer in answers:
        said = IN_SENTENCES.get(answer.verdict, answer.verdict)
        by_verdict.setdefault(said, []).append(
            f"{answer.segment} ({format_difference(answer.effect)})"
        )
    told = (f"{said} for {', '.join(where)}" for said, where in by_verdict.items())
    return f"{name}{rule} is {', '.join(told)}"


def _describe_small(segments: Mapping[str, Segment], scored: Part) -> Iterator[str]:
    """Give what cannot be said of segments with too few rows of a class, and how many they have."""
    for part in PARTS.values():
        called: Part = scored if part == "train" else "test"
        small = [
            f"{name} ({rows})"
            for name, segment in segments.items()
            if (rows := getattr(segment.rarest, part)) < FEWEST_TO_CLAIM
        ]
        if small:
            yield (
                f"Too few {called} rows of the rarest class: {', '.join(small)};"
                f" {explain_few_rows(called)}."
            )
    lacking = [
        name
        for name, segment in segments.items()
        if segment.result is None and segment.rarest.train >= FEWEST_TO_CLAIM
    ]
    if lacking:
        yield (
            f"Not judged: {', '.join(lacking)}; a fold or the test part has no row of some class"
            " there."
        )
