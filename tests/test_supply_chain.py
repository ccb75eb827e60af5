"""What is installed and what runs in CI is written down, and SECURITY.md claims what tests show."""

import json
import re
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
SECURITY = ROOT / "SECURITY.md"


@dataclass(frozen=True)
class Pin:
    """An entry of the lock."""

    requirement: Requirement
    hashes: frozenset[str]

    @property
    def version(self) -> str:
        return str(self.requirement.specifier).removeprefix("==")

    def applies(self, python: str) -> bool:
        """Whether it is installed with a version of Python here."""
        marker, asked = self.requirement.marker, {"python_full_version": f"{python}.9"}
        return marker is None or marker.evaluate({**asked, "python_version": python})


def read_lock() -> list[Pin]:
    """The entries of the lock; what has any other form than name, version and hashes fails."""
    lines = re.sub(r" *\\\n *", " ", LOCK).splitlines()
    entries = [line for line in lines if not line.lstrip().startswith("#")]
    form = re.compile(r"([\w.-]+==[\w.]+(?: ; [^\"@]+?)?)((?: --hash=sha256:[0-9a-f]{64})+)")
    found = [form.fullmatch(entry) for entry in entries]
    assert [entry for entry, match in zip(entries, found, strict=True) if match is None] == []
    return [
        Pin(Requirement(match[1]), frozenset(re.findall(r"[0-9a-f]{64}", match[2])))
        for match in found
        if match
    ]


def test_every_entry_of_the_lock_is_one_version_with_hashes_and_names_no_index() -> None:
    """Packages come from wherever the user's machine takes them, and are what was tested."""
    assert len(read_lock()) > 200
    assert "://" not in LOCK


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_lock_satisfies_every_dependency_and_extra(python: str) -> None:
    """Each is there once for a version of Python, at a version that pyproject.toml allows."""
    extras = PROJECT["optional-dependencies"]
    assert set(re.findall(r"--extra (\w+)", LOCK)) == set(extras)
    wrong = []
    for asked in map(Requirement, sum(extras.values(), PROJECT["dependencies"])):
        name = canonicalize_name(asked.name)
        pins = [pin for pin in read_lock() if canonicalize_name(pin.requirement.name) == name]
        versions = [pin.version for pin in pins if pin.applies(python)]
        if len(versions) != 1 or not asked.specifier.contains(versions[0], prereleases=True):
            wrong.append(f"{asked}: {versions}")
    assert wrong == []


def test_actions_are_pinned_by_the_hash_of_a_commit() -> None:
    """A tag can be moved to other code, a hash cannot; the tag is beside it for people."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    used = re.findall(r"uses: *(.*)", text)
    assert used
    assert [use for use in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}  # v[\d.]+", use)] == []


def test_tools_that_are_not_in_the_lock_have_a_version() -> None:
    """Those that check and list packages would otherwise be of the day."""
    files = [ROOT / "Makefile", *WORKFLOWS]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    fetched = re.findall(r"(?:uvx --quiet (?:--from )?|pip install )(?!--)(\S+)", text)
    assert len(fetched) == 4
    assert [tool for tool in fetched if not re.fullmatch(r"[\w-]+(?:@|==)[\d.]+", tool)] == []


@pytest.mark.slow
def test_the_bill_of_materials_has_every_package_with_its_hashes(tmp_path: Path) -> None:
    path = tmp_path / "sbom.json"
    subprocess.run(["make", "--silent", "sbom", f"SBOM={path}"], cwd=ROOT, check=True)
    listed = {
        (component["name"], component["version"]): {
            digest["content"]
            for reference in component["externalReferences"]
            for digest in reference.get("hashes", ())
        }
        for component in json.loads(path.read_text(encoding="utf-8"))["components"]
    }
    assert listed == {(pin.requirement.name, pin.version): pin.hashes for pin in read_lock()}


def test_every_promise_of_security_names_tests_that_exist() -> None:
    rows = re.findall(r"^\| (?!promise|---)(.*)\|$", SECURITY.read_text(), re.MULTILINE)
    assert len(rows) > 5
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row)
        assert named, row
        for path, test in named:
            assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), (path, test)
