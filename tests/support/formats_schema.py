"""What formats.py knows of the JSON: the schema, the hash, and that whatever is changed is refused.

Complaints are collected; who runs the commands prints them.
"""
import copy
import hashlib
import json

import jsonschema

complaints = []


def complain(text):
    complaints.append(text)


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def validator_of(path):
    schema = load(path)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def check_hash(path, report):
    """content_hash is the SHA-256 of the bytes of the value of "report"."""
    text = open(path, "rb").read()
    start = text.index(b'"report":') + len(b'"report":')
    end = text.rindex(b',"words":{')
    if hashlib.sha256(text[start:end]).hexdigest() != report["content_hash"]:
        complain(f"{path}: content_hash is not that of its report")


def check_words(path, report):
    used = set()

    def walk(value, key):
        if isinstance(value, dict):
            for name, member in value.items():
                is_map = key in ("cells", "links", "tones")
                walk(member, None if is_map else name)
        elif isinstance(value, list):
            for member in value:
                walk(member, key)
        elif key in ("word", "title", "head", "label", "area", "statement", "when_empty", "name",
                     "x_title", "y_title") and isinstance(value, str):
            used.add(value)

    for finding in report["report"]["findings"]:
        walk({"area": finding["area"], "statement": finding["statement"],
              "arguments": finding["arguments"]}, None)
    for section in report["report"]["sections"]:
        used.add(section["title"])
        for block in section["blocks"]:
            walk({key: member for key, member in block.items() if key != "series"}, None)
            for series in block.get("series", []):
                if series["name"] is not None:
                    used.add(series["name"])
    if used != set(report["words"]):
        complain(f"{path}: words differ from those used: {sorted(used ^ set(report['words']))[:5]}")


def command_schema(schema_path, *paths):
    validator = validator_of(schema_path)
    for path in paths:
        report = load(path)
        for error in list(validator.iter_errors(report))[:5]:
            complain(f"{path}: {list(error.absolute_path)}: {error.message[:200]}")
        check_hash(path, report)
        check_words(path, report)
    if not paths:
        complain("no report was given")


# Where the schema has maps by column, word or the like: a key more or less is no fault there.
OPEN_MAPS = ("cells", "links", "tones", "words")
OPTIONAL = ("anchor", "links", "tones", "link", "is_highlighted", "label", "name_text", "id")


def objects_of(value, path=()):
    if isinstance(value, dict):
        yield path, value
        for key, member in value.items():
            yield from objects_of(member, path + (key,))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from objects_of(member, path + (index,))


def shape_of(path, value):
    """Two objects of one shape are checked once."""
    names = tuple(key if isinstance(key, str) else 0 for key in path if key not in (None,))
    last_map = [name for name in names if name in OPEN_MAPS]
    return (tuple(name for name in names if name == 0 or name in OPEN_MAPS or not last_map),
            str(value.get("kind")), tuple(sorted(value)) if names[-1:] not in [("cells",), ("words",)]
            else None)


def at(value, path):
    for key in path:
        value = value[key]
    return value


def mutations(report):
    """(what was done, the changed report): each must be invalid."""
    seen = set()
    for path, value in list(objects_of(report)):
        shape = shape_of(path, value)
        if shape in seen or (path and path[-1] in OPEN_MAPS):
            continue
        seen.add(shape)
        where = "/".join(map(str, path)) or "(top)"
        changed = copy.deepcopy(report)
        at(changed, path)["surprise"] = 1
        yield f"{where}: a key more", changed
        for key in value:
            is_cell = len(value) == 1 and key in ("word", "not_provided")
            if key not in OPTIONAL or (key == "id" and value.get("kind") is None):
                changed = copy.deepcopy(report)
                del at(changed, path)[key]
                if not is_cell or path[-1:] != ():
                    yield f"{where}: without {key}", changed
            changed = copy.deepcopy(report)
            at(changed, path)[key] = [{"surprise": 1}]
            yield f"{where}: {key} is something else", changed


def command_mutate(schema_path, *paths):
    validator = validator_of(schema_path)
    n_mutations = 0
    for path in paths:
        report = load(path)
        if not validator.is_valid(report):
            complain(f"{path} is not valid to begin with")
            continue
        for what, changed in mutations(slim(report)):
            n_mutations += 1
            if validator.is_valid(changed):
                complain(f"{path}: still valid with {what}")
    print(f"{n_mutations} mutations")
    if n_mutations < 50:
        complain("hardly anything was changed")


def slim(report):
    """The same with few rows: validating it is quick."""
    report = copy.deepcopy(report)
    for section in report["report"]["sections"]:
        for block in section["blocks"]:
            for key in ("rows", "facts", "categories"):
                if key in block:
                    block[key] = block[key][:3]
            for series in block.get("series", []):
                series["points"] = series["points"][:2]
    return report
