"""What every section of params.yaml has in common."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from equipoise.terminal.errors import suggest_nearest

# Files are called after a strategy and a model, and most disks allow 255 letters.
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+$", max_length=100)]
Names = Annotated[tuple[Name, ...], Field(min_length=1, strict=False)]
Strings = Annotated[tuple[str, ...], Field(strict=False)]
Weights = Annotated[dict[bool | int | str, Annotated[float, Field(gt=0)]], Field(min_length=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Share = Annotated[float, Field(gt=0, lt=1)]
# Products and squares of what is further from 1 can be too large, or too small, for a float.
SMALLEST_COST, LARGEST_COST = 1e-12, 1e12
Odd = Annotated[float, Field(ge=SMALLEST_COST, le=LARGEST_COST)]
Odds = Annotated[tuple[Odd, Odd], Field(strict=False)]
Cost = Annotated[float, Field(ge=0, le=LARGEST_COST)]
Row = Annotated[tuple[Cost, ...], Field(strict=False)]
CostMatrix = Annotated[tuple[Row, ...], Field(strict=False)]


def make_mistake(message: str) -> PydanticCustomError:
    """Return an error that says what is wrong in a user's words."""
    return PydanticCustomError("mistake", "{message}", {"message": message})


class Section(BaseModel):
    """A part of params.yaml whose keys are all known and whose values never change."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, section: object) -> object:
        if isinstance(section, Mapping) and cls.model_config["extra"] == "forbid":
            known = [field.alias or name for name, field in cls.model_fields.items()]
            for key in section:
                if key not in known:
                    raise make_mistake(f"unknown key '{key}'; {suggest_nearest(str(key), known)}")
        return section
