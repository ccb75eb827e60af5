"""All files of a project, as the installed package makes them."""

from string import Template

from equipoise import __version__
from equipoise.founding.code_file import Code
from equipoise.founding.fingerprints import hash_parts, hash_stages, hash_text
from equipoise.founding.origin import read_given, read_templates
from equipoise.founding.own_pipeline import make_own_pipeline
from equipoise.founding.stage_code import list_code_of_stages

# In .gitignore: what follows is not for projects.
ONLY_HERE = "\n# Of this repository alone"
# The script of a stage that a project does not have.
WATCHING_SCRIPT = "src/stages/fingerprint.py"


def make_files(name: str) -> dict[str, str]:
    """Return the text of each file of a project, by its path."""
    given = read_given()
    edited = {
        "dvc.yaml": make_own_pipeline(given["dvc.yaml"]),
        ".gitignore": given[".gitignore"].partition(ONLY_HERE)[0],
    }
    filled = {
        path: Template(text).substitute(name=name, version=__version__)
        for path, text in read_templates().items()
    }
    return {
        path: text for path, text in (given | edited | filled).items() if path != WATCHING_SCRIPT
    }


def describe_code(name: str) -> Code:
    """Return what code.json says of a project that the installed package makes."""
    stages = list_code_of_stages()
    parts = hash_parts(part for listed in stages.values() for part in listed)
    return Code(
        name=name,
        version=__version__,
        stages=hash_stages(stages, parts),
        parts=parts,
        files={path: hash_text(text) for path, text in sorted(make_files(name).items())},
    )
