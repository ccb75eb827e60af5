"""What was found, as the message that stops a stage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.audit.audit_results import (
    ADVICE,
    SHOWN,
    AuditResult,
    format_found,
    make_audit_result,
    stop_on_failures,
)
from equipoise.terminal.errors import UserError, make_showable

RESULTS = st.lists(
    st.builds(AuditResult, st.text(min_size=1), st.booleans(), st.just("said")),
    unique_by=lambda result: result.name,
)


@given(RESULTS)
def test_a_line_is_said_for_each_failure(results: list[AuditResult]) -> None:
    """Nothing stops unless a check failed; then each that did is named, and no other."""
    failed = [f"audit: {result.name}: said" for result in results if not result.passed]
    if not failed:
        stop_on_failures(results)
        return
    with pytest.raises(UserError) as stopped:
        stop_on_failures(results)
    assert str(stopped.value) == make_showable(*failed)


def test_a_check_fails_if_anything_is_wrong() -> None:
    """All that is wrong is said, with the remedy; empty texts are nothing wrong."""
    assert make_audit_result("name", ["", ""], "fine") == AuditResult(
        "name", passed=True, detail="fine"
    )
    failed = make_audit_result("name", ["this", "", "that"], "fine")
    assert failed == AuditResult("name", passed=False, detail=f"this; that; {ADVICE}")


@given(st.lists(st.integers(), max_size=8))
def test_rows_are_counted_and_the_first_named(rows: list[int]) -> None:
    """A message stays one line, however many rows are meant."""
    said = format_found(rows, "lost")
    if not rows:
        assert said == ""
        return
    assert said.startswith("1 row lost (" if len(rows) == 1 else f"{len(rows)} rows lost (")
    assert said.endswith(", ...)") == (len(rows) > SHOWN)
    assert all(str(row) in said for row in rows[:SHOWN])
