"""Apply a strategy's sampler to the train part and store what it changed."""

import pandas as pd

from equipoise.core.difference import Difference, ResamplingSummary
from equipoise.core.table_schema import TableSchema
from equipoise.core.tables import TARGET, split_off_target
from equipoise.fitting.categories import describe_sampler
from equipoise.fitting.class_ratios import summarise_resampling
from equipoise.fitting.resampling import clean_and_resample
from equipoise.params.trial_params import Params
from equipoise.storage.files.formats import read_frame, write_difference
from equipoise.storage.files.record_files import read_record, write_record
from equipoise.storage.files.refusals import keeping_refusals
from equipoise.storage.layout import Layout
from equipoise.terminal.errors import print_lines


def run(layout: Layout, params: Params, strategy: str) -> None:
    """Write the difference that the sampler makes, and a summary of it."""
    with keeping_refusals(strategy, [layout.resampling_summary(strategy)]):
        params = params.for_labels(read_record(layout.schema, TableSchema).labels)
        needed = {TARGET} if params.strategies[strategy].sampler is None else None
        train = read_frame(layout.train, needed)
        difference, summary = resample_train(train, strategy, params)
        print_lines(f"note: {note}" for note in summary.notes)
        write_difference(difference, layout.resampled(strategy))
        write_record(summary, layout.resampling_summary(strategy))


def resample_train(
    train: pd.DataFrame, strategy: str, params: Params
) -> tuple[Difference, ResamplingSummary]:
    """Return what the sampler changes, and what that makes of the classes."""
    chosen = params.name_classes(params.strategies[strategy])
    cleaned, difference = clean_and_resample(train, chosen, params.preprocess, params.seed)
    used = describe_sampler(chosen, split_off_target(cleaned)[0])
    return difference, summarise_resampling(train, difference, chosen, used)
