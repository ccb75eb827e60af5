"""Params that no trial can be run with."""

from collections.abc import Mapping

from .job import PARAMS, Case

DATA = PARAMS[PARAMS.index("data:") : PARAMS.index("split:")]
MADE = """\
data:
  source: synthetic
  n_samples: 400
  n_features: 6
  n_informative: 3
  weights: [0.8, 0.2]
"""


def p(
    name: str, message: str, right: str, wrong: str, also: Mapping[str, str] | None = None
) -> Case:
    """Return the case of something wrong written in the place of what was right."""
    return Case(name, message, params={right: wrong, **(also or {})})


def made(name: str, message: str, right: str, wrong: str) -> Case:
    """Return the case of a mistake in a made problem."""
    return Case(name, message, params={DATA: MADE.replace(right, wrong)})


SYNTAX = (
    p(
        "nothing in the file",
        "params.yaml must hold keys and values, as in seed: 42, but holds nothing",
        PARAMS,
        "",
    ),
    p(
        "comments only",
        "params.yaml must hold keys and values, as in seed: 42, but holds nothing",
        PARAMS,
        "# seed: 7\n",
    ),
    p(
        "a list",
        "params.yaml must hold keys and values, as in seed: 42, but holds a list",
        PARAMS,
        "- seed\n- data\n",
    ),
    p(
        "a word",
        "params.yaml must hold keys and values, as in seed: 42, but holds 'seed'",
        PARAMS,
        "seed",
    ),
    p(
        "a tab",
        "params.yaml is not valid YAML: while scanning for the next token, found character"
        " '\\t' that cannot start any token (line 5); fix it there",
        "  target",
        "\ttarget",
    ),
    p(
        "a bracket left open",
        "params.yaml is not valid YAML: while parsing a flow sequence (line 7), expected ','"
        " or ']', but got ':' (line 8); fix it there",
        "[day, customer]",
        "[day, customer",
    ),
    p(
        "a brace left open",
        "params.yaml is not valid YAML: while parsing a flow mapping (line 19), expected ','"
        " or '}', but got ':' (line 20); fix it there",
        "{objective: f1}",
        "{objective: f1",
    ),
    p(
        "a quote left open",
        "params.yaml is not valid YAML: while scanning a quoted scalar (line 6), found"
        " unexpected end of stream (line 22); fix it there",
        "positive: fraud",
        "positive: 'fraud",
    ),
    p(
        "no colon",
        "params.yaml is not valid YAML: mapping values are not allowed here (line 2); fix it there",
        "seed: 7",
        "seed 7",
    ),
    p(
        "no space after a colon",
        "params.yaml is not valid YAML: mapping values are not allowed here (line 2); fix it there",
        "seed: 7",
        "seed:7",
    ),
    p(
        "indented too little",
        "params.yaml is not valid YAML: while parsing a block mapping (line 1), expected"
        " <block end>, but found '<block mapping start>' (line 5); fix it there",
        "  target: outcome",
        " target: outcome",
    ),
    p(
        "a section twice",
        "params.yaml is not valid YAML: found key 'split' (line 8), and found it again (line"
        " 22); fix it there",
        "n_jobs: 1",
        "n_jobs: 1\nsplit: {test_size: 0.2}",
    ),
    p(
        "a key twice",
        "params.yaml is not valid YAML: found key 'target' (line 5), and found it again"
        " (line 6); fix it there",
        "  target: outcome",
        "  target: outcome\n  target: region",
    ),
    p(
        "a key twice in braces",
        "params.yaml is not valid YAML: found key 'test_size' (line 8), and found it again"
        " (line 8); fix it there",
        "{test_size: 0.3}",
        "{test_size: 0.3, test_size: 0.2}",
    ),
    p(
        "two documents",
        "params.yaml is not valid YAML: expected a single document in the stream (line 1),"
        " but found another document (line 22); fix it there",
        "n_jobs: 1",
        "n_jobs: 1\n---\nseed: 8",
    ),
    p(
        "an unknown alias",
        "params.yaml is not valid YAML: found undefined alias 'seven' (line 1); fix it there",
        "seed: 7",
        "seed: *seven",
    ),
    p(
        "an unknown tag",
        "params.yaml is not valid YAML: <any> tag"
        " 'tag:yaml.org,2002:python/object:os.system' (line 1); fix it there",
        "seed: 7",
        "seed: !!python/object:os.system 7",
    ),
    p(
        "an unknown tag 2",
        "params.yaml is not valid YAML: <any> tag '!env' (line 1); fix it there",
        "seed: 7",
        "seed: !env SEED",
    ),
    p(
        "a list for a key",
        "params.yaml is not valid YAML: while constructing a mapping (line 1), found"
        " unhashable key (line 1); fix it there",
        "seed: 7",
        "? [seed]\n: 7",
    ),
    p(
        "a merge of what is no mapping",
        "params.yaml is not valid YAML: while constructing a mapping (line 1), expected a"
        " mapping or list of mappings for merging, but found scalar (line 2); fix it there",
        "seed: 7",
        "seed: 7\n<<: 5",
    ),
    p(
        "a loop inside",
        "params.yaml is nested too deep, or in itself; write it out flat",
        "  weighted: {class_weight: balanced}",
        "  weighted: {sampler: &w {class: SMOTE, a: *w}}",
    ),
    p(
        "a control character",
        "params.yaml is not valid YAML: unacceptable character #x0007: special characters"
        " are not allowed at position 10; fix it there",
        "seed: 7",
        "seed: 7 # \x07",
    ),
    p(
        "a date",
        "params.yaml is not valid YAML: month must be in 1..12; fix it there",
        "seed: 7",
        "seed: 2024-13-45",
    ),
    p(
        "deep nesting",
        "params.yaml is nested too deep, or in itself; write it out flat",
        "seed: 7",
        "seed: " + "[" * 2000 + "]" * 2000,
    ),
)
MISSPELT = (
    p(
        "a section misspelt",
        "params.yaml: unknown key 'decison'; did you mean 'decision'?",
        "decision:",
        "decison:",
    ),
    p(
        "a section unknown",
        "params.yaml: unknown key 'foo'; choose from: allow, calibration, cross_validation,"
        " data, decision, mlflow, models, n_jobs, plugins, preprocess, registry, run, screen, seed,"
        " split, strategies, uncertainty, verdict",
        "seed: 7",
        "seed: 7\nfoo: 1",
    ),
    p(
        "a number as section",
        "params.yaml: unknown key '3'; choose from: allow, calibration, cross_validation,"
        " data, decision, mlflow, models, n_jobs, plugins, preprocess, registry, run, screen, seed,"
        " split, strategies, uncertainty, verdict",
        "seed: 7",
        "seed: 7\n3: 1",
    ),
    p(
        "null as section",
        "params.yaml: unknown key 'None'; choose from: allow, calibration, cross_validation,"
        " data, decision, mlflow, models, n_jobs, plugins, preprocess, registry, run, screen, seed,"
        " split, strategies, uncertainty, verdict",
        "seed: 7",
        "seed: 7\n~: 1",
    ),
    p(
        "a registered name that is an address",
        "params.yaml: registry.name: 'models/churn' should be letters, digits, spaces and any of"
        " - . _",
        "n_jobs: 1",
        "n_jobs: 1\nregistry: {name: models/churn}",
    ),
    p(
        "a screened strategy that is not in the catalogue",
        "params.yaml: screen.strategies: 'smotte' is not in the catalogue `strategies`; did you"
        " mean 'smote'?",
        "n_jobs: 1",
        "n_jobs: 1\nscreen: {strategies: [smotte]}",
    ),
    p(
        "a space of a model that is not in the catalogue",
        "params.yaml: screen.space: 'logstic' is not in the catalogue `models`; did you mean"
        " 'logistic'?",
        "n_jobs: 1",
        "n_jobs: 1\nscreen: {space: {logstic: {C: [1.0]}}}",
    ),
    p(
        "a budget that tunes nothing",
        "params.yaml: screen: budget = 1 is the model as it is in models, so nothing would be"
        " tuned; set it to 2 or more, or to 0",
        "n_jobs: 1",
        "n_jobs: 1\nscreen: {budget: 1, space: {logistic: {C: [1.0]}}}",
    ),
    p(
        "a budget without a space",
        "params.yaml: screen: budget = 20 needs space, what to draw configurations from; set it, as"
        " in space: {logistic: {C: {low: 0.01, high: 100, log: true}}}",
        "n_jobs: 1",
        "n_jobs: 1\nscreen: {budget: 20}",
    ),
    p(
        "a range that ends before it begins",
        "params.yaml: screen.space.logistic.C: low = 2 should be less than high = 1",
        "n_jobs: 1",
        "n_jobs: 1\nscreen: {space: {logistic: {C: {low: 2, high: 1}}}}",
    ),
    p(
        "a key of data misspelt",
        "params.yaml: data: unknown key 'traget'; did you mean 'target'?",
        "  target:",
        "  traget:",
    ),
    p(
        "a key of split misspelt",
        "params.yaml: split: unknown key 'testsize'; did you mean 'test_size'?",
        "test_size",
        "testsize",
    ),
    p(
        "a key of preprocess misspelt",
        "params.yaml: preprocess: unknown key 'numerics'; did you mean 'numeric'?",
        "numeric: standardize",
        "numerics: standardize",
    ),
    p(
        "a key of run misspelt",
        "params.yaml: run: unknown key 'strategy'; did you mean 'strategies'?",
        "strategies: [baseline, smote]",
        "strategy: [baseline, smote]",
    ),
    p(
        "a key of a strategy misspelt",
        "params.yaml: strategies.smote: unknown key 'smapler'; did you mean 'sampler'?",
        "{sampler: {class: SMOTE",
        "{smapler: {class: SMOTE",
    ),
    p(
        "class misspelt",
        "params.yaml: models.logistic.class is required and missing; set it, or rename 'clas'",
        "{class: LogisticRegression}",
        "{clas: LogisticRegression}",
    ),
    p(
        "a key of cross_validation misspelt",
        "params.yaml: cross_validation: unknown key 'fold'; did you mean 'folds'?",
        "folds: 3",
        "fold: 3",
    ),
    p(
        "a key of decision misspelt",
        "params.yaml: decision: unknown key 'objectiv'; did you mean 'objective'?",
        "objective: f1",
        "objectiv: f1",
    ),
    p(
        "a key of uncertainty misspelt",
        "params.yaml: uncertainty: unknown key 'confidense'; did you mean 'confidence'?",
        "confidence: 0.9",
        "confidense: 0.9",
    ),
    p(
        "a key of synthetic data misspelt",
        "params.yaml: data: unknown key 'n_sample'; did you mean 'n_samples'?",
        DATA,
        MADE.replace("n_samples", "n_sample"),
    ),
    p(
        "a key of the other source",
        "params.yaml: data: unknown key 'flip_y'; choose from: columns, distinct_labels, drop,"
        " float32, group, path, positive, read, sample, segment, source, target, time, unlabelled",
        "  target:",
        "  flip_y: 0.1\n  target:",
    ),
    p(
        "a section missing",
        "params.yaml: split is required and missing; set it",
        "split: {test_size: 0.3}\n",
        "",
    ),
    p(
        "seed missing",
        "params.yaml: seed is required and missing; set it",
        "seed: 7\n",
        "",
    ),
    p(
        "a key missing",
        "params.yaml: data.target is required and missing; set it",
        "  target: outcome\n",
        "",
    ),
    p(
        "source missing",
        "params.yaml: data.source: None should be 'synthetic' or 'file'",
        "  source: file\n",
        "",
    ),
    p(
        "an unknown source",
        "params.yaml: data.source: 'files' should be 'synthetic' or 'file'",
        "source: file",
        "source: files",
    ),
    p(
        "data empty",
        "params.yaml: data: None should be keys and values, as in {key: value}",
        DATA,
        "data:\n",
    ),
    p(
        "data a word",
        "params.yaml: data: 'shop.csv' should be keys and values, as in {key: value}",
        DATA,
        "data: shop.csv\n",
    ),
    p(
        "data a list",
        "params.yaml: data: ['shop.csv'] should be keys and values, as in {key: value}",
        DATA,
        "data: [shop.csv]\n",
    ),
)
VALUES = (
    p(
        "a word for the seed",
        "params.yaml: seed: 'seven' should be a valid integer",
        "seed: 7",
        "seed: seven",
    ),
    p(
        "a quoted seed",
        "params.yaml: seed: '7' should be a valid integer",
        "seed: 7",
        "seed: '7'",
    ),
    p(
        "a fractional seed",
        "params.yaml: seed: 7.5 should be a valid integer",
        "seed: 7",
        "seed: 7.5",
    ),
    p(
        "a seed below 0",
        "params.yaml: seed: -1 should be greater than or equal to 0",
        "seed: 7",
        "seed: -1",
    ),
    p(
        "a seed too large",
        "params.yaml: seed: 4294967296 should be less than 4294967296",
        "seed: 7",
        "seed: 4294967296",
    ),
    p(
        "a boolean seed",
        "params.yaml: seed: True should be a valid integer",
        "seed: 7",
        "seed: true",
    ),
    p(
        "null seed",
        "params.yaml: seed: None should be a valid integer",
        "seed: 7",
        "seed:",
    ),
    p(
        "a share above 1",
        "params.yaml: split.test_size: 30 should be less than 1",
        "test_size: 0.3",
        "test_size: 30",
    ),
    p(
        "a share below 0",
        "params.yaml: split.test_size: -0.3 should be greater than or equal to 0",
        "test_size: 0.3",
        "test_size: -0.3",
    ),
    p(
        "a percentage",
        "params.yaml: split.test_size: '30%' should be a valid number",
        "test_size: 0.3",
        "test_size: 30%",
    ),
    p(
        "a decimal comma",
        "params.yaml: split.test_size: '0,3' should be a valid number",
        "test_size: 0.3}",
        "test_size: '0,3'}",
    ),
    p(
        "a decimal comma unquoted",
        "params.yaml: split: unknown key '3'; choose from: method, test_size",
        "test_size: 0.3}",
        "test_size: 0,3}",
    ),
    p(
        "NaN",
        "params.yaml: split.test_size: nan should be a finite number",
        "test_size: 0.3",
        "test_size: .nan",
    ),
    p(
        "an unknown method",
        "params.yaml: split.method: 'groups' should be 'stratified', 'group' or 'time'",
        "0.3}",
        "0.3, method: groups}",
    ),
    p(
        "method group without a column",
        "params.yaml: split.method: 'group' needs data.group, the name of the column to split"
        " by; set it",
        "0.3}",
        "0.3, method: group}",
    ),
    p(
        "a group without the method",
        "params.yaml: data.group: 'customer' is not used by split.method 'stratified';"
        " remove it, or set split.method to 'group'",
        "  positive: fraud",
        "  positive: fraud\n  group: customer",
    ),
    p(
        "segments of a sampled table",
        "params.yaml: data.segment: segments differ in their share of positives, and data.sample"
        " restates numbers for a single share; remove one of them",
        "  positive: fraud",
        "  positive: fraud\n  segment: customer\n  sample: {majority_per_minority: 5}",
    ),
    p(
        "segments without a test part",
        "params.yaml: data.segment: segments are judged by test rows too; set split.test_size above"
        " 0, or remove it",
        "  drop: [day, customer]\nsplit: {test_size: 0.3}",
        "  drop: [day, customer]\n  segment: customer\nsplit: {test_size: 0}",
    ),
    p(
        "time with repeats",
        "params.yaml: cross_validation.repeats: 2 has no meaning where folds follow time;"
        " set it to 1",
        "0.3}",
        "0.3, method: time}",
        also={"drop: [day, customer]": "time: day", "repeats: 1": "repeats: 2"},
    ),
    p(
        "a word for a list",
        "params.yaml: data.drop: 'day' should be a list",
        "drop: [day, customer]",
        "drop: day",
    ),
    p(
        "numbers in a list of words",
        "params.yaml: data.drop.0: 1 should be text in quotes",
        "drop: [day, customer]",
        "drop: [1]",
    ),
    p(
        "a dropped column that is not there",
        "data.drop: no column 'dya'; did you mean 'day'?",
        "[day, customer]",
        "[dya, customer]",
    ),
    p(
        "a dropped target",
        "params.yaml: data.drop: 'outcome' is data.target already; name another column",
        "[day, customer]",
        "[day, customer, outcome]",
    ),
    p(
        "all dropped",
        "data.drop: no feature is left; drop fewer columns",
        "[day, customer]",
        "[day, customer, age, amount, region]",
    ),
    p(
        "group by the target",
        "params.yaml: data.group: 'outcome' is data.target already; name another column",
        "drop: [day, customer]",
        "group: outcome",
        also={"0.3}": "0.3, method: group}"},
    ),
    p(
        "time by the target",
        "params.yaml: data.time: 'outcome' is data.target already; name another column",
        "drop: [day, customer]",
        "time: outcome",
        also={"0.3}": "0.3, method: time}"},
    ),
    p(
        "a pinned kind unknown",
        "params.yaml: data.columns.age: 'int' should be 'numeric', 'integer', 'boolean',"
        " 'category', 'date' or 'text'",
        "  positive: fraud",
        "  positive: fraud\n  columns: {age: int}",
    ),
    p(
        "a pinned column unknown",
        "data.columns: no feature 'aeg'; did you mean 'age'?",
        "  positive: fraud",
        "  positive: fraud\n  columns: {aeg: integer}",
    ),
    p(
        "a pinned column dropped",
        "data.columns: no feature 'day'; choose from: age, amount, region",
        "  positive: fraud",
        "  positive: fraud\n  columns: {day: date}",
    ),
    p(
        "the pinned target",
        "data.columns: no feature 'outcome'; choose from: age, amount, region",
        "  positive: fraud",
        "  positive: fraud\n  columns: {outcome: category}",
    ),
    p(
        "columns a list",
        "params.yaml: data.columns: ['age'] should be keys and values",
        "  positive: fraud",
        "  positive: fraud\n  columns: [age]",
    ),
    p(
        "keys as positive",
        "params.yaml: data.positive: {'fraud': 1} should be text in quotes or a valid integer"
        " or a valid number or a valid boolean or a list",
        "positive: fraud",
        "positive: {fraud: 1}",
    ),
    p(
        "a list of no label as positive",
        "params.yaml: data.positive: [] should be text in quotes or a valid integer"
        " or a valid number or a valid boolean or a list of at least 1",
        "positive: fraud",
        "positive: []",
    ),
    p(
        "a positive label in a list not there",
        "data.positive: 'frued' is not in 'outcome', which holds 'fraud', 'paid'; did you"
        " mean 'fraud'?",
        "positive: fraud",
        "positive: [fraud, frued]",
    ),
    p(
        "every label as positive",
        "data.positive: 'fraud', 'paid' are all the labels of 'outcome'; leave out those of the"
        " other class",
        "positive: fraud",
        "positive: [fraud, paid]",
    ),
    p(
        "positive not there",
        "data.positive: 'frued' is not in 'outcome', which holds 'fraud', 'paid'; did you"
        " mean 'fraud'?",
        "positive: fraud",
        "positive: frued",
    ),
    p(
        "target not there",
        "data.target: no column 'outcom'; did you mean 'outcome'?",
        "target: outcome",
        "target: outcom",
    ),
    p(
        "target a number",
        "params.yaml: data.target: 1 should be text in quotes",
        "target: outcome",
        "target: 1",
    ),
    p(
        "file not there",
        "data.path: 'data/raw/shops.csv' does not exist; did you mean 'data/raw/shop.csv'?",
        "shop.csv",
        "shops.csv",
    ),
    p(
        "file elsewhere",
        "data.path: '../shop.csv' is not within data/raw/; put the table there",
        "data/raw/shop.csv",
        "../shop.csv",
    ),
    p(
        "file absolute",
        "data.path: '/etc/passwd' has no file ending that tells its format; rename it, for example"
        " to 'passwd.csv' if it is a CSV file",
        "data/raw/shop.csv",
        "/etc/passwd",
    ),
    p(
        "file of another format",
        "data.path: 'data/raw/shop.docx' should end in .csv, .tsv, .txt, .parquet, .feather,"
        " .arrow, .json, .jsonl, .ndjson, .xlsx, .xls, .ods or .zip, or be a folder of Parquet"
        " files",
        "shop.csv",
        "shop.docx",
    ),
    p(
        "a folder",
        "data.path: 'data/raw' is not within data/raw/; put the table there",
        "data/raw/shop.csv",
        "data/raw",
    ),
    p(
        "an empty path",
        "data.path: '.' is not within data/raw/; put the table there",
        "data/raw/shop.csv",
        "''",
    ),
    p(
        "an unknown scaling",
        "params.yaml: preprocess.numeric: 'standardise' should be 'auto', 'passthrough' or"
        " 'standardize'",
        "standardize",
        "standardise",
    ),
    p(
        "no transformer in a list",
        "params.yaml: preprocess.numeric: [] should be a list of at least 1",
        "numeric: standardize",
        "numeric: []",
    ),
    p(
        "run empty",
        "params.yaml: run.strategies: [] should be a list of at least 1",
        "strategies: [baseline, smote]",
        "strategies: []",
    ),
    p(
        "run null",
        "params.yaml: run: None should be keys and values, as in {key: value}",
        "run: {strategies: [baseline, smote], models: [logistic]}",
        "run:",
    ),
    p(
        "run a word",
        "params.yaml: run.strategies: 'baseline' should be a list",
        "strategies: [baseline, smote]",
        "strategies: baseline",
    ),
    p(
        "a strategy that is not in the catalogue",
        "params.yaml: run.strategies: 'smotte' is not in the catalogue `strategies`; did you"
        " mean 'smote'?",
        "[baseline, smote]",
        "[baseline, smotte]",
    ),
    p(
        "a model that is not in the catalogue",
        "params.yaml: run.models: 'logistics' is not in the catalogue `models`; did you mean"
        " 'logistic'?",
        "[logistic]",
        "[logistics]",
    ),
    p(
        "a strategy twice",
        "params.yaml: run.strategies: 'smote' is listed twice; remove one",
        "[baseline, smote]",
        "[baseline, smote, smote]",
    ),
    p(
        "a name with a hyphen",
        "params.yaml: strategies.by-weight: 'by-weight' should be letters, digits and underscores",
        "  weighted:",
        "  by-weight:",
    ),
    p(
        "a name that no disk takes",
        f"params.yaml: strategies.{'s' * 101}: '{'s' * 37}...{'s' * 37}' should be at most 100"
        " characters",
        "  weighted:",
        f"  {'s' * 101}:",
    ),
    p(
        "a name that is a number",
        "params.yaml: strategies.1: 1 should be text in quotes",
        "  weighted:",
        "  1:",
    ),
    p(
        "a name true",
        "params.yaml: strategies.1: True should be text in quotes",
        "  weighted:",
        "  true:",
    ),
    p(
        "a strategy null",
        "params.yaml: strategies.baseline: None should be keys and values, as in {key: value}",
        "baseline: {}",
        "baseline:",
    ),
    p(
        "a strategy a word",
        "params.yaml: strategies.baseline: 'none' should be keys and values, as in {key: value}",
        "baseline: {}",
        "baseline: none",
    ),
    p(
        "a sampler a word",
        "params.yaml: strategies.smote.sampler: 'SMOTE' should be keys and values, as in"
        " {key: value}",
        "{sampler: {class: SMOTE, k_neighbors: 3}}",
        "{sampler: SMOTE}",
    ),
    p(
        "class weight a word",
        "params.yaml: strategies.weighted.class_weight: 'balance' should be 'balanced' or"
        " keys and values",
        "class_weight: balanced",
        "class_weight: balance",
    ),
    p(
        "class weight empty",
        "params.yaml: strategies.weighted.class_weight: {} should be 'balanced' or a list of"
        " at least 1",
        "class_weight: balanced",
        "class_weight: {}",
    ),
    p(
        "class weight below 0",
        "params.yaml: strategies.weighted.class_weight.1: -2 should be greater than 0",
        "class_weight: balanced",
        "class_weight: {1: -2}",
    ),
    p(
        "catalogue empty",
        "params.yaml: run.models: 'logistic' is not in the catalogue `models`; choose from:"
        " nothing",
        PARAMS[PARAMS.index("models:\n") : PARAMS.index("cross_val")],
        "models: {}\n",
    ),
    p(
        "models without class",
        "params.yaml: models.logistic.class is required and missing; set it",
        "{class: LogisticRegression}",
        "{}",
    ),
    p(
        "class a number",
        "params.yaml: models.logistic.class: 5 should be text in quotes",
        "{class: LogisticRegression}",
        "{class: 5}",
    ),
    p(
        "one fold",
        "params.yaml: cross_validation.folds: 1 should be greater than or equal to 2",
        "folds: 3",
        "folds: 1",
    ),
    p(
        "no repeat",
        "params.yaml: cross_validation.repeats: 0 should be greater than or equal to 1",
        "repeats: 1",
        "repeats: 0",
    ),
    p(
        "repeats without a shuffle",
        "params.yaml: cross_validation: repeats: 2 would be the same folds again, because shuffle"
        " is false; set it to 1",
        "repeats: 1",
        "repeats: 2, shuffle: false",
    ),
    p(
        "a seed without a shuffle",
        "params.yaml: cross_validation: seed: 3 shuffles nothing; remove it, or set shuffle to"
        " true",
        "repeats: 1",
        "repeats: 1, shuffle: false, seed: 3",
    ),
    p(
        "folds a fraction",
        "params.yaml: cross_validation.folds: 2.5 should be a valid integer",
        "folds: 3",
        "folds: 2.5",
    ),
    p(
        "an unknown objective",
        "params.yaml: decision.objective: 'f2' should be 'f1', 'fbeta', 'balanced_accuracy',"
        " 'mcc', 'g_mean', 'cost', 'recall_at_precision', 'precision_at_recall', 'alerts' or"
        " 'weighted_f1'",
        "objective: f1",
        "objective: f2",
    ),
    p(
        "fbeta without beta",
        "params.yaml: decision: beta is required by objective 'fbeta' and missing; set it",
        "objective: f1",
        "objective: fbeta",
    ),
    p(
        "beta with f1",
        "params.yaml: decision: beta is not used by objective 'f1'; remove it, or choose"
        " objective 'fbeta'",
        "objective: f1",
        "objective: f1, beta: 2",
    ),
    p(
        "beta 0",
        "params.yaml: decision.beta: 0 should be greater than 0",
        "objective: f1",
        "objective: fbeta, beta: 0",
    ),
    p(
        "a prevalence in percent",
        "params.yaml: decision.prevalence: 2 should be less than 1",
        "objective: f1",
        "objective: f1, prevalence: 2",
    ),
    p(
        "threshold odds from high to low",
        "params.yaml: decision.odds: [1, 0.1] should be the lowest odds and then the highest",
        "objective: f1",
        "objective: f1, odds: [1, 0.1]",
    ),
    p(
        "one of two threshold odds",
        "params.yaml: decision.odds: [0.1] should be the lowest odds and then the highest",
        "objective: f1",
        "objective: f1, odds: [0.1]",
    ),
    p(
        "threshold odds of 0",
        "params.yaml: decision.odds.0: 0 should be greater than or equal to 0.000000000001",
        "objective: f1",
        "objective: f1, odds: [0, 1]",
    ),
    p(
        "costs without a number",
        "params.yaml: decision: false_negative is required by objective 'cost' and missing;"
        " set it, or costs instead; false_positive is required by objective 'cost' and"
        " missing; set it, or costs instead",
        "objective: f1",
        "objective: cost",
    ),
    p(
        "costs that are both 0",
        "params.yaml: decision: false_negative and false_positive are both 0, and objective"
        " 'cost' needs one above 0; raise it",
        "objective: f1",
        "objective: cost, false_negative: 0, false_positive: 0",
    ),
    p(
        "cost below 0",
        "params.yaml: decision.false_negative: -1 should be greater than or equal to 0",
        "objective: f1",
        "objective: cost, false_negative: -1, false_positive: 1",
    ),
    p(
        "two names that some disks take for one",
        "params.yaml: strategies: 'smote' and 'SMOTE' differ in capital letters only, so some"
        " disks would have one file for both; rename one",
        "  weighted: {",
        "  SMOTE: {",
    ),
    p(
        "a cost that no sum of squares can hold",
        "params.yaml: decision.false_negative: 1e+100 should be less than or equal to"
        " 1000000000000",
        "objective: f1",
        "objective: cost, false_negative: 1.0e+100, false_positive: 1",
    ),
    p(
        "a cost that every sum loses",
        "params.yaml: decision.costs: 1e-200 should be 0, or 1e-12 or more; give all costs in a"
        " smaller unit",
        "objective: f1",
        "objective: cost, costs: [[0, 1], [1.0e-200, 0]]",
    ),
    p(
        "a matrix that is not square",
        "params.yaml: decision.costs: [[0.0, 1.0]] should be square: a row and a column for"
        " each of the classes",
        "objective: f1",
        "objective: cost, costs: [[0, 1]]",
    ),
    p(
        "a matrix of one row",
        "params.yaml: decision.costs: [[0.0]] should be square: a row and a column for each"
        " of the classes",
        "objective: f1",
        "objective: cost, costs: [[0]]",
    ),
    p(
        "a matrix ragged",
        "params.yaml: decision.costs: [[0.0, 1.0], [5.0]] should be square: a row and a"
        " column for each of the classes",
        "objective: f1",
        "objective: cost, costs: [[0, 1], [5]]",
    ),
    p(
        "a matrix of words",
        "params.yaml: decision.costs.0.1: 'one' should be a valid number",
        "objective: f1",
        "objective: cost, costs: [[0, one], [5, 0]]",
    ),
    p(
        "a matrix of zeros",
        "params.yaml: decision.costs: [[0.0, 0.0], [0.0, 0.0]] has only zeros; raise"
        " one of the costs",
        "objective: f1",
        "objective: cost, costs: [[0, 0], [0, 0]]",
    ),
    p(
        "a matrix below 0",
        "params.yaml: decision.costs.0.1: -1 should be greater than or equal to 0",
        "objective: f1",
        "objective: cost, costs: [[0, -1], [5, 0]]",
    ),
    p(
        "a matrix with its diagonal wrong",
        "params.yaml: decision.costs: [5.0, 1.0]: in row 1 a mistake costs less than being"
        " right (1 against 5); lower the cost on the diagonal",
        "objective: f1",
        "objective: cost, costs: [[5, 1], [5, 0]]",
    ),
    p(
        "a matrix beside numbers",
        "params.yaml: decision: costs cannot go with false_negative; remove one or the other",
        "objective: f1",
        "objective: cost, false_negative: 1, costs: [[0, 1], [5, 0]]",
    ),
    p(
        "a matrix flat",
        "params.yaml: decision.costs.0: 0 should be a list\nparams.yaml: decision.costs.1: 1"
        " should be a list\nparams.yaml: decision.costs.2: 5 should be a list\nparams.yaml:"
        " decision.costs.3: 0 should be a list",
        "objective: f1",
        "objective: cost, costs: [0, 1, 5, 0]",
    ),
    p(
        "floor above 1",
        "params.yaml: decision.floor: 90 should be less than or equal to 1",
        "objective: f1",
        "objective: recall_at_precision, floor: 90",
    ),
    p(
        "alerts too many",
        "params.yaml: decision.per_thousand: 1001 should be less than or equal to 1000",
        "objective: f1",
        "objective: alerts, per_thousand: 1001",
    ),
    p(
        "an unknown calibration",
        "params.yaml: calibration: 'platt' should be 'auto', 'none', 'prior', 'sigmoid',"
        " 'isotonic' or 'venn_abers'",
        "n_jobs: 1",
        "n_jobs: 1\ncalibration: platt",
    ),
    p(
        "rope 0",
        "params.yaml: verdict.rope: 0 should be greater than 0",
        "n_jobs: 1",
        "n_jobs: 1\nverdict: {rope: 0}",
    ),
    p(
        "confidence so near 1 that nothing is outside",
        "params.yaml: uncertainty.confidence: 0.99999 should be less than or equal to 0.9999",
        "confidence: 0.9",
        "confidence: 0.99999",
    ),
    p(
        "confidence in percent",
        "params.yaml: uncertainty.confidence: 95 should be less than or equal to 0.9999",
        "confidence: 0.9",
        "confidence: 95",
    ),
    p(
        "too few resamples",
        "params.yaml: uncertainty.resamples: 10 should be greater than or equal to 100",
        "resamples: 100",
        "resamples: 10",
    ),
    p(
        "a key that is gone",
        "params.yaml: uncertainty: unknown key 'method'; choose from: confidence, resamples",
        "resamples: 100",
        "resamples: 100, method: bca",
    ),
    p(
        "no processors",
        "params.yaml: n_jobs: 0 should be -1 (all processors) or a number of processors",
        "n_jobs: 1",
        "n_jobs: 0",
    ),
    p(
        "plugins a word",
        "params.yaml: plugins: 'os' should be a list",
        "n_jobs: 1",
        "n_jobs: 1\nplugins: os",
    ),
    p(
        "a plugin with a dot",
        "params.yaml: plugins.0: 'os.path' should be letters, digits and underscores",
        "n_jobs: 1",
        "n_jobs: 1\nplugins: [os.path]",
    ),
    p(
        "a package that is not allowed",
        "params.yaml: strategies.smote.sampler.class: 'os.system' is not from an allowed"
        " package (sklearn, imblearn, lightgbm, xgboost, catboost, equipoise); add its package"
        " to `plugins` if you trust it",
        "class: SMOTE",
        "class: os.system",
    ),
    p(
        "a package not allowed inside",
        "params.yaml: models.logistic.estimator.class: 'subprocess.Popen' is not from an"
        " allowed package (sklearn, imblearn, lightgbm, xgboost, catboost, equipoise); add its"
        " package to `plugins` if you trust it",
        "{class: LogisticRegression}",
        "{class: BaggingClassifier, estimator: {class: subprocess.Popen}}",
    ),
    p(
        "a cache inside a model",
        "params.yaml: models.logistic.memory: '/tmp/fits' would be filled with pickles; remove it,"
        " or add memory to `allow`",
        "{class: LogisticRegression}",
        "{class: sklearn.pipeline.Pipeline, memory: /tmp/fits, steps: []}",
    ),
    p(
        "files of its own",
        "params.yaml: models.logistic.allow_writing_files: True has the model write files that no"
        " stage knows; remove it",
        "{class: LogisticRegression}",
        "{class: CatBoostClassifier, allow_writing_files: true}",
    ),
    p(
        "no seed for a sampler",
        "params.yaml: strategies.smote.sampler.random_state: null gives other results each time;"
        " remove it (`seed` is used then), or add random_state to `allow`",
        "k_neighbors: 3",
        "random_state: null",
    ),
    p(
        "no seed for a model in some configurations",
        "params.yaml: screen.space.logistic.random_state: null gives other results each time;"
        " remove it (`seed` is used then), or add random_state to `allow`",
        "n_jobs: 1",
        "n_jobs: 1\nscreen: {budget: 2, space: {logistic: {random_state: [1, null]}}}",
    ),
    p(
        "something unknown allowed",
        "params.yaml: allow.0: 'pickles' should be 'memory' or 'random_state'",
        "n_jobs: 1",
        "n_jobs: 1\nallow: [pickles]",
    ),
)
SYNTHETIC = (
    p(
        "a class without a row",
        "data.weights: 0.01 of n_samples = 20 makes no row of class 1; raise one of them",
        DATA,
        MADE.replace("400", "20").replace(
            "[0.8, 0.2]", "[0.99, 0.01]\n  n_clusters_per_class: 1\n  flip_y: 0.0"
        ),
    ),
    made(
        "weights that do not add up",
        "params.yaml: data.weights: [0.8, 0.3] should add up to 1",
        "[0.8, 0.2]",
        "[0.8, 0.3]",
    ),
    made(
        "one weight",
        "params.yaml: data.weights.0: 1.0 should be less than 1",
        "[0.8, 0.2]",
        "[1.0]",
    ),
    made(
        "one weight below 1",
        "params.yaml: data.weights: [0.8] should be a list of at least 2",
        "[0.8, 0.2]",
        "[0.8]",
    ),
    made(
        "more features informative than there are",
        "params.yaml: data: n_informative + n_redundant + n_repeated = 11 is more than"
        " n_features = 6; raise n_features",
        "n_informative: 3",
        "n_informative: 9",
    ),
    made(
        "too few informative",
        "params.yaml: data: n_informative = 1 is too few for n_clusters_per_class = 2 and 2"
        " classes; raise the first or lower the second",
        "n_informative: 3",
        "n_informative: 1",
    ),
    made(
        "too few rows",
        "params.yaml: data.n_samples: 4 should be greater than or equal to 20",
        "400",
        "4",
    ),
)
PARAM_CASES = (*SYNTAX, *MISSPELT, *VALUES, *SYNTHETIC)
