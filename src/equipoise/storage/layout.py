"""Where every file of the pipeline is."""

from dataclasses import dataclass
from pathlib import Path

from equipoise.core.arms import ArmName


@dataclass(frozen=True)
class Layout:
    """The files below a folder, by what they are; of an arm, by its name."""

    root: Path = Path()

    @property
    def params(self) -> Path:
        """What users edit."""
        return self.root / "params.yaml"

    @property
    def pipeline(self) -> Path:
        """The stages, as DVC has them."""
        return self.root / "dvc.yaml"

    @property
    def lock(self) -> Path:
        """What DVC last ran."""
        return self.root / "dvc.lock"

    @property
    def code(self) -> Path:
        """Of which code of the installed library a project's results are."""
        return self.root / "code.json"

    @property
    def fingerprints(self) -> Path:
        """Of which code of the library each stage's results are, in the library's repository."""
        return self.root / "reports/code.json"

    @property
    def dataset(self) -> Path:
        """The whole table, cleaned of what no model can read."""
        return self.root / "data/dataset.parquet"

    @property
    def schema(self) -> Path:
        """What the columns and the labels of the table are."""
        return self.root / "data/schema.json"

    @property
    def checks(self) -> Path:
        """The folder of what checks found."""
        return self.root / "data/checks"

    @property
    def checks_of_table(self) -> Path:
        """What checks found in the whole table."""
        return self.checks / "table.json"

    @property
    def checks_of_parts(self) -> Path:
        """What checks found in train and test."""
        return self.checks / "parts.json"

    @property
    def train(self) -> Path:
        """The rows that models learn from."""
        return self.root / "data/split/train.parquet"

    @property
    def test(self) -> Path:
        """The rows kept aside."""
        return self.root / "data/split/test.parquet"

    def resampled(self, strategy: str) -> Path:
        """Return the folder of what a strategy's sampler changed."""
        return self.root / "data/resampled" / strategy

    def resampling_summary(self, strategy: str) -> Path:
        """Return class counts before and after a strategy's sampler."""
        return self.resampled(strategy) / "summary.json"

    def model(self, arm: ArmName) -> Path:
        """Return an arm's fitted pipeline."""
        return self.root / f"models/{arm}.skops"

    def out_of_fold(self, arm: ArmName) -> Path:
        """Return an arm's scores of train, by models that did not see the rows."""
        return self.root / f"predictions/{arm}/oof.parquet"

    def test_scores(self, arm: ArmName) -> Path:
        """Return an arm's scores and decisions of test."""
        return self.root / f"predictions/{arm}/test.parquet"

    def fits(self, arm: ArmName) -> Path:
        """Return how an arm's fits went, and what it does about imbalance."""
        return self.root / f"reports/fits/{arm}.json"

    def decision(self, arm: ArmName) -> Path:
        """Return the rule and the calibrator of an arm."""
        return self.root / f"decisions/{arm}.json"

    def metrics(self, arm: ArmName) -> Path:
        """Return all numbers of an arm."""
        return self.root / f"reports/metrics/{arm}.json"

    def scores(self, arm: ArmName) -> Path:
        """Return the few numbers of an arm that `dvc metrics` shows."""
        return self.root / f"scores/{arm}"

    def curves(self, arm: ArmName) -> Path:
        """Return the curves of an arm, in long form."""
        return self.root / f"reports/curves/{arm}.csv"

    def folds(self, arm: ArmName) -> Path:
        """Return an arm's metrics by fold."""
        return self.root / f"reports/folds/{arm}.parquet"

    def fold_replicates(self, arm: ArmName) -> Path:
        """Return an arm's metrics by fold, for each bootstrap replicate of train."""
        return self.root / f"reports/fold_replicates/{arm}.parquet"

    def replicates(self, arm: ArmName) -> Path:
        """Return an arm's metrics by bootstrap replicate of test."""
        return self.root / f"reports/replicates/{arm}.parquet"

    def list_trained(self, arm: ArmName) -> tuple[Path, ...]:
        """Return what the stage `train` makes of an arm."""
        return self.model(arm), self.out_of_fold(arm), self.fits(arm)

    def list_evaluated(self, arm: ArmName) -> tuple[Path, ...]:
        """Return what the stage `evaluate` makes of an arm."""
        by_rows = self.folds(arm), self.fold_replicates(arm), self.replicates(arm)
        numbers = self.metrics(arm), self.scores(arm), self.curves(arm)
        return self.test_scores(arm), *numbers, *by_rows

    @property
    def audit(self) -> Path:
        """What the audit found."""
        return self.root / "reports/audit.json"

    @property
    def comparison(self) -> Path:
        """How the arms compare: verdicts and recommendation."""
        return self.root / "reports/comparison.json"

    @property
    def recommended(self) -> Path:
        """The few numbers of the recommended arm that `dvc metrics` shows."""
        return self.root / "reports/recommended"

    @property
    def all_curves(self) -> Path:
        """The curves of all arms, in long form."""
        return self.root / "reports/curves.csv"

    @property
    def net_benefit(self) -> Path:
        """What all arms gain in net benefit, in long form."""
        return self.root / "reports/net_benefit.csv"

    @property
    def confusions(self) -> Path:
        """The confusion matrices of all arms, in long form."""
        return self.root / "reports/confusion.csv"

    @property
    def report(self) -> Path:
        """The page."""
        return self.root / "reports/report.html"

    @property
    def learning_curve(self) -> Path:
        """The learning curve of an arm; its page and its pictures stand beside it."""
        return self.root / "reports/learning_curve.json"

    @property
    def published(self) -> Path:
        """The state that MLflow has."""
        return self.root / "reports/published.json"

    @property
    def screening(self) -> Path:
        """The ranking of `equipoise screen`."""
        return self.root / "reports/screening.json"

    @property
    def screening_seconds(self) -> Path:
        """The seconds of each arm of a screening, which differ from run to run."""
        return self.root / "reports/screening_seconds.json"

    @property
    def screening_page(self) -> Path:
        """The page of a screening."""
        return self.root / "reports/screening.html"

    @property
    def screening_fits(self) -> Path:
        """The folder of fits of screenings, for one that is interrupted."""
        return self.root / "data/screening"

    @property
    def looks(self) -> Path:
        """The looks that were taken at batches of new rows."""
        return self.root / "reports/monitor/history.jsonl"

    @property
    def turns_of_looks(self) -> Path:
        """What those who look at batches take turns by."""
        folder = self.root / ".dvc"
        return folder / "tmp/looks.lock" if folder.is_dir() else self.looks.with_suffix(".lock")

    def monitor_page(self, name: str) -> Path:
        """Return the page of a look at a batch."""
        return self.looks.with_name(f"{name}.html")
