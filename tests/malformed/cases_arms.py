"""Strategies, models and objectives that this table, or any, cannot be tried with."""

from .job import Case

SMOTE = "{sampler: {class: SMOTE, k_neighbors: 3}}"
NUMBERS_ONLY = {"[day, customer]": "[day, customer, region]"}
SEVERAL = {"  positive: fraud\n": "", "target: outcome": "target: region"}


def arm(name: str, message: str, right: str, wrong: str, stage: str) -> Case:
    """Return the case of an arm that only the stage which builds it can refuse."""
    return Case(name, message, params={right: wrong}, stage=stage)


STRICT = {"models: [logistic]}": "models: [logistic], strict: true}"}
EVERY_ARM = "run.strict: true needs every arm, but smote-logistic cannot be fitted: "
RATIO = (
    "The specified ratio required to remove samples from the minority class while trying to"
    " generate new samples. Please increase the ratio."
)
NO_WEIGHTS = (
    "strategies.smote.class_weight: KNeighborsClassifier (models.logistic) takes no class_weight"
    " and no sample_weight; choose another model or strategy"
)
ARMS = (
    Case(
        "an unknown sampler",
        "strategies.smote.sampler.class: 'SMOT' is not a known class; did you mean 'SMOTE'?",
        params={"class: SMOTE,": "class: SMOT,", **NUMBERS_ONLY},
        stage="resample",
    ),
    arm(
        "an unknown argument",
        "strategies.smote.sampler.k_neighbours: SMOTENC has no argument 'k_neighbours'; it"
        " has: <any>",
        "k_neighbors: 3",
        "k_neighbours: 3",
        "resample",
    ),
    arm(
        "a wrong argument",
        "strategies.smote.sampler: SMOTENC failed: The 'k_neighbors' parameter of SMOTENC"
        " must be <any> Got 'three' instead.",
        "k_neighbors: 3",
        "k_neighbors: three",
        "resample",
    ),
    arm(
        "an argument out of range",
        "strategies.smote.sampler: SMOTENC failed: The 'k_neighbors' parameter of SMOTENC"
        " must be <any> Got 0 instead.",
        "k_neighbors: 3",
        "k_neighbors: 0",
        "resample",
    ),
    arm(
        "a model for a transformer",
        "preprocess.numeric.class: LogisticRegression is a model; use it under `models`",
        "numeric: standardize",
        "numeric: {class: LogisticRegression}",
        "resample",
    ),
    arm(
        "a transformer with an unknown argument",
        "preprocess.numeric.1.methods: PowerTransformer has no argument 'methods'; it has: method,"
        " standardize, copy",
        "numeric: standardize",
        "numeric: [{class: StandardScaler}, {class: PowerTransformer, methods: box-cox}]",
        "resample",
    ),
    arm(
        "a transformer with a wrong argument",
        "preprocess.numeric: PowerTransformer failed: The 'method' parameter of PowerTransformer"
        " must be <any>; choose other arguments, or another transformer",
        "numeric: standardize",
        "numeric: {class: PowerTransformer, method: cox}",
        "resample",
    ),
    Case(
        "a ratio below what is there",
        f"{EVERY_ARM}strategies.smote.sampler.sampling_strategy: 0.1: SMOTENC failed: {RATIO}",
        params={"k_neighbors: 3": "sampling_strategy: 0.1", **STRICT},
        stage="audit",
        found=f"strategies.smote.sampler.sampling_strategy: 0.1: SMOTENC failed: {RATIO}",
    ),
    arm(
        "a model as sampler",
        "strategies.smote.sampler.class: LogisticRegression is a model; use it under `models`",
        "class: SMOTE, k_neighbors: 3",
        "class: LogisticRegression",
        "resample",
    ),
    Case(
        "a plugin not installed",
        "strategies.smote.sampler.class: 'nowhere.Sampler': No module named 'nowhere'; install"
        " its package and what that needs, or fix the path",
        params={
            "class: SMOTE, k_neighbors: 3": "class: nowhere.Sampler",
            "n_jobs: 1": "plugins: [nowhere]",
        },
        stage="resample",
    ),
    Case(
        "a module not in a package",
        "strategies.smote.sampler.class: 'imblearn.oversampling.SMOTE': No module named"
        " 'imblearn.oversampling'; install its package and what that needs, or fix the path",
        params={
            "class: SMOTE, k_neighbors: 3": "class: imblearn.oversampling.SMOTE",
            **NUMBERS_ONLY,
        },
        stage="resample",
    ),
    Case(
        "a class not in a module",
        "strategies.smote.sampler.class: 'imblearn.over_sampling.SMOT' is not a sampler or"
        " model; did you mean 'SMOTE'?",
        params={
            "class: SMOTE, k_neighbors: 3": "class: imblearn.over_sampling.SMOT",
            **NUMBERS_ONLY,
        },
        stage="resample",
    ),
    Case(
        "a plugin of functions",
        "strategies.smote.sampler.class: 'os.system' is not a sampler or model; choose from:"
        " nothing",
        params={"class: SMOTE, k_neighbors: 3": "class: os.system", "n_jobs: 1": "plugins: [os]"},
        stage="resample",
    ),
    arm(
        "a class weight for no class",
        "strategies.smote.class_weight: 2 is not a class of train; choose from: 'paid', 'fraud'",
        SMOTE,
        "{class_weight: {2: 5}}",
        "resample",
    ),
    arm(
        "an unknown model",
        "models.logistic.class: 'LogisticRegresion' is not a known class; did you mean"
        " 'LogisticRegression'?",
        "class: LogisticRegression",
        "class: LogisticRegresion",
        "train",
    ),
    arm(
        "an unknown argument of a model",
        "models.logistic.c: LogisticRegression has no argument 'c'; it has: <any>",
        "class: LogisticRegression",
        "class: LogisticRegression, c: 1",
        "train",
    ),
    arm(
        "a wrong argument of a model",
        "models.logistic with strategies.baseline: The 'C' parameter of LogisticRegression"
        " must be <any> Got -1 instead.",
        "class: LogisticRegression",
        "class: LogisticRegression, C: -1",
        "train",
    ),
    arm(
        "a wrong word of a model",
        "models.logistic with strategies.baseline: The 'solver' parameter of"
        " LogisticRegression must be <any> Got 'fast' instead.",
        "class: LogisticRegression",
        "class: LogisticRegression, solver: fast",
        "train",
    ),
    arm(
        "a sampler as model",
        "models.logistic.class: SMOTE is a sampler; use it under `strategies`, as their sampler",
        "class: LogisticRegression",
        "class: SMOTE",
        "train",
    ),
    arm(
        "a regressor",
        "models.logistic.class: LinearRegression gives neither probabilities nor scores (no"
        " predict_proba, no decision_function); choose a classifier that does",
        "class: LogisticRegression",
        "class: LinearRegression",
        "train",
    ),
    Case(
        "a model that only scores, without calibration",
        "calibration: 'none' leaves no probabilities where a model gives only scores; choose auto,"
        " isotonic, sigmoid or venn_abers",
        params={"LogisticRegression": "LinearSVC", "n_jobs: 1": "n_jobs: 1\ncalibration: none"},
        stage="decide",
    ),
    Case(
        "a model that only scores, with the prior corrected",
        "calibration: 'prior' cannot correct models.logistic, whose scores are not probabilities;"
        " choose isotonic or sigmoid",
        params={
            "LogisticRegression": "RidgeClassifier",
            "n_jobs: 1": "n_jobs: 1\ncalibration: prior",
        },
        stage="decide",
    ),
    arm(
        "an ensemble of no model",
        "strategies.smote.ensemble.class: BalancedRandomForestClassifier wraps no model; use"
        " it under `models`",
        SMOTE,
        "{ensemble: {class: BalancedRandomForestClassifier}}",
        "train",
    ),
    arm(
        "an ensemble with an estimator",
        "strategies.smote.ensemble.estimator: it is set to the model of the arm; remove it",
        SMOTE,
        "{ensemble: {class: EasyEnsembleClassifier, estimator: {class: GaussianNB}}}",
        "train",
    ),
    Case(
        "weights for a model without",
        f"{EVERY_ARM}{NO_WEIGHTS}",
        params={
            SMOTE: "{class_weight: balanced}",
            "class: LogisticRegression": "class: KNeighborsClassifier",
            **STRICT,
        },
        stage="audit",
        found=NO_WEIGHTS,
    ),
    arm(
        "too many folds",
        "cross_validation.folds: 22 is too many: the positive class has 21 rows in train; lower"
        " it to"
        " at most 21",
        "folds: 3",
        "folds: 22",
        "train",
    ),
    arm(
        "an objective for several",
        "decision.objective: 'weighted_f1' is for several classes, and there are two; choose"
        " from: f1, fbeta, balanced_accuracy, mcc, g_mean, cost, recall_at_precision,"
        " precision_at_recall, alerts",
        "objective: f1",
        "objective: weighted_f1",
        "decide",
    ),
    arm(
        "a matrix for three",
        "decision.costs: 3 x 3 costs for 2 classes; give 2 rows, one for each actual class, of 2"
        " costs, one for each predicted class",
        "objective: f1",
        "objective: cost, costs: [[0, 1, 1], [1, 0, 1], [1, 1, 0]]",
        "decide",
    ),
    arm(
        "a list that may be meant either way",
        "models.logistic.priors: 'fraud' is the positive class and comes before 'paid' by size or"
        " alphabet, so it might be meant either way; weigh classes by class_weight, which names"
        " them, instead",
        "{class: LogisticRegression}",
        "{class: GaussianNB, priors: [0.9, 0.1]}",
        "train",
    ),
    arm(
        "a matrix that may be meant either way",
        "decision.costs: 'fraud' is the positive class and comes before 'paid' by size or"
        " alphabet, so it might be meant either way; set false_negative and"
        " false_positive instead",
        "objective: f1",
        "objective: cost, costs: [[0, 1], [9, 0]]",
        "decide",
    ),
    arm(
        "an amount not there",
        "decision.amount: no column 'amuont'; did you mean 'amount'?",
        "objective: f1",
        "objective: cost, false_negative: 1, false_positive: 1, amount: amuont",
        "decide",
    ),
    Case(
        "prior with an ensemble",
        "calibration: 'prior' cannot correct strategies.smote.ensemble, which samples inside"
        " itself; choose isotonic or sigmoid",
        params={
            SMOTE: "{ensemble: {class: EasyEnsembleClassifier, n_estimators: 2}}",
            "n_jobs: 1": "n_jobs: 1\ncalibration: prior",
        },
        stage="decide",
    ),
    Case(
        "an objective for two",
        "decision.objective: 'alerts' has no meaning with several classes; choose from f1,"
        " fbeta, weighted_f1, balanced_accuracy, mcc, g_mean, cost, or set data.positive to"
        " tell one class from the rest",
        params={
            **SEVERAL,
            "objective: f1": "objective: alerts, per_thousand: 5",
        },
        stage="decide",
    ),
    Case(
        "costs of two mistakes for several classes",
        "decision.objective: 'cost' with false_negative and false_positive has no meaning"
        " with several classes; give decision.costs instead, a row for each actual class and"
        " a column for each predicted one, or set data.positive to tell one class from the rest",
        params={
            **SEVERAL,
            "objective: f1": "objective: cost, false_negative: 5, false_positive: 1",
        },
        stage="decide",
    ),
    Case(
        "a matrix of two classes for several",
        "decision.costs: 2 x 2 costs for 3 classes; give 3 rows, one for each actual class,"
        " of 3 costs, one for each predicted class",
        params={
            **SEVERAL,
            "objective: f1": "objective: cost, costs: [[0, 1], [1, 0]]",
        },
        stage="decide",
    ),
)
