"""How much a YAML file may hold: by aliases a few lines can say more than any memory holds."""

from math import isinf

import yaml

MOST_BYTES = 1_000_000
MOST_VALUES = 100_000
LONGEST_NUMBER = 80
NUMBERS = {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}


def check_values(root: yaml.Node | None) -> None:
    """Raise a `YAMLError` if there are too many values, or a number that is too long.

    Values count as often as aliases name them. A `RecursionError` says that there is no end of
    them, because one is inside itself.
    """
    values = 0.0 if root is None else _count_values(root, {})
    if isinf(values):
        raise RecursionError
    if values > MOST_VALUES:
        raise yaml.YAMLError(
            f"with its aliases written out it holds {values:,.0f} values, and at most"
            f" {MOST_VALUES:,} are allowed"
        )


def _count_values(node: yaml.Node, counts: dict[yaml.Node, float]) -> float:
    """Return how many values a node is; without end if it is inside itself."""
    if node not in counts:
        counts[node] = float("inf")  # for those inside it
        counts[node] = 1 + sum(_count_values(inner, counts) for inner in _list_inner(node))
    return counts[node]


def _list_inner(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [inner for pair in node.value for inner in pair]
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    if node.tag in NUMBERS and len(node.value) > LONGEST_NUMBER:
        found = f"found a number of {len(node.value):,} characters"
        raise yaml.MarkedYAMLError(problem=found, problem_mark=node.start_mark)
    return []
