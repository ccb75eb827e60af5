"""What is wrong with a table or with params is said in one line, and destroys nothing.

Each case runs the stage scripts in order on a job that has run before.
"""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from equipoise.data.written_values import LARGEST_NUMBER

from .cases_absurd import ABSURD
from .cases_arms import ARMS
from .cases_params import PARAM_CASES
from .cases_read import READ, Odd
from .cases_spoilt import SPOILT, Spoilt
from .cases_tables import TABLES
from .job import ANYTHING, STAGES, Case, arguments, csv, files, run_stage, shop

CASES = (*TABLES, *PARAM_CASES, *ARMS, *ABSURD)
SUBJECT = re.compile(r"params\.yaml\b|[a-z_]+(\.\w+)*(: | is required\b| with )")
REMEDY = re.compile(
    r"; \w|did you mean '|should (be|end in|add up to) |must (be|hold) |choose (from|another)"
    r"|it has: |Please increase "
)


def refusal(stage: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> str | None:
    """Return what is on stderr when a stage ends with a user's mistake; None if it runs.

    A run of it that so ends leaves every file as it was.
    """
    for options in arguments(stage, folder):
        before = files(folder)
        try:
            run_stage(stage, folder, options)
        except SystemExit as stop:
            assert files(folder) == before
            return f"{capsys.readouterr().err}{text_of(stop)}\n"
    return None


def text_of(stop: SystemExit) -> str:
    """Return what Python prints, before it ends with status 1."""
    assert isinstance(stop.code, str)
    return stop.code


def expected(message: str) -> re.Pattern[str]:
    """Return the pattern of the whole of stderr."""
    return re.compile(re.escape(f"error: {message}\n").replace(ANYTHING, ".+"))


def test_the_kinds_are_many_and_each_has_a_name() -> None:
    """Sixty at the least; a name that is there twice would hide a case."""
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names) > 60
    assert len({odd.name for odd in READ}) == len(READ)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_is_said_in_its_words_and_destroys_nothing(
    case: Case, job: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first stage that can tell refuses it; those before it run."""
    case.spoil(job)
    for stage in STAGES[: STAGES.index(case.stage)]:
        assert refusal(stage, job, capsys) is None
    said = refusal(case.stage, job, capsys)
    assert said is not None, f"{case.stage} refuses nothing"
    assert expected(case.message).fullmatch(said), said


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_doctor_says_it_before_any_stage(
    case: Case, job: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the words of the stage, and it writes nothing."""
    case.spoil(job)
    said = refusal("doctor", job, capsys)
    assert said is not None, "the doctor finds nothing"
    assert expected(case.found or case.message).fullmatch(said), said


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_message_names_its_subject_and_a_remedy(case: Case) -> None:
    """Each line begins with a key, or the file of params, and says what to do."""
    for line in case.message.splitlines():
        assert SUBJECT.match(line), line
        assert REMEDY.search(line), line


@pytest.mark.parametrize("odd", READ, ids=lambda odd: odd.name)
def test_an_odd_table_is_read_all_the_same(
    odd: Odd, finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Labels, and columns that are not odd, come out as from the good table."""
    odd.lay(tmp_path)
    assert refusal("generate_data", tmp_path, capsys) is None
    good, read = (pd.read_parquet(f / "data/dataset.parquet") for f in (finished, tmp_path))
    kinds = json.loads((tmp_path / "data/schema.json").read_text())["columns"]
    assert {name: kinds[name] for name in odd.kinds} == dict(odd.kinds)
    same = [name for name in read if name in good and name not in odd.kinds]
    assert "target" in same
    pd.testing.assert_frame_equal(read[same], good[same])


@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")  # unscaled, at such a size
@pytest.mark.parametrize("numeric", ["passthrough", "standardize"])
def test_the_largest_number_that_is_taken_goes_through_every_stage(
    numeric: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is refused is refused before any work: below it no arm overflows, nor does the page."""
    arms = "{strategies: [baseline, smote, weighted], models: [logistic, boosting]}"
    params = {
        "{numeric: standardize}": f"{{numeric: {numeric}}}",
        "{strategies: [baseline, smote], models: [logistic]}": arms,
        "  bayes: {class: GaussianNB}": "  boosting: {class: HistGradientBoostingClassifier}",
    }
    Odd("", csv(amount=[LARGEST_NUMBER, *shop()["amount"][1:-1], -LARGEST_NUMBER]), {}, params).lay(
        tmp_path
    )
    for stage in (*STAGES, "report"):
        assert refusal(stage, tmp_path, capsys) is None


@pytest.mark.parametrize("spoilt", SPOILT, ids=lambda s: f"{s.path}, {s.content!r}")
def test_a_spoilt_file_is_named_with_what_makes_it_anew(
    spoilt: Spoilt, job: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What an earlier run made, cut short or gone, is no traceback; no other file changes."""
    path = job / spoilt.path
    path.unlink() if spoilt.content is None else path.write_bytes(spoilt.content)
    said = refusal(spoilt.stage, job, capsys)
    assert said is not None, f"{spoilt.stage} refuses nothing"
    assert expected(spoilt.message).fullmatch(said), said
