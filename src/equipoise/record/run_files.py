"""The artifacts of a run in MLflow: files as they lie on disk, tables, and pictures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from mlflow import MlflowClient

from equipoise.charts.shown import Chart
from equipoise.comparing.results import Comparison
from equipoise.record.pictures import Pictures
from equipoise.storage.comparison_files import tabulate_answers, tabulate_segments

PLOTS = "plots"


@dataclass(frozen=True)
class RunFiles:
    """What a run has as artifacts: tables by the name of their file, charts by their own."""

    paths: Sequence[Path]
    charts: Mapping[str, Chart]
    tables: Mapping[str, pd.DataFrame]

    def find_missing(self, client: MlflowClient, run: str) -> set[str]:
        """Return the artifacts that a run does not have."""
        listed = [*client.list_artifacts(run), *client.list_artifacts(run, PLOTS)]
        return {*self._list_names()} - {file.path for file in listed}

    def log(
        self, client: MlflowClient, run: str, pictures: Pictures, only: set[str] | None = None
    ) -> None:
        """Have the artifacts in a run, or only those with these names, which it does not have."""
        names = {*self._list_names()} if only is None else only
        for path in self.paths:
            if path.name in names:
                client.log_artifact(run, str(path))
        for name, table in self.tables.items():
            if name in names:  # MLflow would append to a table that is there
                client.log_table(run, table, name)
        charts = {key: chart for key, chart in self.charts.items() if _name_plot(key) in names}
        if not charts:
            return
        with TemporaryDirectory() as folder:
            pictures.write(charts, Path(folder))
            client.log_artifacts(run, folder, PLOTS)

    def _list_names(self) -> Iterator[str]:
        yield from (path.name for path in self.paths)
        yield from self.tables
        yield from map(_name_plot, self.charts)


def tabulate_verdicts(found: Comparison) -> dict[str, pd.DataFrame]:
    """Return what was found as tables, by the names of their files."""
    tables = {}
    if found.comparisons:  # there is none of a baseline alone
        tables["verdict.json"] = tabulate_answers(found).astype({"interval": str})
    if found.segments is not None and found.segments.answers:
        tables["segments.json"] = tabulate_segments(found.segments).astype({"interval": str})
    return tables


def _name_plot(chart: str) -> str:
    return f"{PLOTS}/{chart}.svg"
