"""Classes that params name by their labels, where a table has 0 and 1 for two of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from equipoise.core.table_schema import Label
from equipoise.core.tables import TWO_CLASSES, format_label
from equipoise.terminal.errors import UserError

SAMPLING = "sampling_strategy"
# Arguments, also of what is nested in a component, that speak of classes by their labels.
BY_LABEL = frozenset({SAMPLING, "shrinkage", "class_weight", "class_weights"})


def number_labels(key: str, value: Any, labels: Sequence[Label]) -> Any:
    """Return an argument that may name classes, two of them by number: the positive one is 1.

    `key` says where params.yaml has it. Several classes are called by their labels everywhere. A
    `UserError` names a label that is neither.
    """
    argument = key.rpartition(".")[2].rpartition("__")[2]
    if len(labels) != TWO_CLASSES or argument not in BY_LABEL:
        return value
    if isinstance(value, Mapping):
        return {_find_class(key, label, labels): share for label, share in value.items()}
    if isinstance(value, list) and argument == SAMPLING:
        return [_find_class(key, label, labels) for label in value]
    return value


def _find_class(key: str, label: Any, labels: Sequence[Label]) -> int:
    if label not in labels:
        known = ", ".join(map(format_label, labels))
        raise UserError(
            f"{key}: {format_label(label)} is not a class of train; choose from: {known}"
        )
    return labels.index(label)
