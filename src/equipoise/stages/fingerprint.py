"""Write a fingerprint of the library's code for each stage."""

from equipoise.founding.fingerprints import hash_parts, hash_stages
from equipoise.founding.stage_code import list_code_of_stages
from equipoise.params.trial_params import Params
from equipoise.storage.files.formats import write_json
from equipoise.storage.layout import Layout


def run(layout: Layout, params: Params) -> None:
    """Write what stands for the sources in dvc.yaml: DVC watches files and params, not imports."""
    del params
    stages = list_code_of_stages()
    parts = hash_parts(part for listed in stages.values() for part in listed)
    write_json({"stages": hash_stages(stages, parts)}, layout.fingerprints)
