"""Tables that look odd and are read all the same."""

import bz2
import gzip
import lzma
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .cases_tables import parquet
from .job import PARAMS, TABLE, cell, csv, shop

LABELS = shop()["outcome"] == "fraud"
POSITIVE = "  positive: fraud\n"
CATEGORY = {"region": "category"}


@dataclass(frozen=True)
class Odd:
    """A table that must be read, and what it must be taken for.

    Columns in `kinds` may hold other values than in the good table, and must be of these kinds;
    all the others must be equal to it.
    """

    name: str
    table: str | bytes
    kinds: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    path: str = TABLE

    def lay(self, folder: Path) -> None:
        """Put the table, and the params that it needs, into a folder."""
        text = PARAMS.replace(TABLE, self.path)
        for right, other in self.params.items():
            text = text.replace(right, other)
        (folder / "params.yaml").write_text(text)
        (folder / self.path).parent.mkdir(parents=True, exist_ok=True)
        content = self.table if isinstance(self.table, bytes) else self.table.encode()
        (folder / self.path).write_bytes(content)


def columns(**values: Any) -> bytes:
    """Return the good table as Parquet, with other values in some columns."""
    return parquet(shop().assign(**values))


COMMAS = shop()["amount"].astype(str).str.replace(".", ",")
FILES = (
    Odd("a byte order mark", "\ufeff" + csv()),
    Odd("UTF-16", csv().encode("utf-16")),
    Odd("text with tabs", csv().replace(",", "\t"), path="data/raw/shop.txt"),
    Odd("an array of records", shop().to_json(orient="records"), path="data/raw/shop.json"),
    Odd("lines as Windows ends them", csv().replace("\n", "\r\n")),
    Odd("lines as old Macs ended them", csv().replace("\n", "\r")),
    Odd("no end of the last line", csv().rstrip("\n")),
    Odd("blank lines", csv().replace("\n", "\n\n")),
    Odd(
        "quotes around everything",
        "\n".join(f'"{line}"'.replace(",", '","') for line in csv().splitlines()),
    ),
    Odd("gzip", gzip.compress(csv().encode()), path="data/raw/shop.csv.gz"),
    Odd("bzip2", bz2.compress(csv().encode()), path="data/raw/shop.csv.bz2"),
    Odd("xz", lzma.compress(csv().encode()), path="data/raw/shop.csv.xz"),
    Odd("Parquet", parquet(shop()), path="data/raw/shop.parquet"),
    Odd(
        "Parquet with an index",
        parquet(shop().set_index(np.arange(120)[::-1])),
        path="data/raw/shop.parquet",
    ),
    Odd("a space in the path", csv(), path="data/raw/of 2024/my shop.csv"),
    Odd("another word for a gap", cell("region", "?"), CATEGORY),
    Odd("words for a gap and no others", csv(region="?"), {"region": "numeric"}),
)
LABELLED = (
    Odd("labels 0 and 1", csv(outcome=LABELS.astype(int)), params={POSITIVE: ""}),
    Odd("labels True and False", csv(outcome=LABELS), params={POSITIVE: ""}),
    Odd("labels 0.0 and 1.0", csv(outcome=LABELS.astype(float)), params={POSITIVE: ""}),
    Odd("labels 1 and 2", csv(outcome=LABELS + 1), params={POSITIVE: "  positive: 2\n"}),
    Odd("labels 1.5 and 2.5", csv(outcome=LABELS + 1.5), params={POSITIVE: "  positive: 2.5\n"}),
    Odd(
        "a number in quotes for a number",
        csv(outcome=LABELS + 1),
        params={POSITIVE: "  positive: '2'\n"},
    ),
    Odd(
        "a number for text",
        columns(outcome=(LABELS + 1).astype(str)),
        params={POSITIVE: "  positive: 2\n"},
        path="data/raw/shop.parquet",
    ),
    Odd(
        "yes for fraud, in quotes",
        csv(outcome=np.where(LABELS, "yes", "no")),
        params={POSITIVE: "  positive: 'yes'\n"},
    ),
    Odd(
        "yes for fraud, as `dvc exp run -S` writes it",
        csv(outcome=np.where(LABELS, "yes", "no")),
        params={POSITIVE: "  positive: yes\n"},
    ),
    Odd(
        "several labels, one of them positive",
        csv(outcome=np.where(LABELS, "fraud", shop()["region"])),
    ),
    *(
        Odd(f"a class called {word}", csv(outcome=np.where(LABELS, "fraud", word)))
        for word in ("None", "NA", "null", "nan")
    ),
    Odd(
        "frauds written in two ways, both listed",
        csv(outcome=np.where(LABELS, np.where(shop()["age"] < 50, "fraud", "Fraud "), "paid")),
        params={POSITIVE: "  positive: [fraud, 'Fraud ']\n"},
    ),
    Odd(
        "negatives that look alike",
        csv(outcome=np.where(LABELS, "fraud", np.where(shop()["age"] < 50, "paid", "PAID"))),
    ),
    Odd(
        "a negative that looks like a positive, which is listed",
        csv(outcome=np.where(LABELS, "fraud", np.where(shop()["age"] < 50, "paid", "Fraud"))),
        params={POSITIVE: "  positive: [fraud]\n"},
    ),
    Odd(
        "labels of categories",
        columns(outcome=shop()["outcome"].astype("category")),
        path="data/raw/shop.parquet",
    ),
)
ODD_COLUMNS = (
    Odd("a line break inside quotes", csv(region=shop()["region"] + "\nern"), CATEGORY),
    Odd("a comma inside quotes", csv(region=shop()["region"] + ", far"), CATEGORY),
    Odd("a quote inside quotes", csv(region='"' + shop()["region"] + '"'), CATEGORY),
    Odd("spaces around words", csv(region=" " + shop()["region"] + " "), CATEGORY),
    Odd("letters of every alphabet", csv(region=shop()["region"] + " süd 南 🧭"), CATEGORY),
    Odd("a word of NUL bytes", csv(region=shop()["region"].replace("north", "no\0th")), CATEGORY),
    Odd("a very long word", cell("region", "x" * 100_000), CATEGORY),
    Odd("a column without values", csv(region=None), {"region": "numeric"}),
    Odd("a column with one value", csv(region="north"), CATEGORY),
    Odd(
        "a different word in each row",
        csv(region=[f"r{n}" for n in range(120)]),
        {"region": "text"},
    ),
    Odd("a word among many numbers", cell("age", "forty"), {"age": "category"}),
    Odd(
        "a word among few numbers",
        csv(age=["few", *shop()["age"][1:] // 10]),
        {"age": "category"},
    ),
    Odd("a dash among numbers", cell("age", "-"), {"age": "numeric"}),
    Odd("a question mark among numbers", cell("age", "?"), {"age": "numeric"}),
    Odd("n/a among numbers", cell("age", "n/a"), {"age": "numeric"}),
    Odd("decimal commas", csv(amount=COMMAS), {"amount": "numeric"}),
    Odd("a thousand in powers of ten", cell("amount", "1e3"), {"amount": "numeric"}),
    Odd("a space before a name", csv().replace("age", " age", 1), {" age": "numeric"}),
    Odd(
        "lists",
        columns(region=[[n] for n in range(120)]),
        {"region": "text"},
        path="data/raw/shop.parquet",
    ),
    Odd(
        "durations",
        columns(region=np.arange(120).astype("timedelta64[s]")),
        {"region": "numeric"},
        path="data/raw/shop.parquet",
    ),
    Odd(
        "dates in two forms of ISO 8601",
        csv(region=["2024-03-01", "2024-03-01T10:00:00"] * 60),
        {"region": "date"},
        {POSITIVE: POSITIVE + "  columns: {region: date}\n"},
    ),
    Odd(
        "years as groups",
        csv(customer=np.arange(120) // 4 + 1990),
        params={"[day, customer]": "[day]\n  group: customer", "0.3}": "0.3, method: group}"},
    ),
    Odd(
        "years as times",
        csv(day=np.arange(120) // 4 + 1990),
        params={"[day, customer]": "[customer]\n  time: day", "0.3}": "0.3, method: time}"},
    ),
)
READ = (*FILES, *LABELLED, *ODD_COLUMNS)
