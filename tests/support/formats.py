#!/usr/bin/env python3
"""Read the four formats of a report and compare them.

    formats.py schema SCHEMA REPORT.json...           each is valid by the schema
    formats.py mutate SCHEMA REPORT.json...           whatever is changed in one is not
    formats.py same REPORT.json BUNDLE.zip WORKBOOK.xlsx REPORT.pdf

Nothing here is shared with the code that writes them. Prints what differs; exit code 1 then.
"""
import csv
import hashlib
import io
import json
import random
import re
import subprocess
import sys
import unicodedata
import zipfile
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from xml.etree import ElementTree

sys.dont_write_bytecode = True  # no __pycache__ beside the sources

from formats_schema import command_mutate, command_schema, complain, complaints, load  # noqa: E402

# --- a cell's value, whatever the format ---------------------------------------------------------

BLINDED = {"en": "blinded", "zh-CN": "盲态"}
NOT_PROVIDED = {"en": "not provided by {}", "zh-CN": "{} 未提供"}


def plain(cell, report):
    """What a cell of the JSON says: None, a number or a text."""
    if isinstance(cell, dict):
        if "word" in cell:
            return report["words"][cell["word"]]
        if cell == {"blinded": True}:
            return BLINDED[report["language"]]
        return NOT_PROVIDED[report["language"]].format(cell["not_provided"])
    return cell


def of_csv(field, expected):
    if expected is None:
        return field == ""
    if isinstance(expected, (int, float)):
        return field != "" and float(field) == expected
    if field[:1] == "'":
        field = field[1:]
    elif field[:1] in tuple("=+-@\t\r\n") and field != "":
        return False
    return field == expected


def tables_of(report):
    for section in report["report"]["sections"]:
        seen = {}
        for block in section["blocks"]:
            if block["kind"] == "table":
                seen[block["id"]] = seen.get(block["id"], 0) + 1
                suffix = "" if seen[block["id"]] == 1 else f"-{seen[block['id']]}"
                yield section, block, f"{section['number']:02}_{section['id']}/{block['id']}{suffix}.csv"


# --- CSV -----------------------------------------------------------------------------------------


def read_csv(bundle, name):
    text = bundle.read(name)
    if text[:3] != b"\xef\xbb\xbf":
        complain(f"{name}: no byte order mark")
    if re.search(rb"[^\r]\n", re.sub(rb'"[^"]*"', b"", text)):
        complain(f"{name}: a line that does not end with CRLF")
    return list(csv.reader(io.StringIO(text[3:].decode("utf-8"), newline=""), strict=True))


def check_manifest(bundle, report):
    manifest = json.loads(bundle.read("manifest.json"))
    if manifest["content_hash"] != report["content_hash"]:
        complain("CSV: another content hash")
    names = {entry["name"] for entry in manifest["files"]}
    if names | {"README.txt", "manifest.json"} != set(bundle.namelist()):
        complain("CSV: the manifest does not name exactly the files")
    for entry in manifest["files"]:
        rows = read_csv(bundle, entry["name"])
        if hashlib.sha256(bundle.read(entry["name"])).hexdigest() != entry["sha256"]:
            complain(f"{entry['name']}: another SHA-256")
        if len(rows) - 1 != entry["rows"] or rows[0] != [c["id"] for c in entry["columns"]]:
            complain(f"{entry['name']}: rows or columns are not those of the manifest")


def check_csv(bundle, report):
    check_manifest(bundle, report)
    for _, table, name in tables_of(report):
        ids = [column["id"] for column in table["columns"]]
        rows = read_csv(bundle, name)
        if rows[0][:len(ids)] != ids or len(rows) - 1 != len(table["rows"]):
            complain(f"{name}: another head or number of rows")
            continue
        for row, fields in zip(table["rows"], rows[1:]):
            for column, field in zip(ids, fields):
                if not of_csv(field, plain(row["cells"][column], report)):
                    complain(f"{name}: {column} is {field!r}, {row['cells'][column]!r} in JSON")
    check_csv_rest(bundle, report)


def check_csv_rest(bundle, report):
    facts = read_csv(bundle, "facts.csv")[1:]
    expected = [(section["number"], fact["id"], plain(fact["value"], report))
                for section in report["report"]["sections"] for block in section["blocks"]
                if block["kind"] == "facts" for fact in block["facts"]]
    if len(facts) != len(expected) or any(
            int(row[0]) != number or row[2] != name or not of_csv(row[4], value)
            for row, (number, name, value) in zip(facts, expected)):
        complain("facts.csv differs from the JSON")
    findings = read_csv(bundle, "findings.csv")[1:]
    if [(row[0], int(row[6]), row[1]) for row in findings] != [
            (f["rule"], f["n_evidence"], plain({"word": f["grade"]}, {
                "words": {**GRADES[report["language"]]}})) for f in report["report"]["findings"]]:
        complain("findings.csv differs from the JSON")
    for section in report["report"]["sections"]:
        for chart in (block for block in section["blocks"] if block["kind"] == "chart"):
            rows = read_csv(bundle, f"{section['number']:02}_{section['id']}/chart_{chart['id']}.csv")
            points = [p["y"] for series in chart["series"] for p in series["points"]]
            if chart["chart"] == "timeline":
                points = [y and (date(1970, 1, 1) + timedelta(days=y)).isoformat() for y in points]
            if len(rows) - 1 != len(points) or any(
                    not of_csv(row[3], y) for row, y in zip(rows[1:], points)):
                complain(f"chart {chart['id']}: CSV differs from the JSON")


GRADES = {"en": {"critical": "Critical", "major": "Major", "minor": "Minor",
                 "recommendation": "Recommendation"},
          "zh-CN": {"critical": "严重", "major": "主要", "minor": "次要", "recommendation": "建议"}}

# --- XLSX ----------------------------------------------------------------------------------------

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Workbook:
    def __init__(self, path):
        self.zip = zipfile.ZipFile(path)
        bad = self.zip.testzip()
        if bad is not None:
            complain(f"{path}: {bad} is damaged")
        book = ElementTree.fromstring(self.zip.read("xl/workbook.xml"))
        relations = ElementTree.fromstring(self.zip.read("xl/_rels/workbook.xml.rels"))
        targets = {relation.get("Id"): relation.get("Target") for relation in relations}
        self.sheets = {sheet.get("name"): "xl/" + targets[sheet.get(REL)]
                       for sheet in book.find("m:sheets", NS)}
        styles = ElementTree.fromstring(self.zip.read("xl/styles.xml"))
        formats = {f.get("numFmtId"): f.get("formatCode") for f in styles.iter(f"{{{NS['m']}}}numFmt")}
        formats.update({"1": "0", "2": "0.00"})
        self.formats = [formats.get(xf.get("numFmtId"), "General")
                        for xf in styles.find("m:cellXfs", NS)]

    def read(self, name):
        """{(row, column): (value, number format)}, and the sheet's XML."""
        xml = ElementTree.fromstring(self.zip.read(self.sheets[name]))
        cells = {}
        for cell in xml.iter(f"{{{NS['m']}}}c"):
            letters, row = re.match(r"([A-Z]+)([0-9]+)", cell.get("r")).groups()
            column = 0
            for letter in letters:
                column = column * 26 + ord(letter) - 64
            style = self.formats[int(cell.get("s", 0))]
            if cell.get("t") == "inlineStr":
                text = "".join(t.text or "" for t in cell.iter(f"{{{NS['m']}}}t"))
                value = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m.group(1), 16)), text)
            else:
                node = cell.find("m:v", NS)
                value = None if node is None else float(node.text)
            cells[int(row) - 1, column - 1] = (value, style)
        return cells, xml


def of_serial(serial, style):
    moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(
        milliseconds=round((serial - 25569) * 86400000))
    if style == "yyyy-mm-dd":
        return moment.strftime("%Y-%m-%d")
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def of_xlsx(cell, expected):
    value, style = cell
    if isinstance(value, float) and style.startswith("yyyy"):
        value = of_serial(value, style)
    if expected == "":
        expected = None
    if isinstance(expected, (int, float)):
        return isinstance(value, float) and abs(value - expected) <= 1e-15 * abs(expected)
    return value == expected


def shown(cell):
    """As the reader sees it: the number in its format."""
    value, style = cell
    if value is None:
        return "–"
    if not isinstance(value, float):
        return value
    if style == "yyyy-mm-dd":
        return of_serial(value, style)
    if style.startswith("yyyy"):
        return of_serial(value, style)[:16].replace("T", " ") + "Z"
    decimals = len(re.match(r"0\.?(0*)", style).group(1))
    if style.endswith("%"):
        return f"{value * 100:.{decimals}f} %"
    return f"{value:.{decimals}f}"


def check_sheet_names(book):
    lower = [name.lower() for name in book.sheets]
    if len(set(lower)) != len(lower):
        complain("XLSX: two sheets of one name")
    for name in book.sheets:
        if len(name.encode("utf-16-le")) > 62 or re.search(r"[\[\]:*?/\\]", name) or name[-1] == "'":
            complain(f"XLSX: Excel does not take the name {name!r}")


def check_links(book, sheets):
    """Every link leads to a cell that is there."""
    n_links = 0
    for name, (_, xml) in sheets.items():
        for link in xml.iter(f"{{{NS['m']}}}hyperlink"):
            target, row = re.match(r"'(.*)'!A([0-9]+)$", link.get("location")).groups()
            target = target.replace("''", "'")
            n_links += 1
            if target not in book.sheets or not any(
                    key[0] == int(row) - 1 for key in sheets[target][0]):
                complain(f"XLSX: {name}: the link to {target}!A{row} leads nowhere")
    return n_links


def check_xlsx(book, report):
    check_sheet_names(book)
    sheets = {name: book.read(name) for name in book.sheets}
    names = list(book.sheets)
    overview = sheets[names[0]][0]
    if not any(value == report["content_hash"] for value, _ in overview.values()):
        complain("XLSX: the overview has another content hash")
    rows_shown = []
    for section, table, parts in sheets_of(names, report):
        ids = [column["id"] for column in table["columns"]]
        left = list(table["rows"])
        for part in parts:
            cells, xml = sheets[part]
            heads = [cells.get((0, i), (None, ""))[0] for i in range(len(ids))]
            if heads != [report["words"][column["head"]] for column in table["columns"]]:
                complain(f"XLSX: {part}: another head")
            if xml.find(".//m:pane[@state='frozen']", NS) is None or xml.find(
                    "m:autoFilter", NS) is None:
                complain(f"XLSX: {part}: no frozen head or no filter")
            n_rows = max((row for row, _ in cells), default=0)
            for k, row in enumerate(left[:n_rows]):
                found = [cells.get((k + 1, i), (None, "")) for i in range(len(ids))]
                for column, cell in zip(ids, found):
                    if not of_xlsx(cell, plain(row["cells"][column], report)):
                        complain(f"XLSX: {part}: {column} is {cell!r}, "
                                 f"{row['cells'][column]!r} in JSON")
                rows_shown.append((f"{section['id']}/{table['id']}", [shown(c) for c in found]))
            left = left[n_rows:]
        if left:
            complain(f"XLSX: {table['id']}: {len(left)} rows are missing")
    n_links = check_links(book, sheets)
    if n_links < len(names) - 1:
        complain("XLSX: hardly any link")
    return rows_shown


def sheets_of(names, report):
    """Each table with the sheets that hold it, by the numbers in their names."""
    for section in report["report"]["sections"]:
        number = 0
        for block in section["blocks"]:
            if block["kind"] == "table":
                number += 1
                label = section["number"] if section["number"] < 17 else chr(48 + section["number"])
                head = f"{label}.{number} "
                parts = [name for name in names if name.startswith(head)]
                if not parts:
                    complain(f"XLSX: no sheet for {block['id']}")
                yield section, block, parts


# --- PDF -----------------------------------------------------------------------------------------


def squeeze(text):
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s\u00ad\u200b-\u200f\u2028-\u202e\u2066-\u2069]", "", text)


def is_left_to_right(text):
    return all(unicodedata.bidirectional(c) not in ("R", "AL") for c in text)


def check_pdf(path, report, rows_shown):
    """Each cell stands in the text: a short one as often as there are such cells, a long one,
    which lines and pages cut, in pieces."""
    raw = subprocess.run(["pdftotext", "-raw", path, "-"], check=True, capture_output=True)
    text = squeeze(raw.stdout.decode("utf-8"))
    if report["content_hash"] not in text:
        complain("PDF: another content hash")
    cells = Counter((cell, table) for table, row in rows_shown for cell in row
                    if is_left_to_right(cell))
    totals = Counter()
    for (cell, _), count in cells.items():
        totals[cell] += count
    for (cell, table), _ in cells.items():
        is_one_word = cell.isascii() and " " not in cell and len(cell) <= 12
        if is_one_word and text.count(cell) < totals[cell]:
            complain(f"PDF: {table}: {cell!r} is there {text.count(cell)} times, "
                     f"{totals[cell]} in the tables")
        if is_one_word:
            continue
        cell = squeeze(cell)
        pieces = [cell[i:i + 6] for i in range(0, max(len(cell) - 5, 1), 6)]
        missing = [piece for piece in pieces if piece not in text]
        if len(missing) > (len(pieces) + 2) // 3:
            complain(f"PDF: {table}: {cell[:60]!r} is not in the text")
    print(f"{len(rows_shown)} rows, {sum(cells.values())} cells, {len(totals)} different ones")


def command_same(json_path, csv_path, xlsx_path, pdf_path):
    report = load(json_path)
    bundle = zipfile.ZipFile(csv_path)
    if bundle.testzip() is not None:
        complain(f"{csv_path} is damaged")
    check_csv(bundle, report)
    rows_shown = check_xlsx(Workbook(xlsx_path), report)
    if not rows_shown:
        complain("there is no row to compare")
    check_pdf(pdf_path, report, rows_shown)


def main():
    commands = {"schema": command_schema, "mutate": command_mutate, "same": command_same}
    if len(sys.argv) < 3 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    random.seed(1)
    commands[sys.argv[1]](*sys.argv[2:])
    for text in complaints[:20]:
        print(text)
    if len(complaints) > 20:
        print(f"and {len(complaints) - 20} more")
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
