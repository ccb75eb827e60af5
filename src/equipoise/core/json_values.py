"""What a JSON file can hold, and what one that was read may."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Json: TypeAlias = "str | float | bool | Sequence[Json] | Mapping[str, Json] | None"
JsonObject: TypeAlias = Mapping[str, Json]
# JSON or YAML as it is read: what is in it is found out by who makes a record of it.
Unchecked: TypeAlias = dict[str, Any]
