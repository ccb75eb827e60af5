"""Files of an earlier run that something has spoilt since."""

from dataclasses import dataclass

UNREADABLE = "cannot be read: <any>; `rm -f {path} && dvc repro` makes it again"
MISSING = "is missing; run `dvc repro`"


@dataclass(frozen=True)
class Spoilt:
    """A file below the job, what it holds now (nothing: it is gone), and what its reader says."""

    path: str
    content: bytes | None
    stage: str
    says: str

    @property
    def message(self) -> str:
        """The whole message."""
        return f"{self.path} {self.says.format(path=self.path)}"


FILES = (
    ("data/dataset.parquet", "split"),
    ("data/split/train.parquet", "resample"),
    ("data/resampled/smote/synthetic.parquet", "train"),
    ("data/split/test.parquet", "evaluate"),
    ("data/resampled/smote/summary.json", "decide"),
    ("data/schema.json", "decide"),
    ("predictions/smote-logistic/oof.parquet", "decide"),
    ("reports/fits/smote-logistic.json", "evaluate"),
    ("predictions/smote-logistic/test.parquet", "audit"),
    ("reports/metrics/smote-logistic.json", "compare"),
    ("reports/folds/smote-logistic.parquet", "compare"),
    ("reports/replicates/smote-logistic.parquet", "compare"),
    ("reports/curves/smote-logistic.csv", "compare"),
)
MAY_BE_MISSING = ("data/resampled/smote/synthetic.parquet",)  # a sampler need make no rows
SPOILT = (
    *(Spoilt(path, b"\xff\x00 spoilt", stage, UNREADABLE) for path, stage in FILES),
    *(Spoilt(path, b"", stage, UNREADABLE) for path, stage in FILES),
    *(Spoilt(path, None, stage, MISSING) for path, stage in FILES if path not in MAY_BE_MISSING),
)
