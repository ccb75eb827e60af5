"""What samplers and models need, and do not say of themselves: one row for each class.

Whether a class takes `class_weight` or `sample_weight`, gives probabilities or samples inside
itself, it says by its arguments and methods, and is asked. Gaps need no row: all are filled before.
Arguments that many classes share have tables of their own. What a model file may hold is a matter
of trust, and stands in `storage.trusted_types`.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

SMOTE, MIXED, CATEGORICAL = "SMOTE", "SMOTENC", "SMOTEN"


@dataclass(frozen=True)
class Traits:
    """What is special about a class.

    `takes_categories`: a sampler that can be given columns of them, unless its argument `blurs` is
    set. `neighbours`: the argument that says from how many neighbours it makes a row, with a dot
    before that of a part. `numbers_classes`: a model that looks class weights up by the number of a
    class, not its label. `counts_classes`: one that takes no labels but 0 to K - 1. `defaults`:
    arguments that it is given unless the user sets them. `calibrates`: the argument with which it
    calibrates itself on rows that it does not weight. `folds`: the argument that takes folds, which
    have the seed that the class itself takes no more. `extra`: its package, if that is of an extra,
    which may not be installed. `error`: the path of what it raises, if Python has no such error.
    `refused_signs`: those that it does not take in the name of a column.
    """

    takes_categories: bool = False
    blurs: str | None = None
    neighbours: str = "k_neighbors"
    numbers_classes: bool = False
    counts_classes: bool = False
    defaults: Mapping[str, int] = field(default_factory=dict)
    calibrates: str | None = None
    folds: str | None = None
    extra: str | None = None
    error: str = ""
    refused_signs: str = ""


NOTHING_SPECIAL = Traits()
# Sums, and what the file says, are then those of any machine.
ONE_JOB = {"n_jobs": 1}
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
    "TargetEncoder": Traits(folds="cv"),
    "LGBMClassifier": Traits(
        defaults=ONE_JOB,
        extra="lightgbm",
        error="lightgbm.basic.LightGBMError",
        refused_signs='",:[]{}',
    ),
    "XGBClassifier": Traits(
        counts_classes=True, defaults=ONE_JOB, extra="xgboost", refused_signs="[]<>"
    ),
    "CatBoostClassifier": Traits(
        defaults={"thread_count": 1, "allow_writing_files": False},  # no folder catboost_info
        extra="catboost",
        error="catboost.CatBoostError",
    ),
}
EXTRAS = tuple(row.extra for row in TRAITS.values() if row.extra is not None)
REFUSED_SIGNS = frozenset("".join(row.refused_signs for row in TRAITS.values()))

Values = Mapping[str, tuple[bool | int | str | None, ...]]
# Arguments that weight classes, or set their shares, and the values that leave them alone.
WEIGHTS: Values = {
    "class_weight": (None,),
    "class_weights": (None,),  # CatBoost
    "auto_class_weights": (None, "None"),
    "priors": (None,),  # discriminant analysis, naive Bayes
    "class_prior": (None,),
    "fit_prior": (True,),
    "scale_pos_weight": (None, 1),  # boosters
    "is_unbalance": (None, False),
    "unbalance": (None, False),
    "unbalanced_sets": (None, False),
}
# Arguments of models that sample rows by class; those of imbalanced-learn all have the first.
SAMPLES: Values = {
    "sampling_strategy": (),
    "pos_bagging_fraction": (None, 1),
    "pos_sub_row": (None, 1),
    "pos_subsample": (None, 1),
    "pos_bagging": (None, 1),
    "neg_bagging_fraction": (None, 1),
    "neg_sub_row": (None, 1),
    "neg_subsample": (None, 1),
    "neg_bagging": (None, 1),
}
DEFAULT_NEIGHBOURS = 5  # of imbalanced-learn


def find_traits(component: str | type) -> Traits:
    """Return the row of a class, by its name or path, or of the nearest it is derived from."""
    if isinstance(component, str):
        return TRAITS.get(component.rpartition(".")[2], NOTHING_SPECIAL)
    rows = (TRAITS[cls.__name__] for cls in component.__mro__ if cls.__name__ in TRAITS)
    return next(rows, NOTHING_SPECIAL)


def list_own_errors() -> Iterator[type[Exception]]:
    """Give the errors that rows name, of modules that are imported."""
    for module, _, name in (row.error.rpartition(".") for row in TRAITS.values()):
        if sys.modules.get(module) is not None:
            yield getattr(sys.modules[module], name)
