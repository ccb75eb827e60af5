"""Values that training never saw are counted of the user's own categories, and of nothing else."""

import pandas as pd
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from equipoise.core.table_schema import TableSchema
from equipoise.using.unseen_values import UnseenValues

KINDS = {"job": "category", "age": "numeric", "when": "date"}
SCHEMA = TableSchema(2, KINDS, "y", {"0": 1, "1": 1}, ("no", "yes"), {}, {})


def test_what_encodes_numbers_or_parts_of_dates_tells_nothing() -> None:
    """As `preprocess.numeric` does, if an encoder is named there."""
    train = pd.DataFrame({"job": ["clerk", "nurse"], "age": [30.0, 40.0], "when_year": [1.0, 2.0]})
    pipeline = make_pipeline(OrdinalEncoder().fit(train))
    unseen = UnseenValues.of(pipeline, SCHEMA)
    unseen.add(pd.DataFrame({"job": ["Clerk"], "age": [31.0], "when": ["2024-01-01"]}))
    assert [line[:12] for line in unseen.describe()] == ["column 'job'"]
