"""What tests/e2e/crf_test.sh knows of results and stores.

    crf_results.py schema SCHEMA RESULT...       each result is valid by the published schema
    crf_results.py planted PROBLEMS RESULT [SITE]  its problems are the manifest's (of one site), no more
    crf_results.py same RESULT CSV               the CSV has the same problems
    crf_results.py count RESULT NAME             a figure of its counts
    crf_results.py dump DATABASE                 a hash of all rows of all tables
    crf_results.py harder DATABASE N             every active check N times more
"""
import csv
import hashlib
import json
import sqlite3
import sys

import jsonschema

KEYS = ("site_no", "subject_no", "visit", "form", "item", "check")


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def problems_of(path):
    return load(path)["validation"]["problems"]


def schema(path, *results):
    validator = jsonschema.Draft202012Validator(load(path))
    for result in results:
        for error in list(validator.iter_errors(load(result)))[:5]:
            sys.exit(f"{result}: {list(error.absolute_path)}: {error.message[:200]}")


def planted(manifest, result, site=None):
    expected = sorted(tuple(row[key] for key in KEYS) for row in load(manifest)["crf"]
                      if site in (None, row["site_no"]))
    found = sorted(tuple(row[key] for key in KEYS) for row in problems_of(result))
    if not expected or found != expected:
        sys.exit(f"planted {expected}\nfound {found}")


def same(result, table):
    with open(table, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    listed = problems_of(result)
    if len(rows) != len(listed):
        sys.exit(f"{len(rows)} rows, {len(listed)} problems")
    for row, problem in zip(rows, listed):
        for key, value in problem.items():
            text = "" if value is None else str(value)
            if key != "statement" and row[key] != text:
                sys.exit(f"{key}: {row[key]!r}, expected {text!r}")
        if problem["check"] not in row["statement"]:
            sys.exit(f"statement: {row['statement']!r}")


def dump(database):
    digest = hashlib.sha256()
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    for (table,) in tables.fetchall():
        for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2"):
            digest.update(repr((table, row)).encode())
    print(digest.hexdigest())


def harder(database, times):
    connection = sqlite3.connect(database)
    for i in range(int(times)):
        connection.execute(
            "INSERT INTO edit_check SELECT check_id + ?, study_id, code || ?, form_def_id, expr, message, severity,"
            " active FROM edit_check WHERE check_id < 1000", (1000 * (i + 1), f"_{i}"))
    connection.commit()


def main(command, *arguments):
    if command == "count":
        print(load(arguments[0])["validation"]["counts"][arguments[1]])
        return
    {"schema": schema, "planted": planted, "same": same, "dump": dump, "harder": harder}[command](*arguments)


main(*sys.argv[1:])
