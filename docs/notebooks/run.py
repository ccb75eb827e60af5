"""Run the notebooks of this folder: `make notebooks` writes what they print and draw into them.

With `--into DIR` they are written to another folder, for the test that compares.
"""

import argparse
import os
import sys
import tempfile
from base64 import b64decode, b64encode
from io import BytesIO
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image
from traitlets.config import Config

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
LIBRARY = HERE.parents[1] / "src"
# What a reader's own settings could change.
DROPPED = {"DVC_ROOT", "MLFLOW_TRACKING_URI", "PYTHONSTARTUP"}
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def main() -> None:
    """Run each notebook in an empty folder, and write it with its outputs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--into", type=Path, default=HERE, metavar="DIR")
    into = parser.parse_args().into
    for path in sorted(HERE.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        with tempfile.TemporaryDirectory() as folder:
            run(notebook, Path(folder))
        nbformat.write(notebook, into / path.name)


def run(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Give a notebook its outputs, and no other metadata than the language."""
    (folder / "work").mkdir()
    client = NotebookClient(
        notebook,
        config=Config(KernelManager={"transport_encryption": "auto"}),  # else it warns
        timeout=600,
        coalesce_streams=True,
        record_timing=False,
        resources={"metadata": {"path": folder / "work"}},
    )
    client.execute(env=make_environment(folder))
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
        for output in cell.get("outputs", ()):
            if picture := output.get("data", {}).get("image/png"):
                output.data["image/png"] = shrink(picture)


def shrink(picture: str) -> str:
    """Return a PNG with the same pixels in a quarter of the bytes, which Git keeps for ever."""
    smaller = BytesIO()
    Image.open(BytesIO(b64decode(picture))).convert("RGB").save(smaller, "PNG", optimize=True)
    return b64encode(smaller.getvalue()).decode()


def make_environment(folder: Path) -> dict[str, str]:
    """Return the environment of the kernel: this repository's library and commands come first."""
    kept = {name: value for name, value in os.environ.items() if name not in DROPPED}
    return kept | {
        "EQUIPOISE_WARM": "1",
        "IPYTHONDIR": str(folder / "ipython"),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(LIBRARY),
    }


if __name__ == "__main__":
    main()
