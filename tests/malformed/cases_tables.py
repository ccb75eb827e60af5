"""Tables that no trial can be run on."""

import gzip
import io
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .job import Case, cell, csv, shop

GROUPED = {"drop: [day, customer]": "drop: [day]\n  group: customer", "0.3}": "0.3, method: group}"}
TIMED = {
    "drop: [day, customer]": "drop: [customer]\n  time: day",
    "0.3}": "0.3, method: time}",
}
SEVERAL = {"  positive: fraud\n": ""}
COST = {"objective: f1": "objective: cost, amount: amount, false_negative: 1, false_positive: 1"}
ROWS = len(shop())
HEADER, FIRST, _, LATER = csv().splitlines()[:4]
LISTS: Any = [[n % 2] for n in range(ROWS)]
LETTERS = [f"w{n}" for n in range(ROWS)]
RARE = np.where(np.arange(ROWS) == 0, "fraud", "paid")


def pins(**kinds: str) -> dict[str, str]:
    """Return the edit of params.yaml that pins kinds."""
    pinned = ", ".join(f"{name}: {kind}" for name, kind in kinds.items())
    return {"  positive: fraud\n": f"  positive: fraud\n  columns: {{{pinned}}}\n"}


def named(**names: str) -> str:
    """Return the good table with other names in the header."""
    return shop().rename(columns=names).to_csv(index=False)


def parquet(frame: pd.DataFrame) -> bytes:
    """Return a table as a Parquet file."""
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return buffer.getvalue()


def first(count: int) -> NDArray[np.str_]:
    """Return labels of which the first few rows are frauds."""
    return np.where(np.arange(ROWS) < count, "fraud", "paid")


UNREADABLE = (
    Case(
        "a file of no bytes",
        "data.path: 'data/raw/shop.csv' has no rows; put the table there",
        b"",
    ),
    Case(
        "a file of blank lines",
        "data.path: 'data/raw/shop.csv' has no rows; put the table there",
        "\n\n\n",
    ),
    Case(
        "a header and no rows",
        "data.path: 'data/raw/shop.csv' has no rows; put the table there",
        HEADER + "\n",
    ),
    Case(
        "one row",
        "data.target: every row of 'outcome' is 'fraud'; add rows of another class, or"
        " choose another column",
        f"{HEADER}\n{FIRST}\n",
    ),
    Case(
        "no header",
        "data.target: no column 'outcome'; choose from: 2024-03-01, 55.53, 59, 6, fraud, west",
        shop().to_csv(index=False, header=False),
    ),
    Case(
        "bytes that no text has",
        "data.path: 'data/raw/shop.csv' is not text in UTF-8 (byte 0x81); save it as CSV in UTF-8",
        csv(region="s\x81d").encode("latin-1"),
    ),
    Case(
        "a web page",
        "data.path: 'data/raw/shop.csv' is a web page; save the table as CSV in UTF-8",
        "<!DOCTYPE html>\n<html><head><title>Log in</title></head>\n<body>\n</body></html>\n",
    ),
    Case(
        "a web page with commas",
        "data.path: 'data/raw/shop.csv' is a web page; save the table as CSV in UTF-8",
        "<html><head><title>Log in, please</title></head>\n<body>you, are, out</body></html>\n",
    ),
    Case(
        "JSON",
        "data.path: 'data/raw/shop.csv' is a JSON array; save the table as CSV in UTF-8",
        shop().to_json(orient="records"),
    ),
    Case(
        "a workbook",
        "data.path: 'data/raw/shop.csv' is a zip archive or a workbook; save the table as"
        " CSV in UTF-8",
        b"PK\x03\x04" + bytes(range(256)) * 4,
    ),
    Case(
        "only NUL bytes",
        "data.path: 'data/raw/shop.csv' has only one column,"
        " <any>, but a target and features are needed;"
        " set data.read.separator to what separates the fields, or data.read.header to the"
        " row that names the columns",
        bytes(500),
    ),
    Case(
        "a row too long",
        "data.path: 'data/raw/shop.csv' has rows with more fields than its header; fix it, or set"
        " data.read.header to the row that names the columns",
        csv().replace(FIRST, FIRST + ",9,9"),
    ),
    Case(
        "a later row too long",
        "data.path: 'data/raw/shop.csv' cannot be read: <any>; fix the file, or"
        " set data.read.header to the row that names the columns",
        csv().replace(LATER, LATER + ",9,9"),
    ),
    Case(
        "a row too short",
        "data.target: 'outcome' has no label in 1 row; set data.unlabelled: drop to leave them out",
        csv().replace(LATER, LATER.rpartition(",")[0]),
    ),
    Case(
        "a pointer of Git LFS",
        "data.path: 'data/raw/shop.csv' is a pointer of Git LFS to the file; save the table"
        " as CSV in UTF-8",
        "version https://git-lfs.github.com/spec/v1\noid sha256:5a\nsize 9\n",
    ),
    Case(
        "XML",
        "data.path: 'data/raw/shop.csv' is XML; save the table as CSV in UTF-8",
        "<?xml version='1.0'?><orders></orders>",
    ),
    Case(
        "bytes of no kind",
        "data.path: 'data/raw/shop.csv' is not text in UTF-8 (byte 0xdf); save it as CSV in UTF-8",
        bytes(range(255, 0, -1)),
    ),
    Case(
        "every row too long",
        "data.path: 'data/raw/shop.csv' has rows with more fields than its header; fix it, or set"
        " data.read.header to the row that names the columns",
        csv().replace("\n", ",9\n").replace("outcome,9", "outcome"),
    ),
    Case(
        "a quote that is never closed",
        "data.path: 'data/raw/shop.csv' has a quotation mark that would make one row of lines <any>"
        " to <any>; write a mark within a value twice, and not with a backslash",
        cell("region", "REGION").replace("REGION", '"north'),
    ),
    Case(
        "a line without an end",
        "data.path: 'data/raw/shop.csv' has more than 10,000,000 bytes in a line, from byte <any>"
        " on, so it is damaged there, or no table; export it again",
        csv() + "\0" * 10_000_001,
    ),
    Case(
        "gzip cut short",
        "data.path: 'data/raw/shop.csv.gz' cannot be read: <any>; fix the file or save it again",
        gzip.compress(csv().encode())[:-30],
        path="data/raw/shop.csv.gz",
    ),
    Case(
        "no gzip in .csv.gz",
        "data.path: 'data/raw/shop.csv.gz' cannot be read: <any>; fix the file or save it again",
        csv(),
        path="data/raw/shop.csv.gz",
    ),
    Case(
        "gzip in .csv",
        "data.path: 'data/raw/shop.csv' is compressed by gzip; save the table as CSV in UTF-8",
        gzip.compress(csv().encode()),
    ),
    Case(
        "zip in name only",
        "data.path: 'data/raw/shop.csv.zip' cannot be read: <any>; fix the file or save it again",
        csv(),
        path="data/raw/shop.csv.zip",
    ),
    Case(
        "CSV in .parquet",
        "data.path: 'data/raw/shop.parquet' cannot be read: <any>; fix the file or save it again",
        csv(),
        path="data/raw/shop.parquet",
    ),
    Case(
        "Parquet in .csv",
        "data.path: 'data/raw/shop.csv' is Parquet; save the table as CSV in UTF-8",
        parquet(shop()),
    ),
    Case(
        "Parquet cut short",
        "data.path: 'data/raw/shop.parquet' cannot be read: <any>; fix the file or save it again",
        parquet(shop())[:-100],
        path="data/raw/shop.parquet",
    ),
    Case(
        "Parquet of no bytes",
        "data.path: 'data/raw/shop.parquet' cannot be read: <any>; fix the file or save it again",
        b"",
        path="data/raw/shop.parquet",
    ),
    Case(
        "Parquet without columns",
        "data.path: 'data/raw/shop.parquet' has no rows; put the table there",
        parquet(pd.DataFrame(index=range(5))),
        path="data/raw/shop.parquet",
    ),
    Case(
        "Parquet without rows",
        "data.path: 'data/raw/shop.parquet' has no rows; put the table there",
        parquet(shop().head(0)),
        path="data/raw/shop.parquet",
    ),
    Case(
        "Parquet spoilt inside",
        "data.path: 'data/raw/shop.parquet' cannot be read: <any>; fix the file or save it again",
        parquet(shop())[:200] + bytes(300) + parquet(shop())[500:],
        path="data/raw/shop.parquet",
    ),
)
HEADERS = (
    Case(
        "a target misspelt in the file",
        "data.target: no column 'outcome'; did you mean 'outcom'?",
        named(outcome="outcom"),
    ),
    Case(
        "a target that is not there",
        "data.target: no column 'outcome'; choose from: age, amount, customer, day, region",
        shop().drop(columns="outcome").to_csv(index=False),
    ),
    Case(
        "a target with a space before it",
        "data.target: no column 'outcome'; did you mean ' outcome'?",
        named(outcome=" outcome"),
    ),
    Case(
        "a target in capitals",
        "data.target: no column 'outcome'; did you mean 'OUTCOME'?",
        named(outcome="OUTCOME"),
    ),
    Case(
        "a column that is there twice",
        "data.path: in 'data/raw/shop.csv' column 'age' is duplicated; rename one",
        named(region="age"),
    ),
    Case(
        "the target twice",
        "data.path: in 'data/raw/shop.csv' column 'outcome' is duplicated; rename one",
        named(region="outcome"),
    ),
    Case(
        "an index without a name",
        "data.path: no name in the header for 'Unnamed: 0'; name or drop them; if another row"
        " names the columns, set data.read.header to its number",
        shop().set_axis([f"r{n}" for n in range(len(shop()))]).to_csv(),
    ),
    Case(
        "a name missing in the middle",
        "data.path: no name in the header for 'Unnamed: 2'; name or drop them; if another row"
        " names the columns, set data.read.header to its number",
        named(region=""),
    ),
    Case(
        "a feature called target",
        "data.path: a feature may not be called 'target'; rename or drop it",
        named(region="target"),
    ),
    Case(
        "a feature called row",
        "data.path: a feature may not be called 'row'; rename or drop it",
        named(region="row"),
    ),
    Case(
        "a feature called as a column of ours",
        "data.path: a feature may not be called 'data.group'; rename or drop it",
        named(region="data.group"),
    ),
)
TARGETS = (
    Case(
        "a target that is constant",
        "data.target: every row of 'outcome' is 'paid'; add rows of another class, or"
        " choose another column",
        csv(outcome="paid"),
    ),
    Case(
        "a target without labels",
        "data.target: 'outcome' has no label in 120 rows; choose another column",
        csv(outcome=None),
    ),
    Case(
        "a target with a gap",
        "data.target: 'outcome' has no label in 1 row; set data.unlabelled: drop to leave them out",
        cell("outcome", None),
    ),
    Case(
        "labels in other words",
        "data.positive: 'fraud' is not in 'outcome', which holds 'Fraud', 'paid'; did you"
        " mean 'Fraud'?",
        csv(outcome=shop()["outcome"].replace("fraud", "Fraud")),
    ),
    Case(
        "a fraud in capitals",
        "data.target: labels of 'outcome' look alike: 'FRAUD' (1 row), 'fraud' (29 rows); spell"
        " them the same way in the file, or list in data.positive all that are positive, as in"
        " ['FRAUD', 'fraud']",
        cell("outcome", "FRAUD", row=0),
    ),
    Case(
        "a fraud with a space after it",
        "data.target: labels of 'outcome' look alike: 'fraud' (29 rows), 'fraud ' (1 row); spell"
        " them the same way in the file, or list in data.positive all that are positive, as in"
        " ['fraud', 'fraud ']",
        cell("outcome", "fraud ", row=0),
    ),
    Case(
        "a class in capitals",
        "data.target: labels of 'region' look alike: 'West' (1 row), 'west' (<any> rows); spell"
        " them the same way in the file, or list them in data.positive if all are the positive"
        " class, or in data.distinct_labels if each is a class of its own",
        cell("region", "West"),
        {**SEVERAL, "target: outcome": "target: region"},
    ),
    Case(
        "a label of numbers that is not there",
        "data.target: 'outcome' has 'NA' (1 row) among numbers; drop these rows if they"
        " have no label, or list it in data.distinct_labels if it is a class",
        csv(outcome=["NA", *(shop()["outcome"] == "fraud").astype(int).astype(str)[1:]]),
        {"positive: fraud": "positive: 1"},
    ),
    Case(
        "a distinct label that is not there",
        "data.distinct_labels: 'Paid' is not in 'outcome', which holds 'fraud', 'paid'; did you"
        " mean 'paid'?",
        csv(),
        {"  positive: fraud\n": "  positive: fraud\n  distinct_labels: [paid, Paid]\n"},
    ),
    Case(
        "a label that YAML reads as a boolean",
        "data.positive: True is not in 'outcome', which holds 'right', 'wrong'; put words in"
        " quotes, or YAML may read them as something else",
        csv(outcome=np.where(shop()["outcome"] == "fraud", "right", "wrong")),
        {"positive: fraud": "positive: true"},
    ),
    Case(
        "two labels and no positive",
        "data.positive is required: 'outcome' holds 'fraud', 'paid'; set it to the rare one"
        " of them",
        csv(),
        SEVERAL,
    ),
    Case(
        "more classes than sensible",
        "data.target: 'outcome' has 120 different values, too many for classes (at most"
        " 100); choose another column, group its values, or set data.positive",
        csv(outcome=LETTERS),
        SEVERAL,
    ),
    Case(
        "a target that is continuous",
        "data.target: 'outcome' has 116 different values, too many for classes (at most"
        " 100); choose another column, group its values, or set data.positive",
        csv(outcome=shop()["amount"] / 7),
        SEVERAL,
    ),
    Case(
        "a target of lists",
        "data.positive: 'fraud' is not in 'outcome', which holds '[0]', '[1]'; set it to one"
        " of them",
        parquet(shop().assign(outcome=LISTS)),
        path="data/raw/shop.parquet",
    ),
    Case(
        "a positive label of one row",
        "data.target: the positive class has 1 row, too few for split.test_size = 0.3: both"
        " parts need"
        " at least 2; add more",
        csv(outcome=RARE),
        stage="split",
    ),
    Case(
        "several classes, one of one row",
        "data.target: class 'lost' has 1 row, too few for split.test_size = 0.3: both parts"
        " need at least 2; add more",
        csv(outcome=np.where(np.arange(ROWS) == 0, "lost", shop()["outcome"])),
        SEVERAL,
        stage="split",
    ),
    Case(
        "a class too rare for neighbours",
        "run.strict: true needs every arm, but smote-logistic cannot be fitted:"
        " strategies.smote.sampler.k_neighbors: 3 is too many: the positive class has 3 rows to"
        " learn from;"
        " lower it to at most 2",
        csv(outcome=first(5)),
        {"models: [logistic]}": "models: [logistic], strict: true}"},
        stage="audit",
        found="strategies.smote.sampler.k_neighbors: 3 is too many: the positive class has 2"
        " rows to learn from in the smallest of cross_validation.folds = 3; lower it to at most 1",
    ),
    Case(
        "a class too rare for folds",
        "cross_validation.folds: 7 is too many: the positive class has 6 rows in train; lower it"
        " to at most 6",
        csv(outcome=first(8)),
        {"[baseline, smote]": "[baseline]", "folds: 3": "folds: 7"},
        stage="train",
    ),
)
COLUMNS = (
    Case(
        "an infinite value",
        "data.path: infinite values in 'amount'; fix or drop them",
        cell("amount", "inf"),
    ),
    Case(
        "minus infinity",
        "data.path: infinite values in 'amount'; fix or drop them",
        cell("amount", "-Infinity"),
    ),
    Case(
        "a whole number of 400 digits",
        "data.path: infinite values in 'visits'; fix or drop them",
        csv(visits=["9" * 400, *map(str, range(1, ROWS))]),
    ),
    *(
        Case(
            f"a number too large, {value}",
            f"data.path: column 'amount' holds {value:g}, and models in single precision cannot use"
            " a number beyond 1e+30; fix or drop it",
            cell("amount", value),
        )
        for value in (1e200, -1e31, 10**50)
    ),
    Case(
        "text where a number is pinned",
        "data.columns: 'age' cannot be integer: 'forty' is not a number (1 such value);"
        " fix them, or pin another kind",
        cell("age", "forty"),
        pins(age="integer"),
    ),
    Case(
        "fractions where whole numbers are pinned",
        "data.columns: 'amount' cannot be integer: 55.53 is not a whole number up to"
        " 9007199254740991 (120 such values); fix them, or pin another kind",
        csv(),
        pins(amount="integer"),
    ),
    Case(
        "whole numbers too large",
        "data.columns: 'age' cannot be integer: 1152921504606846976 is not a whole number"
        " up to 9007199254740991 (1 such value); fix them, or pin another kind",
        cell("age", 2**60),
        pins(age="integer"),
    ),
    Case(
        "three values where two are pinned",
        "data.columns: 'region' cannot be boolean: 'south' is neither west nor north"
        " (42 such values); fix them, or pin another kind",
        csv(),
        pins(region="boolean"),
    ),
    Case(
        "no date where dates are pinned",
        "data.columns: 'region' cannot be date: 'west' is not a date (120 such values);"
        " fix them, or pin another kind",
        csv(),
        pins(region="date"),
    ),
    Case(
        "a day that does not exist",
        "data.columns: 'day' cannot be date: '2024-02-31' is not a date (1 such value);"
        " fix them, or pin another kind",
        cell("day", "2024-02-31"),
        {"[day, customer]": "[customer]\n  columns: {day: date}"},
    ),
    Case(
        "a pinned column that is not there",
        "data.columns: no feature 'age'; did you mean 'aeg'?",
        named(age="aeg"),
        pins(age="integer"),
    ),
)
GROUPS_AND_TIMES = (
    Case(
        "a group column that is not there",
        "data.group: no column 'customer'; did you mean 'outcome'?",
        named(customer="client"),
        GROUPED,
    ),
    Case(
        "a group column misspelt",
        "data.group: no column 'customer'; did you mean 'custome'?",
        named(customer="custome"),
        GROUPED,
    ),
    Case(
        "a segment column that is not there",
        "data.segment: no column 'customer'; did you mean 'outcome'?",
        named(customer="client"),
        {"drop: [day, customer]": "drop: [day]\n  segment: customer"},
    ),
    Case(
        "a segment called as rows without one are",
        "data.segment: 'region' has the value '(no value)', as rows without a value are called;"
        " write it in another way in the file",
        cell("region", "(no value)"),
        {"drop: [day, customer]": "drop: [day, customer]\n  segment: region"},
    ),
    Case(
        "a group missing",
        "data.group: 'customer' is empty in 1 row; fill or drop them",
        cell("customer", None),
        GROUPED,
    ),
    Case(
        "all groups missing",
        "data.group: 'customer' is empty in 120 rows; fill or drop them",
        csv(customer=None),
        GROUPED,
    ),
    Case(
        "one group",
        "split.test_size: 0.3 leaves a part without a group: 1 group ('data.group')"
        " and 30 rows of the rarest class allow 1 fold; choose a share nearer to a half, or"
        " add more of both",
        csv(customer="all"),
        GROUPED,
        stage="split",
    ),
    Case(
        "two groups",
        "data.target: the positive class has 30 rows, 0 of them in test, too few for"
        " split.test_size ="
        " 0.3 by group: both parts need at least 2; add more groups with rows of it, or"
        " set another split.method",
        csv(customer=np.arange(ROWS) % 2),
        GROUPED,
        stage="split",
    ),
    Case(
        "frauds in one group only",
        "data.target: the positive class has 30 rows, 0 of them in test, too few for"
        " split.test_size ="
        " 0.3 by group: both parts need at least 2; add more groups with rows of it, or"
        " set another split.method",
        csv(customer=np.where(shop()["outcome"] == "fraud", 1, shop()["customer"] + 2)),
        GROUPED,
        stage="split",
    ),
    Case(
        "a time column that is not there",
        "data.time: no column 'day'; choose from: age, amount, customer, date, outcome, region",
        named(day="date"),
        TIMED,
    ),
    Case(
        "a time missing",
        "data.time: 'day' is empty in 1 row; fill or drop them",
        cell("day", None),
        TIMED,
    ),
    Case(
        "a time that is no date",
        "data.time: 'day' holds 'soon', which is neither a number nor"
        " a date written like the others; fix it",
        cell("day", "soon"),
        TIMED,
    ),
    Case(
        "words for time",
        "data.time: 'day' holds 'west', which is neither a number nor"
        " a date written like the others; fix it",
        csv(day=shop()["region"]),
        TIMED,
    ),
    Case(
        "infinite times",
        "data.time: 'day' has infinite values; fix or drop them",
        csv(day=np.where(np.arange(ROWS) == 2, np.inf, np.arange(ROWS))),
        TIMED,
    ),
    Case(
        "a time with the day first",
        "data.time: 'day' holds '31/12/2024', which is neither a number nor"
        " a date written like the others; fix it",
        cell("day", "31/12/2024"),
        TIMED,
    ),
    Case(
        "times in digits, the year last",
        "data.time: 'day' holds 1012024, a date with the year last, which is no number that grows"
        " with time; write dates as 2024-01-31 in the file",
        csv(day=pd.date_range("2024-01-01", periods=ROWS).strftime("%d%m%Y")),
        TIMED,
    ),
    Case(
        "months, the year last",
        "data.time: 'day' holds 1.2024, a date with the year last, which is no number that grows"
        " with time; write dates as 2024-01-31 in the file",
        csv(day=pd.date_range("2024-01-01", periods=ROWS, freq="2D").strftime("%m.%Y")),
        TIMED,
    ),
    Case(
        "months without a zero",
        "data.time: 'day' holds 2024.1, a month after its year, with no 0 before, which is no"
        " number that grows with time; write dates as 2024-01-31 in the file",
        csv(day=[f"2024.{1 + row % 12}" for row in range(ROWS)]),
        TIMED,
    ),
    Case(
        "one time",
        "data.target: the positive class has 30 rows, 0 of them in train, too few for"
        " split.test_size ="
        " 0.3 by time: both parts need at least 2; set another split.test_size or split.method",
        csv(day="2024-03-01"),
        TIMED,
        stage="split",
    ),
    Case(
        "frauds only early",
        "data.target: the positive class has 30 rows, 0 of them in test, too few for"
        " split.test_size ="
        " 0.3 by time: both parts need at least 2; set another split.test_size or split.method",
        csv(outcome=first(30)),
        TIMED,
        stage="split",
    ),
)
AMOUNTS = (
    Case(
        "a negative amount",
        "decision.amount: column 'amount' holds -1; an amount is 0 or more; fix it",
        cell("amount", -1),
        COST,
        stage="decide",
    ),
    Case(
        "an amount missing",
        "decision.amount: column 'amount' has 1 missing or infinite values; fill or drop"
        " these rows",
        cell("amount", None),
        COST,
        stage="decide",
    ),
    Case(
        "amounts in words",
        "decision.amount: column 'region' is not numeric; convert it to numbers",
        csv(),
        {"objective: f1": COST["objective: f1"].replace("amount: amount", "amount: region")},
        stage="decide",
    ),
    Case(
        "amounts in a dropped column",
        "decision.amount: no column 'customer'; choose from: age, amount, region",
        csv(),
        {"objective: f1": COST["objective: f1"].replace("amount: amount", "amount: customer")},
        stage="decide",
    ),
)
TABLES = (*UNREADABLE, *HEADERS, *TARGETS, *COLUMNS, *GROUPS_AND_TIMES, *AMOUNTS)
