"""CSV files as programs in several countries write them."""

import csv
import gzip
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from equipoise.checks.suite import check_table
from equipoise.core.table_schema import Writing
from equipoise.data.datasets import make_dataset, read_frame_as_dataset
from equipoise.data.table_batches import Wanted, read_batches
from equipoise.data.table_files import read_file
from equipoise.params.data_params import FileData
from equipoise.terminal.errors import UserError

TABLE = pd.DataFrame(
    {
        "größe": [1.5, 2.25, 1234.5, 0.75] * 30,
        "stück": [1, 2, 3, 1000] * 30,
        "ort": ["Köln", "Bonn; Süd", "Aachen, West", "Trier"] * 30,
        "y": [0, 0, 0, 1] * 30,
    }
)


def write(path: Path, encoding: str = "utf-8", **how: Any) -> Path:
    path.write_bytes(TABLE.to_csv(index=False, **how).encode(encoding))
    return path


def data(path: Path, **read: Any) -> FileData:
    return FileData.model_validate(
        {"source": "file", "path": str(path), "target": "y", "read": read}
    )


FILES: dict[str, dict[str, Any]] = {
    "plain": {},
    "Excel, German": {"sep": ";", "decimal": ",", "encoding": "cp1252"},
    "Excel, German, UTF-8 with its mark": {"sep": ";", "decimal": ",", "encoding": "utf-8-sig"},
    "Excel, British": {"encoding": "cp1252"},
    "R's write.csv2": {"sep": ";", "decimal": ",", "quoting": csv.QUOTE_NONNUMERIC},
    "tabs": {"sep": "\t"},
    "tabs and decimal commas": {"sep": "\t", "decimal": ","},
    "bars": {"sep": "|"},
    "semicolons and points": {"sep": ";"},
    "lines as Windows ends them": {"sep": ";", "decimal": ",", "lineterminator": "\r\n"},
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_as_it_was_meant(name: str, tmp_path: Path) -> None:
    """Every value, and a note where the file is not plain CSV in UTF-8."""
    path = write(tmp_path / "table.csv", **FILES[name])
    found = read_file(path, data(path))
    assert_frame_equal(found.frame, TABLE, check_dtype=False)
    assert bool(found.findings) == (name != "plain")


def test_signs_between_thousands_are_read_where_they_show(tmp_path: Path) -> None:
    """1.234,50 is a number above a thousand."""
    lines = ["a;y", *["1.234,50;0"] * 5, *["7,25;1"] * 5]
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines))
    found = read_file(path, data(path))
    assert found.frame["a"].tolist() == [1234.5] * 5 + [7.25] * 5
    (note,) = found.findings
    assert note.message == (
        "data.path: read with semicolons between fields, decimal commas, points between thousands;"
        " if that is wrong, set data.read"
    )


def test_what_params_say_is_not_looked_for(tmp_path: Path) -> None:
    """A column of codes such as 1,5 stays words where decimals have points."""
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["a;y", *["1,5;0"] * 5, *["7,2;1"] * 5]))
    found = read_file(path, data(path, decimal="."))
    assert found.frame["a"].tolist() == ["1,5"] * 5 + ["7,2"] * 5
    assert read_file(path, data(path)).frame["a"].tolist() == [1.5] * 5 + [7.2] * 5


def test_an_encoding_that_is_asked_for_is_used(tmp_path: Path) -> None:
    """UTF-16 without its mark, which nothing else tells."""
    path = write(tmp_path / "table.csv", encoding="utf-16-le")
    asked = data(path, encoding="utf-16-le")
    assert_frame_equal(read_file(path, asked).frame, TABLE, check_dtype=False)
    with pytest.raises(UserError, match="is not text in ascii"):
        read_file(write(path), data(path, encoding="ascii"))


def test_a_compressed_file_is_looked_at_too(tmp_path: Path) -> None:
    """And one that ends in .tsv is read."""
    packed = tmp_path / "table.csv.gz"
    packed.write_bytes(gzip.compress(TABLE.to_csv(index=False, sep=";", decimal=",").encode()))
    assert_frame_equal(read_file(packed, data(packed)).frame, TABLE, check_dtype=False)
    path = write(tmp_path / "table.tsv", sep="\t")
    assert_frame_equal(read_file(path, data(path)).frame, TABLE, check_dtype=False)


def test_a_note_on_the_file_reaches_the_dataset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`generate-data` and the doctor say how it was read."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data/raw").mkdir(parents=True)
    path = write(Path("data/raw/table.csv"), sep=";", decimal=",")
    dataset = make_dataset(data(path), 0)
    assert dataset.schema.columns["größe"] == "numeric"
    assert any("semicolons" in finding.message for finding in dataset.findings)


def test_what_is_no_text_in_any_encoding_is_refused_in_one_line(tmp_path: Path) -> None:
    """With the byte that is none."""
    path = tmp_path / "table.csv"
    path.write_bytes(b"a,y\n" + b"\x81,1\n" * 5)
    with pytest.raises(UserError, match=r"not text in UTF-8 \(byte 0x81\)"):
        read_file(path, data(path))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["d;b;y", *["01.03.2024;1.000,5;0"] * 3], {"d": "01.03.2024", "b": 1000.5}),
        (["d;b;n;y", *["01.03.2024;1.000;0,5;0"] * 3], {"d": "01.03.2024", "b": 1000}),
        (["a;b;y", *["1.000;0,5;0"] * 3], {"a": 1000, "b": 0.5}),
        (["a;b;y", *["192.168.100.200;0,5;0"] * 3], {"a": "192.168.100.200", "b": 0.5}),
        (["a\tb\ty", *["999,123\t1,234,567\t0"] * 3], {"a": "999,123", "b": "1,234,567"}),
        (["a;y", *["1;0"] * 499, '"two', 'lines";0'], {"a": "1"}),
    ],
)
def test_what_may_mean_two_things_is_not_taken_for_a_number(
    lines: list[str], expected: dict[str, Any], tmp_path: Path
) -> None:
    """Dates keep their points, ids their place; what is odd in one column spoils no other.

    1.000 is a thousand beside decimal commas.
    """
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines))
    first = read_file(path, data(path)).frame.iloc[0].to_dict()
    assert {name: first[name] for name in expected} == expected


def test_a_separator_at_the_end_of_rows_shifts_no_column(tmp_path: Path) -> None:
    """Ids that count up are no index: the rows have a field too many, and that is said."""
    path = tmp_path / "table.csv"
    path.write_text("id,y,a\n0,1,0.5,\n1,0,0.5,\n2,0,0.5,")
    with pytest.raises(UserError, match="rows with more fields than its header"):
        read_file(path, data(path))


def test_columns_with_points_and_columns_with_commas_are_warned_of_once(tmp_path: Path) -> None:
    """Each is read as it looks; a column is not said to be words where it is numbers."""
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["a;t;y", *["1.313,46;12.30;0"] * 5, *["0,5;9.00;1"] * 5]))
    found = read_frame_as_dataset(read_file(path, data(path)), data(path))
    assert found.table.iloc[0].tolist() == [1313.46, 12.3, 0]
    warning, note = found.findings
    assert (warning.level, warning.subject) == ("warning", "data.read")
    assert "decimal commas in some columns and points in others; if" in warning.message
    assert "column 'a': read as numbers: '1.313,46' is 1313.46;" in note.message
    assert len(read_file(path, data(path, decimal=",")).findings) == 1


def test_a_column_with_points_and_commas_is_warned_of_once(tmp_path: Path) -> None:
    """By the check of columns, which names it: nothing says of the file how decimals are."""
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["a;y", *["1313.46;0"] * 50, *["1.313,46;1"] * 10]))
    found = read_frame_as_dataset(read_file(path, data(path)), data(path))
    assert [str(note) for note in found.findings] == [
        "note: data.path: read with semicolons between fields; if that is wrong, set data.read"
    ]
    assert str(check_table(found.table, data(path))[0]) == (
        "warning: column 'a': read as words though 50 of 60 values are numbers; the others look"
        " like numbers with decimal commas, '1.313,46' in 10 rows: write them like the others"
    )


@pytest.mark.parametrize("names", [("3", "12", "40"), ("Fiat 128", "Honda Civic", "Audi")])
def test_names_of_rows_as_r_writes_them_are_left_out(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    """The header has no name for them; those that repeat are none."""
    path = tmp_path / "table.txt"
    path.write_text('"a" "y"\n' + "".join(f'"{name}" 1.5 1\n' for name in names))
    found = read_file(path, data(path))
    assert found.frame.to_dict("list") == {"a": [1.5] * 3, "y": [1] * 3}
    assert "one value more than the header has names" in found.findings[0].message
    path.write_text("a,y\n1,1.5,0\n1,2.5,1\n")
    with pytest.raises(UserError, match="rows with more fields than its header"):
        read_file(path, data(path))


def test_decimal_commas_make_no_names_of_rows(tmp_path: Path) -> None:
    """They part the rows, and not the header, into one field more."""
    path = tmp_path / "table.csv"
    for text in ("a;y\n1,5;0\n2,5;1\n", "a, in cm;b;y\n1,5;0,5;0\n2,5;1,5;1\n"):
        path.write_text(text)
        assert read_file(path, data(path)).frame.iloc[:, 0].tolist() == [1.5, 2.5]


def test_a_space_parts_fields_only_where_nothing_else_does(tmp_path: Path) -> None:
    """Every row has as many spaces here, and more than commas."""
    path = tmp_path / "table.csv"
    path.write_text("full name of,y\nAda von Berg,0\nBo de Witt,1\n")
    assert read_file(path, data(path)).frame["y"].tolist() == [0, 1]


ROWS = "a;b;y\n1,5;2;0\n2,5;3;1\n"
TITLED = {
    "as Excel fills rows": ("Sales, 2024;;\n;;\n", 3),
    "as people write": ("Sales, 2024\n\n", 3),
    "blank": ("\n\n", 3),
    "a title in quotes, over two lines": ('"Sales;\n2024"\n', 2),
    "what Excel itself puts there": ("sep=;\n", 2),
}


@pytest.mark.parametrize("name", TITLED)
def test_a_title_above_the_header_is_left_out(name: str, tmp_path: Path) -> None:
    """Separator and decimal sign are found below it, and the row of the header is said."""
    path = tmp_path / "table.csv"
    above, row = TITLED[name]
    path.write_text(above + ROWS)
    found = read_file(path, data(path))
    assert found.frame.to_dict("list") == {"a": [1.5, 2.5], "b": [2, 3], "y": [0, 1]}
    assert f"the header is in row {row}; rows above" in found.findings[0].message


@pytest.mark.parametrize("above", ["Report;Sales;\n", "Report;Sales\nDate\n\n"])
def test_what_may_be_a_header_is_taken_for_it_unless_params_say_otherwise(
    above: str, tmp_path: Path
) -> None:
    """The message names the key, which then helps."""
    path = tmp_path / "table.csv"
    path.write_text(above + ROWS)
    with pytest.raises(UserError, match=r"set data\.read\.header"):
        read_frame_as_dataset(read_file(path, data(path)), data(path))
    asked = data(path, header=above.count("\n") + 1)
    assert read_file(path, asked).frame["a"].tolist() == [1.5, 2.5]


def test_a_field_of_any_length_is_read_and_the_limit_of_others_stays(tmp_path: Path) -> None:
    """Texts may be longer than the csv module takes by itself."""
    limit, text = csv.field_size_limit(), "a" * 200_000
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["a;y", *[f"{text};0"] * 3]))
    assert read_file(path, data(path)).frame["a"].tolist() == [text] * 3
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize(
    ("usual", "lines", "first"),
    [
        ("a;b;y;1.234,5;7;1", ["a;b", "1.234;5"], [1234, 5]),
        ("a;b;y;1.234,5;7;1", ["a;b", "1.5;5"], [1.5, 5]),
        ("a;b;y;1.234,5;7;1", ["a,b", "1.234,5"], [1.234, 5]),
        ("a;d;y;3,5;01.02.2024;1", ["a;d", "1.234;03.02.2024"], [1234, "03.02.2024"]),
        ("a,b,y,1.5,7,1", ["a;b", "1.234;0,5"], [1234, 0.5]),
    ],
)
def test_what_a_file_does_not_show_is_as_in_the_trials_table(
    usual: str, lines: list[str], first: list[object], tmp_path: Path
) -> None:
    """A few rows without decimals: 1.234 may be a thousand. What they show goes before."""
    sign = usual[1]
    header, row = usual.split(sign)[:3], usual.split(sign)[3:]
    known, new = tmp_path / "table.csv", tmp_path / "new.csv"
    known.write_text("\n".join([sign.join(header), *[sign.join(row)] * 5]))
    new.write_text("\n".join(lines))
    written = read_file(known, data(known)).written
    [batch] = read_batches(new, data(new), Wanted(usual=written))
    assert batch.iloc[0].tolist() == first


def test_rows_with_a_value_too_many_are_refused_unless_the_trials_have_names(
    tmp_path: Path,
) -> None:
    """Else all values of a single row would be one column to the left."""
    new = tmp_path / "new.csv"
    new.write_text("x,a\n1,234,5\n")
    [named] = read_batches(new, data(new), Wanted(usual=Writing(row_names=True)))
    assert named.iloc[0].tolist() == [234, 5]
    with pytest.raises(UserError, match="rows with more fields than its header"):
        next(read_batches(new, data(new), Wanted(usual=Writing())))


@pytest.mark.parametrize("last", ["Total rows: 500", "# exported on 2024-01-01, 12:00", "a;b"])
def test_a_remark_at_the_end_does_not_part_the_rows(last: str, tmp_path: Path) -> None:
    """It is one row too many, and its label is missing, which is what is said."""
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["a,b,y", *["1,2,0", "3,4,1"] * 5, last]))
    with pytest.raises(UserError, match="'y' has no label in 1 row"):
        read_frame_as_dataset(read_file(path, data(path)), data(path))
