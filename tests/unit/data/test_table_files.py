"""Files of other kinds than CSV, as other programs write them."""

import gzip
import json
import re
import sys
from codecs import BOM_UTF8
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal
from pyarrow import feather

from equipoise.checks import contents
from equipoise.data.arrow_types import replace_arrow_types
from equipoise.data.datasets import (
    make_dataset,
    read_file_as_dataset,
    read_frame_as_dataset,
)
from equipoise.data.table_batches import read_batches
from equipoise.data.table_files import read_file
from equipoise.params.data_params import FileData
from equipoise.terminal.errors import UserError

TABLE = pd.DataFrame(
    {"code": ["007", "NA", "2020-01-02"], "x": [1.5, None, -2.0], "y": ["no", "yes", "no"]}
)


def data(path: Path, **more: Any) -> FileData:
    return FileData.model_validate(
        {"source": "file", "path": str(path), "target": "y", "positive": "yes", **more}
    )


def write_folder(path: Path) -> None:
    path.mkdir()
    for number, part in enumerate((TABLE.iloc[:2], TABLE.iloc[2:])):
        part.to_parquet(path / f"part-{number}.parquet")


def write_zip(path: Path, *names: str) -> None:
    with ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, TABLE.to_csv(index=False))


WRITERS: dict[str, Callable[[Path], object]] = {
    "table.parquet": TABLE.to_parquet,
    "folder": write_folder,
    "table.feather": TABLE.to_feather,
    "table.arrow": TABLE.to_feather,
    "table.jsonl": lambda path: TABLE.to_json(path, orient="records", lines=True),
    "marked.jsonl": lambda path: path.write_bytes(
        BOM_UTF8 + TABLE.to_json(orient="records", lines=True).encode()
    ),
    "table.json": lambda path: TABLE.to_json(path, orient="records"),
    "lines.json": lambda path: TABLE.to_json(path, orient="records", lines=True),
    "table.zip": lambda path: write_zip(path, "table.csv"),
    "table.csv.zip": lambda path: write_zip(path, "table.txt"),
    "table.ndjson.gz": lambda path: path.write_bytes(
        gzip.compress(TABLE.to_json(orient="records", lines=True).encode())
    ),
    "table.xlsx": lambda path: TABLE.to_excel(path, index=False, engine="openpyxl"),
    "TABLE.CSV": lambda path: TABLE.to_csv(path, index=False),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_is_read_by_its_ending(name: str, tmp_path: Path) -> None:
    """Words stay words; NA is one only where the file can tell it from a gap."""
    path = tmp_path / name
    WRITERS[name](path)
    expected = TABLE
    if name.endswith(("xlsx", "CSV", "zip")):
        expected = TABLE.assign(code=TABLE["code"].where(TABLE["code"] != "NA"))
    read = read_file(path, data(path)).frame
    assert_frame_equal(read.astype(TABLE.dtypes), expected)


def test_a_sheet_is_chosen_and_the_first_one_is_said(tmp_path: Path) -> None:
    """A name that is not there is corrected."""
    path = tmp_path / "book.xlsx"
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        pd.DataFrame({"y": [0]}).to_excel(book, sheet_name="notes", index=False)
        TABLE.to_excel(book, sheet_name="data", index=False)
    first = read_file(path, data(path))
    assert [*first.frame] == ["y"]
    assert "read sheet 'notes', the first of 2" in first.findings[0].message
    chosen = read_file(path, data(path, read={"sheet": "data"}))
    assert (len(chosen.frame), chosen.findings) == (3, ())
    with pytest.raises(UserError, match=r"^data\.read\.sheet: .*no sheet 'date'; .*'data'\?$"):
        read_file(path, data(path, read={"sheet": "date"}))


def test_names_that_are_numbers_become_words(tmp_path: Path) -> None:
    """Gaps, empty or in words, are gaps in their columns, and words in the target's."""
    path = tmp_path / "years.xlsx"
    rows = [[2019, 2020, 2021], [1, None, "NA"], [2.5, "n/a", "yes"], ["NA", 4, "NA"]]
    pd.DataFrame(rows).to_excel(path, header=False, index=False)
    asked = data(path, target="2021")
    found = read_frame_as_dataset(read_file(path, asked), asked)
    assert found.schema.gaps == {"2019": 1, "2020": 2}
    assert found.schema.columns == {"2019": "numeric", "2020": "numeric"}
    assert [finding.subject for finding in found.findings] == ["data.target"]


def test_a_title_above_the_header_of_a_sheet_is_left_out(tmp_path: Path) -> None:
    """As in a CSV; the types of columns are those of the rows below."""
    path = tmp_path / "report.xlsx"
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        TABLE.to_excel(book, index=False, startrow=2)
        book.sheets["Sheet1"]["A1"] = "Report of sales"
    found = read_file(path, data(path))
    assert found.frame["x"].tolist()[::2] == [1.5, -2]
    assert "the header is in row 3; rows above" in found.findings[0].message


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *(("a.xlsx", b"PK"), ("a.feather", b"x"), ("a.jsonl", b'{"a": 1'), ("a.ods", b"")),
        ("a.parquet", b"PAR1"),
    ],
)
def test_a_broken_file_is_one_line(name: str, content: bytes, tmp_path: Path) -> None:
    """It names the file."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UserError, match=rf"^data\.path: '.*{name}'") as refused:
        read_frame_as_dataset(read_file(path, data(path)), data(path))
    assert "\n" not in str(refused.value)


def test_a_text_is_told_by_its_contents_whatever_the_case_of_its_name(tmp_path: Path) -> None:
    path = tmp_path / "A.CSV"
    TABLE.to_parquet(path)
    with pytest.raises(UserError, match=r"A\.CSV' is Parquet; save the table as CSV"):
        read_file(path, data(path))


# Where the two headers of a file in an archive have what is wrong, and what that is.
LOCKED, DEFLATE64 = (6, 8, 1), (8, 10, 9)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [(LOCKED, "is encrypted, password required"), (DEFLATE64, "compression method is not")],
)
def test_an_archive_that_cannot_be_unpacked_is_one_line(
    wrong: tuple[int, int, int], said: str, tmp_path: Path
) -> None:
    """It has a password, or is packed in a way that Python does not know."""
    path, (first, second, value) = tmp_path / "a.zip", wrong
    write_zip(path, "a.csv")
    packed = bytearray(path.read_bytes())
    for sign, place in ((b"PK\x03\x04", first), (b"PK\x01\x02", second)):
        packed[packed.index(sign) + place] = value
    path.write_bytes(packed)
    for read in (read_file, lambda path, data: next(read_batches(path, data))):
        with pytest.raises(UserError, match=rf"^data\.path: '.*a\.zip' cannot be read: .*{said}"):
            read(path, data(path))


def test_a_workbook_with_a_broken_sheet_is_one_line(tmp_path: Path) -> None:
    """It opens, for the list of its sheets is whole."""
    path, broken = tmp_path / "a.xlsx", tmp_path / "broken.xlsx"
    TABLE.to_excel(path, index=False, engine="openpyxl")
    with ZipFile(path) as whole, ZipFile(broken, "w") as archive:
        for name in whole.namelist():
            content = whole.read(name)
            archive.writestr(name, content.replace(b"</sheetData>", b"</x>"))
    with pytest.raises(UserError, match=r"broken\.xlsx' cannot be read: .*; save it again"):
        read_file(broken, data(broken))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("a.csv", "b.csv"), "but holds 'a.csv', 'b.csv'; unpack it and name the table"),
        (("a.csv", "b", "c", "d"), "but holds 'a.csv', 'b', 'c' and others; unpack it"),
        (("a.xlsx",), "should hold a single CSV file, but holds 'a.xlsx'; unpack it"),
        ((), "but holds no file; unpack it"),
    ],
)
def test_an_archive_of_no_single_text_is_refused(
    names: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    """Which file is meant is for the user to say."""
    path = tmp_path / "a.zip"
    write_zip(path, *names)
    with pytest.raises(UserError, match=re.escape(said)):
        read_file(path, data(path))


@pytest.mark.parametrize("text", ["[1, 2]", "[[1, 2]]", '{"rows": [{"x": 1, "y": 0}]}'])
def test_json_that_is_no_list_of_records_is_refused(text: str, tmp_path: Path) -> None:
    """With what it should be."""
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(UserError, match=r"not a list of records such as .*; save the table in"):
        read_file(path, data(path))


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz", "zip"])
def test_what_unpacks_to_more_than_memory_is_refused_before_it_is_read(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All at once, a file without end; in batches, a line without end."""
    monkeypatch.setattr(contents, "measure_available_memory", lambda: 5_000_000)
    for name, text in (("rows", "a,y\n" + "1,no\n" * 2_000_000), ("line", "1" * 10_000_000)):
        path = tmp_path / f"{name}.csv.{ending}"
        pd.Series([text]).to_csv(path, index=False, header=False, quoting=3, escapechar="~")
        with pytest.raises(UserError, match=r"would take more than 0\.0 GB unpacked, and no more"):
            read_file(path, data(path))
    with pytest.raises(UserError, match=r"would take more than 0\.0 GB unpacked, and no more"):
        next(read_batches(path, data(path)))


def test_what_zstandard_unpacks_to_is_looked_at_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether or not the package is installed with which pandas would read it."""
    monkeypatch.setattr(contents, "measure_available_memory", lambda: 5_000_000)
    path = tmp_path / "a.csv.zst"
    with pa.output_stream(path, compression="zstd") as file:
        file.write(b"1" * 10_000_000)
    with pytest.raises(UserError, match=r"would take more than 0\.0 GB unpacked, and no more"):
        read_file(path, data(path))


def test_names_that_are_there_twice_are_refused(tmp_path: Path) -> None:
    """pandas would rename the second one."""
    path = tmp_path / "a.xlsx"
    pd.DataFrame([["a", "a", "y"], [1, 2, "no"]]).to_excel(path, header=False, index=False)
    with pytest.raises(UserError, match="column 'a' is duplicated"):
        read_file(path, data(path))


@pytest.mark.parametrize("first", [0, 1])
def test_a_column_that_numbers_the_rows_is_left_out(
    first: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As R and pandas write it; one whose numbers are in no order is refused for its name."""
    monkeypatch.chdir(tmp_path)
    path = Path("data/raw/table.csv")
    path.parent.mkdir(parents=True)
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": ["no", "yes", "no"]})
    frame.set_axis(range(first, first + 3)).to_csv(path)
    found = make_dataset(data(path), 0)
    assert list(found.schema.columns) == ["x"]
    assert "numbers the rows" in found.findings[0].message
    frame.set_axis([2, 1, 3]).to_csv(path)
    assert list(make_dataset(data(path), 0).schema.columns) == ["x"]
    frame.set_axis([7, 3, 5]).to_csv(path)
    with pytest.raises(UserError, match="no name in the header"):
        make_dataset(data(path), 0)


def test_columns_without_a_name_or_a_value_are_left_out(tmp_path: Path) -> None:
    """As commas at the end of each line make them; one with a value is refused for its name."""
    path = tmp_path / "a.csv"
    path.write_text("x,y,,\n1,no,,\n2,yes,, \n3,no,NA,\n")
    found = read_frame_as_dataset(read_file(path, data(path)), data(path))
    assert list(found.schema.columns) == ["x"]
    (note,) = found.findings
    assert "left out: 2 columns with neither" in note.message
    path.write_text("x,y,,\n1,no,,\n2,yes,,\n3,no,,?\n")
    with pytest.raises(UserError, match="no name in the header for 'Unnamed: 3'"):
        read_frame_as_dataset(read_file(path, data(path)), data(path))


def test_rows_without_a_label_are_left_out_on_request(tmp_path: Path) -> None:
    """Gaps and empty labels; the error names the key."""
    path = tmp_path / "a.csv"
    path.write_text("x,y\n1,no\n2,\n3,yes\n4, \n5,no\n6,NA\n")
    raw = read_file(path, data(path))
    with pytest.raises(UserError, match=r"'y' has no label in 2 rows; set data\.unlabelled: drop"):
        read_frame_as_dataset(raw, data(path))
    found = read_frame_as_dataset(raw, data(path, unlabelled="drop"))
    assert found.table["x"].tolist() == [1, 3, 5]
    assert "3 of 6 rows have no 'y' and are left out" in found.findings[0].message


def test_words_that_are_numbers_are_numbers(tmp_path: Path) -> None:
    """A note shows one; pinned as a category they are words."""
    path = tmp_path / "a.csv"
    path.write_text('pay,y\n"$1,234.50",no\n$7,yes\n,no\n')
    found = read_frame_as_dataset(read_file(path, data(path)), data(path))
    assert found.table["pay"].tolist()[:2] == [1234.5, 7]
    assert "read as numbers: '$1,234.50' is 1234.5;" in found.findings[0].message
    pinned = data(path, columns={"pay": "category"})
    kept = read_frame_as_dataset(read_file(path, pinned), pinned)
    assert (kept.schema.columns["pay"], kept.findings) == ("category", ())


def test_codes_in_words_stay_words(tmp_path: Path) -> None:
    """A number has no zero in front; an index that has a name is a column too."""
    path = tmp_path / "a.parquet"
    zips = pd.DataFrame({"zip": ["00501", "10001"] * 3, "y": ["no", "yes"] * 3})
    zips.rename_axis("id").to_parquet(path)
    found = read_frame_as_dataset(read_file(path, data(path)), data(path))
    assert found.schema.columns == {"id": "numeric", "zip": "category"}


def test_codes_of_a_csv_file_keep_their_zeros(tmp_path: Path) -> None:
    """What is pinned is read as it says; row names shift no column."""
    path, rows = tmp_path / "a.csv", ["00501,10,01,no", "10001,100,12,yes"] * 3
    pinned = data(path, columns={"month": "numeric"})
    for named in (rows, [f"r{number},{row}" for number, row in enumerate(rows)]):
        path.write_text("\n".join(["zip,size,month,y", *named]))
        found = read_frame_as_dataset(read_file(path, pinned), pinned)
        kinds = {"zip": "category", "size": "numeric", "month": "numeric"}
        assert found.schema.columns == kinds
        assert found.table["zip"].tolist()[:2] == ["00501", "10001"]


def test_rows_that_no_memory_can_hold_are_not_read(tmp_path: Path) -> None:
    """The footer says two million million, of 240 that are there: pyarrow would go by it."""
    path = tmp_path / "a.parquet"
    pd.DataFrame({"x": range(240), "y": 0}).to_parquet(path)
    content = path.read_bytes()
    size = int.from_bytes(content[-8:-4], "little")
    body, footer = content[: -8 - size], content[-8 - size : -8]
    counts = write_varint(240), write_varint(2 * 10**12)
    lying = footer.replace(b"\x16" + counts[0], b"\x16" + counts[1])
    path.write_bytes(body + lying + len(lying).to_bytes(4, "little") + b"PAR1")
    with pytest.raises(UserError, match="says that it has 4,000,000,000,000 values, and no more"):
        read_file(path, data(path))


def write_varint(number: int) -> bytes:
    """Return a number that is not negative as Thrift writes it: zigzag, seven bits to a byte."""
    left, written = 2 * number, []
    while left > 127:
        written.append(left % 128 + 128)
        left //= 128
    return bytes([*written, left])


@pytest.mark.parametrize(
    "notes", [b'{"columns": [3]}', b'{"columns": {"x": 1}, "index_columns": []}', b"\xff{"]
)
def test_odd_notes_of_pandas_in_a_parquet_file_are_one_line(notes: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table({"x": [1, 2], "y": [0, 1]}).replace_schema_metadata({b"pandas": notes})
    pq.write_table(table, path)
    with pytest.raises(UserError, match=r"a\.parquet' cannot be read: what it says of its columns"):
        read_file(path, data(path))


def test_a_package_that_unpacks_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is not there: whoever has it would see no error."""
    monkeypatch.setitem(sys.modules, "zstandard", None)
    path = tmp_path / "a.csv.zst"
    with pa.CompressedOutputStream(str(path), "zstd") as file:
        file.write(b"a,y\n1,0\n2,1\n")
    with pytest.raises(UserError, match=r"zstandard .*; install it, or unpack the file"):
        read_file(path, data(path))


def test_merged_cells_of_a_workbook_are_warned_of(tmp_path: Path) -> None:
    """Below the header: a title in several columns hides nothing."""
    path = tmp_path / "a.xlsx"
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        TABLE.to_excel(book, index=False, startrow=1)
        book.sheets["Sheet1"].merge_cells("A1:B1")
        book.sheets["Sheet1"]["A1"] = "Title"
    assert [found.level for found in read_file(path, data(path)).findings] == ["note"]
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        TABLE.to_excel(book, index=False)
        book.sheets["Sheet1"].merge_cells("A2:A3")
    [found] = read_file(path, data(path)).findings
    assert found.level == "warning"
    assert "1 group of merged cells (the first in rows 2 to 3); all but the first" in found.message


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_a_key_that_is_there_twice_is_refused(tmp_path: Path, name: str) -> None:
    """As a column of a CSV is; a join makes such objects."""
    path = tmp_path / name
    written = '{"id": 1, "y": 0, "id": 7}'
    path.write_text(f"[{written}]" if name == "a.json" else written)
    with pytest.raises(UserError, match="column 'id' is duplicated; rename one"):
        read_file(path, data(path))


LARGE: list[Any] = [2**53 + 1, 2**53 + 2, None, 12]


@pytest.mark.parametrize(
    "name", ["a.parquet", "a.feather", "stream.arrow", "a.json", "a.jsonl", "a.jsonl.gz"]
)
def test_whole_numbers_beside_a_gap_are_exact(tmp_path: Path, name: str) -> None:
    """In a batch too. As floats, two codes would be one, and an id of a customer 7.0."""
    table = pa.table({"code": pa.array(LARGE), "id": pa.array([7, None, 8, 9]), "y": list("abab")})
    path, rows = tmp_path / name, table.to_pylist()
    if name == "stream.arrow":
        with pa.ipc.new_stream(path, table.schema) as stream:
            stream.write_table(table)
    elif path.suffix == ".parquet":
        pq.write_table(table, path)
    elif path.suffix == ".feather":
        feather.write_feather(table, path)
    else:
        lines = "\n".join(map(json.dumps, rows))
        text = json.dumps(rows) if path.suffix == ".json" else f"{lines}\n"
        path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    asked = data(path)
    for found in (read_file(path, asked).frame, pd.concat(read_batches(path, asked))):
        assert found["code"].astype(object).where(found["code"].notna(), None).tolist() == LARGE
        assert found["id"].dtype == "Int64"


def test_numbers_that_64_bits_do_not_hold_stay_floats(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"far": 1e300, "y": 0, "id": 9007199254740993}, {"far": null, "y": 1}]')
    found = read_file(path, data(path)).frame
    assert found["far"].tolist()[0] == 1e300
    assert found["id"].tolist()[0] == 2**53 + 1


def test_whole_numbers_beside_a_gap_are_exact_in_a_frame() -> None:
    codes = pa.chunked_array([pa.array(LARGE)])
    frame = pd.DataFrame({"code": pd.arrays.ArrowExtensionArray(codes)})
    assert replace_arrow_types(frame)["code"].tolist()[:2] == LARGE[:2]


def test_codes_of_a_workbook_keep_their_zeros(tmp_path: Path) -> None:
    """Texts without such a zero that are numbers are read as numbers, as are pinned columns."""
    path = tmp_path / "a.xlsx"
    table = pd.DataFrame(
        {"zip": ["00501", 501] * 3, "size": ["10", 2.5] * 3, "month": ["01", "12"] * 3}
    )
    table.assign(y=["no", "yes"] * 3).to_excel(path, index=False)
    pinned = data(path, columns={"month": "numeric"})
    found = read_frame_as_dataset(read_file(path, pinned), pinned)
    kinds = {"zip": "category", "size": "numeric", "month": "numeric"}
    assert found.schema.columns == kinds
    assert found.table["zip"].tolist()[:2] == ["00501", "501"]


def test_truths_of_a_workbook_are_so_beside_a_gap(tmp_path: Path) -> None:
    """As labels too; a row without a gap would not be scored if they were 1 and 0 in training."""
    path = tmp_path / "a.xlsx"
    labels = pd.Series([True, False, None] * 10, dtype="object")
    table = pd.DataFrame({"member": [True, None, False] * 10, "other": [True, 5, 0] * 10})
    table.assign(y=labels).to_excel(path, index=False)
    asked = data(path, positive=True, unlabelled="drop")
    found = read_frame_as_dataset(read_file(path, asked), asked)
    assert found.schema.columns == {"member": "boolean", "other": "category"}
    assert found.schema.labels == (False, True)
    assert found.table["member"].isna().sum() == 10


def test_labels_of_a_workbook_keep_their_zeros(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    labels = ["02", "1", "01"] * 10
    pd.DataFrame({"x": range(30), "y": labels}).to_excel(path, index=False)
    with pytest.raises(UserError, match=r"look alike: '01' .*, '1' "):
        read_file_as_dataset(path, data(path, positive=None), 1)


def test_a_label_with_a_zero_in_front_is_another_one(tmp_path: Path) -> None:
    """Whether both are one class is for the user to say."""
    path = tmp_path / "table.csv"
    path.write_text("x,y\n" + "".join(f"{row},{['1', '01'][row % 3 % 2]}\n" for row in range(30)))
    asked = {"positive": None, "sample": None}
    for keys in (asked, {**asked, "sample": {"majority_per_minority": 1}}):
        with pytest.raises(UserError, match="look alike: "):
            read_file_as_dataset(path, data(path, **keys), 1)


def test_labels_with_a_zero_in_front_keep_it(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("x,y\n" + "".join(f"{row},00{row % 3 % 2}\n" for row in range(30)))
    schema = read_file_as_dataset(path, data(path, positive=1), 1).schema
    assert (schema.labels, schema.positive) == (("000", "001"), "001")


def test_a_stream_of_arrow_is_read(tmp_path: Path) -> None:
    """It has no end that says where all is."""
    path, table = tmp_path / "a.arrow", pa.Table.from_pandas(TABLE)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table)
    assert_frame_equal(read_file(path, data(path)).frame, TABLE)


def test_a_word_for_a_gap_is_counted_as_one(tmp_path: Path) -> None:
    """The example is the first value that is known."""
    path = tmp_path / "a.csv"
    path.write_text("x,y\n?,no\n2,yes\n3,no\n")
    schema = read_frame_as_dataset(read_file(path, data(path)), data(path)).schema
    assert (schema.examples["x"], schema.gaps["x"]) == ("2", 1)


@pytest.mark.parametrize(
    ("name", "unused"),
    [
        ("table.csv", {"sheet"}),
        ("table.xlsx", {"separator"}),
        ("folder", {"separator", "header", "sheet"}),
    ],
)
def test_options_that_a_format_has_no_use_for_are_warned_of(
    name: str, unused: set[str], tmp_path: Path
) -> None:
    def write_text(path: Path) -> None:
        TABLE.to_csv(path, index=False)

    WRITERS.get(name, write_text)(tmp_path / name)
    sheet = "Sheet1" if name == "table.xlsx" else "rows"
    options = {"separator": ",", "header": 1, "sheet": sheet}
    for sample in (None, {"majority_per_minority": 1}):
        asked = data(tmp_path / name, read=options, sample=sample)
        found = read_file_as_dataset(tmp_path / name, asked, seed=0).findings
        assert unused == {
            key.removeprefix("data.read.")
            for key in (finding.subject for finding in found if finding.level == "warning")
        }
