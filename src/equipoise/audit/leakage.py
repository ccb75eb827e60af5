"""What the stages made, audited: whether anything learned from the test part.

It goes by files alone. What it finds is there; what it does not find may be there all the same:

- Out-of-fold scores are of the right rows, each once. That the model behind a score never saw its
  row cannot be read from a score: those models are not kept.
- A synthetic row that is a test row is found, one that lies between two test rows is not. In a
  table of categories and whole numbers, what a sampler may hit on by itself is said, and passes.
- A model's own coefficients do not say which rows they came from. Some models count their rows; a
  row of test in place of one of train does not change the count.
- Of preprocessing, numbers and arrays are looked at. Those of a decomposition of text differ from
  machine to machine in the last digits: a leak that moves them less than that is not seen there,
  but in how many rows have which sequences of letters.
- A rule learned from test may happen to decide test rows as the rule of out-of-fold scores does.
- What was chosen by a person who had seen the test results is nowhere in the files, and neither
  is a feature that would not be known when it is needed.
"""

from equipoise.audit.audit_results import AuditResult
from equipoise.audit.learned import check_arm, check_preprocessing
from equipoise.audit.made import Made
from equipoise.audit.used_rows import check_predictions, check_resampled, check_split


def audit(made: Made) -> list[AuditResult]:
    """Return what every check found: of the split, of each strategy, of each arm."""
    results = check_split(made)
    for name, resampled in made.resampled.items():
        results += check_resampled(name, resampled, made)
    for name, arm in made.arms.items():
        results += check_predictions(name, arm, made)
        results += check_arm(name, arm, made)
    return results + check_preprocessing(made)
