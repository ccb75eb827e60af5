"""The notebooks of this folder as pages of the site: a hook of MkDocs.

Each becomes Markdown, so that it looks like the other pages, in light and dark and on a phone, and
loads nothing from a network.
"""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

SUFFIX = ".ipynb"
# What pandas says of how a table looks; the site has a style of its own.
STYLE = re.compile(r"<style scoped>.*?</style>\n?", re.DOTALL)
TABLE = '<table border="1" class="dataframe">'
Json = dict[str, Any]


class NotebookFile(File):
    """A notebook, which MkDocs would copy as it is."""

    def is_documentation_page(self) -> bool:
        """Make it a page."""
        return True


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Make a page of each notebook, and a file of each chart in it."""
    for file in [file for file in files if file.src_uri.endswith(SUFFIX)]:
        files.remove(file)
        files.append(
            NotebookFile(file.src_uri, file.src_dir, file.dest_dir, file.use_directory_urls)
        )
        for name, picture in list_pictures(json.loads(file.content_string)):
            uri = f"{file.src_uri.removesuffix(SUFFIX)}-{name}"
            files.append(File.generated(config, uri, content=picture))


def on_page_read_source(page: Page, config: MkDocsConfig) -> str | None:  # noqa: ARG001 (by name)
    """Return a notebook as Markdown."""
    if not isinstance(page.file, NotebookFile):
        return None
    cells = json.loads(page.file.content_string)["cells"]
    return "\n\n".join(text for cell in cells for text in write_cell(cell, page.file.name))


def list_pictures(notebook: Json) -> Iterator[tuple[str, bytes]]:
    """Give every chart, by the name of its cell."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            if picture := output.get("data", {}).get("image/png"):
                yield name_picture(cell), base64.b64decode(picture)


def name_picture(cell: Json) -> str:
    """Return the name of the file that a cell's chart gets."""
    return f"{cell['id']}.png"


def write_cell(cell: Json, stem: str) -> Iterator[str]:
    """Give a cell and what it printed."""
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        yield source
        return
    yield fence(source, "sh" if source.startswith("%%sh") else "python")
    for output in cell["outputs"]:
        data = output.get("data", {})
        text = "".join(output.get("text", data.get("text/plain", "")))
        if "image/png" in data:
            title = text.removeprefix("Chart('").removesuffix("')")
            width = output["metadata"]["image/png"]["width"]
            yield f"![{title}]({stem}-{name_picture(cell)}){{ width={width} }}"
        elif "text/html" in data:
            table = STYLE.sub("", "".join(data["text/html"]))
            yield table.replace("<div>", '<div class="frame">', 1).replace(TABLE, "<table>")
        else:
            yield fence(text.rstrip("\n"), "text .output .no-copy")


def fence(text: str, language: str) -> str:
    """Return text as a block of code."""
    return f"``` {{ .{language} }}\n{text}\n```"
