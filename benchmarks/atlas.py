"""Try ten remedies with three models on public tables, and write what was found.

    PYTHONPATH=src:examples python benchmarks/atlas.py        # or: make atlas

The protocol is `atlas.yaml`, the tables are those of `atlas_tables.py`. Tables and fits are kept in
`--folder`; a run that was stopped goes on from there. What is found goes to `atlas.jsonl`, a line
for each table, and from there to docs/atlas.md. With `--only`, it goes to `atlas.jsonl` in the
folder, and the page, whose words are about all tables, stays as it is.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import yaml
from atlas_judging import judge_table
from atlas_page import JUDGED, write_page
from atlas_results import JudgedTable, read_judged, write_judged
from atlas_tables import Source, list_sources
from fetching import fetch_all

from equipoise.core.json_values import JsonObject
from equipoise.terminal.params_file import parse_params

HERE = Path(__file__).parent
PROTOCOL = HERE / "atlas.yaml"
# Where tables lie in the folder of a run.
RAW = "raw"


def main() -> None:
    """Fetch the tables, judge every arm on each of them, and write the page."""
    known = {source.name: source for source in list_sources()}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=HERE.parent / "data/atlas")
    parser.add_argument("--only", nargs="+", choices=[*known], help="these tables, without a page")
    arguments = parser.parse_args()
    protocol = yaml.safe_load(PROTOCOL.read_text(encoding="utf-8"))
    chosen = [known[name] for name in arguments.only or known]
    judged = judge_sources(chosen, protocol, arguments.folder)
    written = arguments.folder / JUDGED.name if arguments.only else JUDGED
    write_judged(judged, written)
    if not arguments.only:
        write_page(read_judged(JUDGED))
    print(f"written: {written}")


def judge_sources(
    sources: Sequence[Source], protocol: JsonObject, folder: Path
) -> list[JudgedTable]:
    """Return what is found on each table; tables and fits are kept in `folder`."""
    fetch_all([source.table for source in sources], folder / RAW)
    judged = []
    for source in sources:
        params = parse_params({**protocol, "data": source.data.model_dump()}, source.name)
        table = source.read(folder / RAW)
        judged.append(judge_table(source.name, table, params, folder / source.name))
        print(f"{source.name}: {judged[-1].seconds:,.0f} s of the processor", flush=True)
    return judged


if __name__ == "__main__":
    main()
