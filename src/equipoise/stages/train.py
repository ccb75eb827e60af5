"""Score the train part out of fold, then fit the arm's final model."""

import pandas as pd

from equipoise.core.arms import ArmName
from equipoise.core.difference import Difference
from equipoise.core.table_schema import TableSchema
from equipoise.fitting.crossfit import cross_fit
from equipoise.fitting.fit_warnings import print_other_warnings
from equipoise.fitting.training import Trained, fit_final
from equipoise.params.trial_params import Params
from equipoise.storage.files.formats import read_difference, read_frame, write_frame
from equipoise.storage.files.record_files import read_record, write_record
from equipoise.storage.files.refusals import keeping_refusals, pass_refusal_on
from equipoise.storage.layout import Layout
from equipoise.storage.model_files import write_model
from equipoise.terminal.errors import print_lines
from equipoise.terminal.progress import Counted, fit_bar, leave_uncounted


def run(layout: Layout, params: Params, strategy: str, model: str) -> None:
    """Write out-of-fold scores, the fitted pipeline, and how the fits went."""
    name = ArmName(strategy, model)
    if pass_refusal_on(layout.resampling_summary(strategy), layout.list_trained(name)):
        return
    params = params.for_labels(read_record(layout.schema, TableSchema).labels)
    train, difference = read_frame(layout.train), read_difference(layout.resampled(strategy))
    with keeping_refusals(str(name), layout.list_trained(name)):
        with fit_bar(str(name)) as counted:
            trained = train_arm(name, train, difference, params, counted)
        print_lines(f"note: {name}: {note}" for note in trained.fits.notes)
        print_other_warnings(trained.warned)
        write_frame(trained.scores, layout.out_of_fold(name))
        write_model(trained.model, layout.model(name), params.plugins)
        write_record(trained.fits, layout.fits(name))


def train_arm(
    name: ArmName,
    train: pd.DataFrame,
    difference: Difference,
    params: Params,
    counted: Counted = leave_uncounted,
) -> Trained:
    """Return an arm scored out of fold and fitted on all of train; `counted` sees each fold."""
    arm = params.select_arm(name)
    folds = cross_fit(arm, train, params.cross_validation, params.n_jobs, counted)
    return fit_final(arm, train, difference, folds)
