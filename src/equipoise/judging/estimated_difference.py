"""How far an arm is from another, and how sure that is, by Student's t."""

from dataclasses import dataclass

from scipy.special import stdtr, stdtrit

from equipoise.judging.probability import Probability


@dataclass(frozen=True)
class EstimatedDifference:
    """A difference, its standard error, and the degrees of freedom of that."""

    effect: float
    standard_error: float
    degrees: float

    @property
    def p(self) -> float:
        """The two-sided p-value of "no difference"; 1 if nothing varies."""
        if self.standard_error == 0:
            return 1.0
        return float(2 * stdtr(self.degrees, -abs(self.effect) / self.standard_error))

    def find_interval(self, confidence: float) -> tuple[float, float]:
        """Return the interval of Student's t."""
        half = float(stdtrit(self.degrees, (1 + confidence) / 2)) * self.standard_error
        return self.effect - half, self.effect + half

    def find_posterior(self, rope: float) -> Probability:
        """Return how probable it is that the arm is worse, equivalent, better by over `rope`.

        Student's t around the effect, as in the correlated t-test of Corani and Benavoli (2015).
        """
        if self.standard_error == 0:
            return Probability(worse=0.0, equivalent=1.0, better=0.0)
        worse, better = (
            float(stdtr(self.degrees, (-rope + sign * self.effect) / self.standard_error))
            for sign in (-1, 1)
        )
        return Probability(worse=worse, equivalent=max(0.0, 1 - worse - better), better=better)
