"""Whole files as programs in several countries write them: all are the same table."""

import re
from pathlib import Path

import pandas as pd
import pytest

from equipoise.data.datasets import read_frame_as_dataset
from equipoise.data.table_files import read_file
from equipoise.params.data_params import FileData

EXPECTED = {
    "amount": [1313.46, None, 0.5, -20.25],
    "day": [*pd.to_datetime(["2024-01-31", "2024-02-01", "2024-12-24", "2023-07-13"])],
    "at": [13.5, 0.25, 9.0, 23.75],
    "city": ["Zürich", "-", "Genève", "Zürich"],
    "target": [0, 1, 0, 0],
}
ENGLISH = """amount,day,at,city,y
"1,313.46",1/31/2024,13:30,Zürich,no
,2/1/2024,0:15,-,yes
0.50,12/24/2024,9:00,Genève,no
-20.25,7/13/2023,23:45,Zürich,no
"""
BRITISH = """amount,day,at,city,y
"£1,313.46",31/01/2024,13:30,Zürich,no
,01/02/2024,00:15,-,yes
£0.50,24/12/2024,09:00,Genève,no
-£20.25,13/07/2023,23:45,Zürich,no
"""
GERMAN = """amount;day;at;city;y
1.313,46;31.01.2024;13:30;Zürich;no
#DIV/0!;01.02.2024;00:15;-;yes
0,5;24.12.2024;09:00;Genève;no
-20,25;13.07.2023;23:45;Zürich;no
"""
FRENCH = """amount;day;at;city;y
1\u00a0313,46;31/01/2024;13:30;Zürich;no
-;01/02/2024;00:15;-;yes
0,5;24/12/2024;09:00;Genève;no
-20,25;13/07/2023;23:45;Zürich;no
"""
SWISS = """amount;day;at;city;y
1\u2019313.46;31.01.2024;13:30;Zürich;no
n.a.;01.02.2024;00:15;-;yes
0.5;24.12.2024;09:00;Genève;no
-20.25;13.07.2023;23:45;Zürich;no
"""
WRITE_CSV = """"","amount","day","at","city","y"
"1",1313.46,"2024-01-31","13:30:00","Zürich","no"
"2",NA,"2024-02-01","00:15:00","-","yes"
"3",0.5,"2024-12-24","09:00:00","Genève","no"
"4",-20.25,"2023-07-13","23:45:00","Zürich","no"
"""
WRITE_CSV2 = WRITE_CSV.replace(",", ";").replace(".", ",")
WRITE_TABLE = WRITE_CSV.replace('"",', "").replace(",", " ")
PANDAS = """amount,day,at,city,y
1313.46,2024-01-31,13:30:00,Zürich,no
,2024-02-01,00:15:00,-,yes
0.5,2024-12-24,09:00:00,Genève,no
-20.25,2023-07-13,23:45:00,Zürich,no
"""
SAS = """amount,day,at,city,y
1313.46,31JAN2024,13:30,Zürich,no
.,01FEB2024,0:15,-,yes
0.5,24DEC2024,9:00,Genève,no
-20.25,13JUL2023,23:45,Zürich,no
"""
SHORT_DATES = re.sub(r"(..)([A-Z]{3})20(..)", r"\1-\2-\3", SAS)
SAS_BLANKS = """amount,day,at,city,y
"$1,313.46",31JAN2024:00:00:00,13:30:00,Zürich,no
 ,01FEB2024:00:00:00,0:15:00,-,yes
$0.50,24DEC2024:00:00:00,9:00:00,Genève,no
-$20.25,13JUL2023:00:00:00,23:45:00,Zürich,no
"""
SAS_GERMAN = GERMAN.replace("#DIV/0!", ".")
TABS = str.maketrans({";": "\t"})
FILES: dict[str, tuple[str, str, str]] = {
    "Excel, English": (".csv", ENGLISH, "cp1252"),
    "Excel, British": (".csv", BRITISH, "cp1252"),
    "Excel, short dates": (".csv", SHORT_DATES, "utf-8"),
    "Excel, German": (".csv", GERMAN, "cp1252"),
    "Excel, French": (".csv", FRENCH, "cp1252"),
    "Excel, Swiss": (".csv", SWISS, "cp1252"),
    "Excel, German, CSV UTF-8": (".csv", GERMAN, "utf-8-sig"),
    "Excel, French, Unicode text": (".txt", FRENCH.translate(TABS), "utf-16"),
    "Excel, Swiss, text with tabs": (".txt", SWISS.translate(TABS), "cp1252"),
    "R, write.csv": (".csv", WRITE_CSV, "utf-8"),
    "R, write.csv2": (".csv", WRITE_CSV2, "cp1252"),
    "R, write.table": (".txt", WRITE_TABLE, "utf-8"),
    "pandas": (".csv", PANDAS, "utf-8"),
    "pandas, decimal commas": (".csv", PANDAS.replace(",", ";").replace(".", ","), "utf-8"),
    "SAS, PROC EXPORT": (".csv", SAS, "utf-8"),
    "SAS, PROC EXPORT, blanks for gaps": (".csv", SAS_BLANKS, "cp1252"),
    "SAS, PROC EXPORT, German formats": (".csv", SAS_GERMAN, "cp1252"),
    "SAS, PROC EXPORT, tabs": (".txt", SAS.replace(",", "\t"), "utf-8"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_the_table_that_was_exported(name: str, tmp_path: Path) -> None:
    """Numbers, dates, times, gaps and letters, without a word in params."""
    ending, text, encoding = FILES[name]
    path = tmp_path / f"table{ending}"
    path.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    data = FileData(source="file", path=str(path), target="y", positive="yes")
    table = read_frame_as_dataset(read_file(path, data), data).table
    found = {name: [None if pd.isna(v) else v for v in table[name]] for name in table}
    assert found == EXPECTED
