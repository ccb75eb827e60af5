"""Classes that params name by their labels, where a table has 0 and 1 for two of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from equipoise.core.table_schema import Label
from equipoise.core.tables import TWO_CLASSES, format_label, order_labels, read_numbers
from equipoise.terminal.errors import UserError

SAMPLING = "sampling_strategy"
# Arguments, also of what is nested in a component, that speak of classes by their labels.
BY_LABEL = frozenset({SAMPLING, "shrinkage", "class_weight", "class_weights"})
# Arguments that may have a number for each class, in their order.
IN_ORDER = frozenset({"priors", "class_prior", "class_weights"})


def name_argument(key: str) -> str:
    """Return the argument at a key of params.yaml, without what it is nested in.

    >>> name_argument("strategies.both.sampler.smote__sampling_strategy")
    'sampling_strategy'
    """
    return key.rpartition(".")[2].rpartition("__")[2]


def number_labels(key: str, value: Any, labels: Sequence[Label]) -> Any:
    """Return an argument that may name classes, two of them by number: the positive one is 1.

    `key` says where params.yaml has it. Several classes are called by their labels everywhere. A
    `UserError` names a label that is neither, or says that a list might be meant either way.
    """
    argument = name_argument(key)
    if argument in IN_ORDER and isinstance(value, list) and len({*map(str, value)}) > 1:
        refuse_turned(key, labels, "weigh classes by class_weight, which names them,")
    if len(labels) != TWO_CLASSES or argument not in BY_LABEL:
        return value
    if isinstance(value, Mapping):
        return {_find_class(key, label, labels): share for label, share in value.items()}
    if isinstance(value, list) and argument == SAMPLING:
        return [_find_class(key, label, labels) for label in value]
    return value


def refuse_turned(key: str, labels: Sequence[Label], remedy: str) -> None:
    """Raise a `UserError` if classes are in another order than by size or alphabet.

    What is given for each class in its order might be meant either way then. Of two classes the
    negative one is the first, as in most tables of confusion. Of several, labels that are no whole
    numbers are words to models: 10.25 comes before 2.5, and '10' before '2'.
    """
    in_order = [*range(len(labels))]
    if order_labels(labels) == in_order == order_labels(read_numbers(labels)):
        return
    if len(labels) == TWO_CLASSES:
        negative, positive = map(format_label, labels)
        raise UserError(
            f"{key}: {positive} is the positive class and comes before {negative} by size or"
            f" alphabet, so it might be meant either way; {remedy} instead"
        )
    raise UserError(
        f"{key}: the classes are in the order {', '.join(map(format_label, labels))} here, and not"
        " by size, so it might be meant either way; write labels as whole numbers or words in the"
        " file"
    )


def _find_class(key: str, label: Any, labels: Sequence[Label]) -> int:
    if label not in labels:
        known = ", ".join(map(format_label, labels))
        raise UserError(
            f"{key}: {format_label(label)} is not a class of train; choose from: {known}"
        )
    return labels.index(label)
