"""`reports/metrics/<arm>.json`: the result of an arm as JSON."""

from dataclasses import asdict
from pathlib import Path

from equipoise.core.json_values import Json, JsonObject, Unchecked
from equipoise.judging.arm_result import (
    CELLS,
    INSTABILITY,
    LIMIT_KEPT,
    ArmResult,
    Decided,
    RarestRows,
    Segment,
    UsedRule,
    make_untested_result,
    name_class_section,
)
from equipoise.storage.files.formats import read_json, round_as_written, write_json
from equipoise.terminal.errors import UserError
from equipoise.terminal.remaking import describe_remaking

NAMES = ("arm", "strategy", "model", "treatment")
NUMBERS = ("test", "calibrated", "constant_guess", "out_of_fold")
RULE = ("threshold", "weights")


def encode_result(result: ArmResult) -> JsonObject:
    """Return what the file has: what is None is left out."""
    values: dict[str, Json] = {name: getattr(result, name) for name in NAMES}
    if not result.tested:
        return {**values, **_encode_untested(result)}
    values |= result.sections
    for view, decided in result.views.items():
        used = _encode_rule(decided.rule)
        # Of two classes the matrix stands in the section of its view.
        cells = {} if result.of_several else decided.cells
        values[view] = {**decided.numbers, **used, **cells}
    if result.of_several:
        values["classes"] = result.classes
        values["confusion"] = {view: decided.confusion for view, decided in result.views.items()}
    values["interval"] = result.intervals
    if result.segments:
        values["segments"] = {name: _encode_segment(own) for name, own in result.segments.items()}
    return values | ({} if result.note is None else {"note": result.note})


def _encode_untested(result: ArmResult) -> JsonObject:
    """Return what the file has beside names where there is no test part."""
    values: dict[str, Json] = {
        "tested": False,
        "out_of_fold": result.sections["out_of_fold"],
        "tuned": _encode_rule(result.tuned.rule),
    }
    values |= {"classes": result.classes} if result.of_several else {}
    return values | ({} if result.note is None else {"note": result.note})


def _encode_rule(rule: UsedRule) -> JsonObject:
    values = {name: getattr(rule, name) for name in RULE}
    return {name: value for name, value in values.items() if value is not None}


def decode_result(values: Unchecked) -> ArmResult:
    """Return the record of what a file has."""
    if values.get("tested") is False:
        return _decode_untested(values)
    arm, strategy, model, treatment = (str(values[name]) for name in NAMES)
    test, calibrated, constant_guess, out_of_fold = (dict(values[name]) for name in NUMBERS)
    limit_kept = out_of_fold.pop(LIMIT_KEPT, None)
    return ArmResult(
        arm,
        strategy,
        model,
        treatment,
        test,
        calibrated,
        constant_guess,
        out_of_fold,
        default=_decode_decided(values, "default"),
        tuned=_decode_decided(values, "tuned"),
        elkan=_decode_decided(values, "elkan") if "elkan" in values else None,
        prior_corrected=values.get("prior_corrected"),
        net_benefit=values.get("net_benefit"),
        instability=values.get(INSTABILITY),
        by_class={label: values[name_class_section(label)] for label in values.get("classes", ())},
        intervals={name: (low, high) for name, (low, high) in values["interval"].items()},
        segments={name: _decode_segment(own) for name, own in values.get("segments", {}).items()},
        limit_kept=None if limit_kept is None else bool(limit_kept),
        note=values.get("note"),
    )


def _decode_untested(values: Unchecked) -> ArmResult:
    arm, strategy, model, treatment = (str(values[name]) for name in NAMES)
    out_of_fold = dict(values["out_of_fold"])
    limit_kept = out_of_fold.pop(LIMIT_KEPT, None)
    return make_untested_result(
        (arm, strategy, model, treatment),
        out_of_fold,
        UsedRule(**values["tuned"]),
        classes=tuple(values.get("classes", ())),
        limit_kept=None if limit_kept is None else bool(limit_kept),
        note=values.get("note"),
    )


def _encode_segment(segment: Segment) -> JsonObject:
    rarest: JsonObject = {"rarest": asdict(segment.rarest)}
    return rarest if segment.result is None else {**rarest, "result": encode_result(segment.result)}


def _decode_segment(values: Unchecked) -> Segment:
    result = decode_result(values["result"]) if "result" in values else None
    return Segment(RarestRows(**values["rarest"]), result)


def _decode_decided(values: Unchecked, view: str) -> Decided:
    """Return the decisions of a view; the matrix of two classes stands in its section."""
    section = values[view]
    if "classes" in values:
        matrix = values["confusion"][view]
    else:
        tn, fp, fn, tp = (section[cell] for cell in CELLS)
        matrix = ((tn, fp), (fn, tp))
    return Decided(
        {name: value for name, value in section.items() if name not in {*RULE, *CELLS}},
        tuple(map(tuple, matrix)),
        UsedRule(**{key: section[key] for key in RULE if key in section}),
    )


def round_result(result: ArmResult) -> ArmResult:
    """Return the result as it is read from its file: numbers have six significant digits."""
    return decode_result(round_as_written(encode_result(result)))


def write_result(result: ArmResult, path: Path) -> None:
    """Write the result of an arm."""
    write_json(encode_result(result), path)


def read_result(path: Path) -> ArmResult:
    """Read what `write_result` wrote; a `UserError` names a file that is something else."""
    values = read_json(path, NAMES)
    try:
        return decode_result(values)
    except (ValueError, KeyError, TypeError, AttributeError) as bad:
        raise UserError(
            f"{path} is not the result of an arm: {bad}; {describe_remaking(path)}"
        ) from bad
