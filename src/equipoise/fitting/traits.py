"""What some samplers and models need, and do not say of themselves: one row for each class.

Whether a class takes `class_weight` or `sample_weight`, gives probabilities or samples inside
itself, it says by its arguments and methods, and is asked. Gaps need no row: all are filled before.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SMOTE, MIXED, CATEGORICAL = "SMOTE", "SMOTENC", "SMOTEN"


@dataclass(frozen=True)
class Traits:
    """What is special about a class.

    `takes_categories`: a sampler that can be given columns of them, unless its argument `blurs` is
    set. `neighbours`: the argument that says from how many neighbours it makes a row, with a dot
    before that of a part. `numbers_classes`: a model that looks class weights up by the number of a
    class, not its label. `counts_classes`: one that takes no labels but 0 to K - 1. `one_thread`:
    one whose sums depend on its number of threads. `calibrates`: the argument with which it
    calibrates itself on rows that it does not weight.
    """

    takes_categories: bool = False
    blurs: str | None = None
    neighbours: str = "k_neighbors"
    numbers_classes: bool = False
    counts_classes: bool = False
    one_thread: bool = False
    calibrates: str | None = None


NOTHING_SPECIAL = Traits()
TRAITS: Mapping[str, Traits] = {
    SMOTE: Traits(takes_categories=True),
    MIXED: Traits(takes_categories=True),
    CATEGORICAL: Traits(takes_categories=True),
    "RandomOverSampler": Traits(takes_categories=True, blurs="shrinkage"),
    "RandomUnderSampler": Traits(takes_categories=True),
    "ADASYN": Traits(neighbours="n_neighbors"),
    "SMOTEENN": Traits(neighbours="smote.k_neighbors"),
    "SMOTETomek": Traits(neighbours="smote.k_neighbors"),
    "BaggingClassifier": Traits(numbers_classes=True),
    "HistGradientBoostingClassifier": Traits(numbers_classes=True),
    "StackingClassifier": Traits(numbers_classes=True),
    "VotingClassifier": Traits(numbers_classes=True),
    "SVC": Traits(calibrates="probability"),
    "NuSVC": Traits(calibrates="probability"),
    "LGBMClassifier": Traits(one_thread=True),
    "XGBClassifier": Traits(counts_classes=True, one_thread=True),
}


def find_traits(component: str | type) -> Traits:
    """Return the row of a class, by its name or path, or of the nearest it is derived from."""
    if isinstance(component, str):
        return TRAITS.get(component.rpartition(".")[2], NOTHING_SPECIAL)
    rows = (TRAITS[cls.__name__] for cls in component.__mro__ if cls.__name__ in TRAITS)
    return next(rows, NOTHING_SPECIAL)
