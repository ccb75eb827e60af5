"""Files that DVC will not do without, and that nothing in the pipeline makes."""

from equipoise.checks.finding import Finding
from equipoise.storage.layout import Layout
from equipoise.storage.pipeline_file import list_needed


def find_missing_files(layout: Layout) -> list[Finding]:
    """Find what DVC would miss: its own folder, scripts of stages, fingerprints, Git's index.

    Without a pipeline there is none.
    """
    if not layout.pipeline.exists():
        return []
    root = layout.root.resolve()
    found = []
    if not any((folder / ".dvc").is_dir() for folder in (root, *root.parents)):
        message = (
            ".dvc is missing, so DVC knows of no project here; bring it back: git checkout .dvc,"
            " or else dvc init"
        )
        found.append(Finding("error", ".dvc", message))
    for folder in (root, *root.parents):
        index = folder / ".git/index"
        if index.is_file() and not index.stat().st_size:
            message = (
                f"{index} is empty, as a machine that stops leaves it; remove it, then git reset"
            )
            found.append(Finding("error", ".git", message))
    for name in list_needed(layout.pipeline):
        path = layout.root / name
        if not path.exists() and not path.with_name(f"{path.name}.dvc").exists():
            message = f"{name} is missing, and DVC asks for it; bring it back: git checkout {name}"
            found.append(Finding("error", name, message))
    return found
