"""Values of categories that a model has not seen, which it takes for none that it knows."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from equipoise.core.table_schema import TableSchema
from equipoise.core.tables import format_count, format_label

# New values are a part of life; so many more likely mean that a column is written otherwise.
WORTH_TELLING = 0.1
CATEGORY = "category"


@dataclass
class UnseenValues:
    """The values that a model knows of each category, and how many others there were."""

    known: Mapping[str, frozenset[Any]]
    rows: Counter[str] = field(default_factory=Counter)
    unseen: Counter[str] = field(default_factory=Counter)
    examples: dict[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, pipeline: Any, schema: TableSchema) -> "UnseenValues":
        """Return none as yet, beside what the encoders in a fitted pipeline know.

        What encodes numbers, as `preprocess.numeric` may, counts for nothing.
        """
        known = dict(_find_known_values(pipeline))
        return cls({name: known[name] for name in known if schema.columns.get(name) == CATEGORY})

    def add(self, features: pd.DataFrame) -> None:
        """Count the values of more rows; gaps are none."""
        for name, values in self.known.items():
            given = features[name].dropna().astype("object")
            others = given[~given.isin(values)]
            self.rows[name] += len(given)
            self.unseen[name] += len(others)
            if len(others):
                self.examples.setdefault(name, others.iloc[0])

    def describe(self) -> Iterator[str]:
        """Give a line for each column with so many that it may be written otherwise."""
        for name, count in self.unseen.items():
            if count > WORTH_TELLING * self.rows[name]:
                yield (
                    f"column {format_label(name)}: {format_count(count, 'value')} of"
                    f" {self.rows[name]:,} were not in the train part, such as"
                    f" {format_label(self.examples[name])}; the model takes them for none that it"
                    " knows"
                )


def _find_known_values(step: Any) -> Iterator[tuple[str, frozenset[Any]]]:
    if hasattr(step, "categories_") and hasattr(step, "feature_names_in_"):
        pairs = zip(step.feature_names_in_, step.categories_, strict=True)
        yield from ((str(name), frozenset(values)) for name, values in pairs)
    for _, inner, *_ in (*getattr(step, "steps", ()), *getattr(step, "transformers_", ())):
        yield from _find_known_values(inner)
