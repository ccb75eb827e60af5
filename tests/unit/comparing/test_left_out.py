"""Which arms a trial goes on without, and when it cannot."""

import pytest

from equipoise.comparing.left_out import find_left_out
from equipoise.params.trial_params import Run
from equipoise.terminal.errors import UserError

RUN = Run(strategies=("baseline", "smote"), models=("tree", "near"))
STRICT = Run(strategies=("baseline", "smote"), models=("tree",), strict=True)


def test_without_its_baseline_a_model_is_left_out() -> None:
    """There is nothing to compare its other arms with; those of other models stay."""
    assert find_left_out(RUN, {"smote-tree": "too few rows"}) == {"smote-tree": "too few rows"}
    assert find_left_out(RUN, {"baseline-near": "not installed"}) == {
        "baseline-near": "not installed",
        "smote-near": "baseline-near, which it is compared with, is left out",
    }


@pytest.mark.parametrize(
    ("run", "refused", "said"),
    [
        (STRICT, {"smote-tree": "no"}, "run.strict: true needs every arm, but smote-tree cannot"),
        (
            RUN,
            {"baseline-tree": "no", "baseline-near": "never"},
            "nothing can be compared, because",
        ),
    ],
)
def test_some_arms_are_not_gone_on_without(run: Run, refused: dict[str, str], said: str) -> None:
    """A line for each reason."""
    with pytest.raises(UserError, match=said) as stopped:
        find_left_out(run, refused)
    assert [line.rpartition(": ")[2] for line in str(stopped.value).splitlines()] == [
        *refused.values()
    ]
    assert find_left_out(STRICT, {}) == {}
