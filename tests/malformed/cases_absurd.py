"""Params and tables of absurd size, or made to be taken for something else."""

import json

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from .cases_params import DATA, MADE
from .job import TABLE, Case, shop

BOMB = "[&a0 [x], " + ", ".join(f"&a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))
BOMB += "]"
TOO_MANY = (
    "params.yaml is not valid YAML: with its aliases written out it holds <any> values, and at"
    " most 100,000 are allowed; fix it there"
)
NAME = "data/raw/" + "a" * 300 + ".csv"
FOLDER = "data/raw/shop.parquet"


def bomb(where: str, right: str, wrong: str) -> Case:
    """Return the case of aliases that multiply in a section."""
    return Case(f"aliases that multiply in {where}", TOO_MANY, params={right: wrong})


def number(name: str, value: str) -> Case:
    """Return the case of an integer that Python refuses to write."""
    message = f"found a number of {len(value):,} characters (line 1); fix it there"
    message = f"params.yaml is not valid YAML: {message}"
    return Case(name, message, params={"seed: 7": f"seed: {value}"})


def as_parquet(columns: pa.Table, noted: object) -> bytes:
    """Return a Parquet file with what pandas is to have noted of it."""
    sink = pa.BufferOutputStream()
    notes = {b"pandas": json.dumps(noted).encode()}
    parquet.write_table(columns.replace_schema_metadata(notes), sink)
    return bytes(sink.getvalue())


def shop_not_in_utf8() -> bytes:
    """Return the good table with labels that are no text, in a column that says that they are."""
    labels = pa.array([b"\xff\xfe" if x == "fraud" else b"paid" for x in shop()["outcome"]])
    _, offsets, letters = labels.buffers()
    text = pa.StringArray.from_buffers(len(labels), offsets, letters)
    table = pa.table({"amount": shop()["amount"], "outcome": text})
    return as_parquet(table, None)


RANGES = {"index_columns": ["nowhere"], "columns": [], "column_indexes": []}
LYING = pa.table({"amount": np.arange(120.0), "outcome": ["fraud", "paid"] * 60})
ABSURD = (
    number("an integer of 5,000 digits", "1" * 5000),
    number("an integer of 5,000 hexadecimal digits", "0x" + "f" * 4998),
    bomb("models", "{class: LogisticRegression}", f"{{class: LogisticRegression, C: {BOMB}}}"),
    bomb("data.drop", "[day, customer]", BOMB),
    bomb("a key that is not known", "seed: 7", f"seed: 7\nfoo: {BOMB}"),
    Case(
        "more params than anyone writes",
        "params.yaml is not valid YAML: it has <any> bytes, and at most 1,000,000 are allowed; fix"
        " it there",
        params={"seed: 7": "seed: 7 #" + " " * 1_000_000},
    ),
    Case(
        "a value of 30,000 characters",
        f"params.yaml: seed: '{'k' * 37}...{'k' * 37}' should be a valid integer",
        params={"seed: 7": "seed: " + "k" * 30_000},
    ),
    Case(
        "a billion repeats",
        "params.yaml: cross_validation.repeats: 1000000000 should be less than or equal to 1000",
        params={"repeats: 1": "repeats: 1000000000"},
    ),
    Case(
        "a billion replicates",
        "params.yaml: uncertainty.resamples: 1000000000 should be less than or equal to 1000000",
        params={"resamples: 100": "resamples: 1000000000"},
    ),
    Case(
        "10^20 features",
        "params.yaml: data: n_samples x n_features = 4.0e+22 values would take"
        " 320,000,000,000,000 GB; lower one of them, so that there are at most 1e+09",
        params={DATA: MADE.replace("features: 6", "features: 1" + "0" * 20)},
    ),
    Case(
        "a class of 2,000 parts",
        "params.yaml: models.logistic.class: 'sklearn.<any>...<any>' should be at most 200"
        " characters",
        params={"class: LogisticRegression": "class: sklearn" + ".a" * 2000},
    ),
    Case(
        "a class whose path has empty parts",
        "models.logistic.class: 'sklearn<any>x': <any>; install its package and what that needs, or"
        " fix the path",
        params={"class: LogisticRegression": "class: sklearn" + "." * 180 + "x"},
        stage="train",
    ),
    Case(
        "a line of a million commas",
        f"data.path: '{TABLE}' has 1,000,001 columns, and data.read.most_columns allows 20,000;"
        " leave some out of the file, or raise it",
        "," * 1_000_000 + "\n",
    ),
    Case(
        "Parquet with more columns than params allow",
        f"data.path: '{FOLDER}' has 2 columns, and data.read.most_columns allows 1; leave some out"
        " of the file, or raise it",
        as_parquet(LYING, None),
        params={"  positive": "  read: {most_columns: 1}\n  positive"},
        path=FOLDER,
    ),
    Case(
        "Parquet that tells of an index it does not have",
        f"data.path: '{FOLDER}' cannot be read: what it says of its columns is wrong: 'nowhere';"
        " fix the file or save it again",
        as_parquet(LYING, RANGES),
        path=FOLDER,
    ),
    Case(
        "lines of JSON that are no objects",
        "data.path: 'data/raw/shop.jsonl' is not a list of records such as"
        ' [{"age": 30, "y": "no"}]; save the table in that form, or as CSV',
        '{"amount": 1, "outcome": "paid"}\n3\n',
        path="data/raw/shop.jsonl",
    ),
    Case(
        "labels that are not in UTF-8",
        f"data.path: '{FOLDER}' cannot be read: Invalid UTF8 sequence at string index 0; fix the"
        " file or save it again",
        shop_not_in_utf8(),
        path=FOLDER,
    ),
)
