"""/openapi.json against OpenAPI 3.1's rules and against what a gateway really answers.

    openapi.py check FILE                    the document by itself
    openapi.py walk FILE ADDRESS             each operation, well and badly asked, against its words and
                                             the schemas that are served
"""
import http.client
import json
import re
import sys

import jsonschema

METHODS = ("get", "post", "delete", "put", "patch")
BASE = "http://gateway.example"
SITE, STUDY = "101", "WLK-301"
problems = []


def complain(text):
    problems.append(text)


# What OpenAPI 3.1 wants of a document, as far as ours goes: the parts of its meta-schema for what
# we use, closed, so that a misspelt key is found.
OAS = {
    "type": "object",
    "required": ["openapi", "info", "paths", "components"],
    "additionalProperties": False,
    "properties": {
        "openapi": {"pattern": r"^3\.1\.\d+$"},
        "info": {"type": "object", "required": ["title", "version"],
                 "properties": {"title": {"type": "string"}, "version": {"type": "string"},
                                "description": {"type": "string"}},
                 "additionalProperties": False},
        "tags": {"type": "array", "items": {"type": "object", "required": ["name"]}},
        "paths": {"type": "object", "patternProperties": {"^/": {"$ref": "#/$defs/path"}},
                  "additionalProperties": False},
        "components": {"type": "object", "additionalProperties": False, "properties": {
            "schemas": {"$ref": "#/$defs/named"}, "headers": {"$ref": "#/$defs/named"},
            "parameters": {"type": "object", "additionalProperties": {"$ref": "#/$defs/parameter"}},
            "securitySchemes": {"type": "object", "additionalProperties": {
                "type": "object", "required": ["type"],
                "properties": {"type": {"enum": ["apiKey", "http", "mutualTLS", "oauth2"]}}}}}},
    },
    "$defs": {
        "named": {"type": "object", "propertyNames": {"pattern": r"^[a-zA-Z0-9._-]+$"}},
        "path": {"type": "object", "minProperties": 1, "additionalProperties": False,
                 "patternProperties": {"^(%s)$" % "|".join(METHODS): {"$ref": "#/$defs/operation"}}},
        "operation": {
            "type": "object", "required": ["responses", "operationId", "summary", "tags", "security"],
            "additionalProperties": False, "patternProperties": {"^x-": {}},
            "properties": {
                "operationId": {"type": "string"}, "summary": {"type": "string"},
                "description": {"type": "string"},
                "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                "parameters": {"type": "array", "uniqueItems": True,
                               "items": {"anyOf": [{"$ref": "#/$defs/reference"}, {"$ref": "#/$defs/parameter"}]}},
                "requestBody": {"type": "object", "required": ["content"], "properties": {
                    "content": {"$ref": "#/$defs/content"}}},
                "responses": {"type": "object", "minProperties": 1, "additionalProperties": False,
                              "patternProperties": {"^([1-5]\\d\\d|default)$": {"$ref": "#/$defs/response"}}},
                "security": {"type": "array", "items": {"type": "object"}}}},
        "reference": {"type": "object", "required": ["$ref"], "additionalProperties": False,
                      "properties": {"$ref": {"type": "string"}}},
        "parameter": {"type": "object", "required": ["name", "in", "schema"], "additionalProperties": False,
                      "properties": {"name": {"type": "string"}, "in": {"enum": ["query", "header", "path"]},
                                     "description": {"type": "string"}, "required": {"type": "boolean"},
                                     "schema": {"type": "object"}},
                      "if": {"properties": {"in": {"const": "path"}}},
                      "then": {"required": ["required"], "properties": {"required": {"const": True}}}},
        "content": {"type": "object", "propertyNames": {"pattern": "^[a-z]+/[a-z0-9.+-]+$"},
                    "additionalProperties": {"type": "object", "additionalProperties": False,
                                             "properties": {"schema": {"type": "object"}}}},
        "response": {"type": "object", "required": ["description"], "additionalProperties": False,
                     "properties": {"description": {"type": "string", "minLength": 1},
                                    "content": {"$ref": "#/$defs/content"},
                                    "headers": {"type": "object"}}},
    },
}


def references(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def look_up(document, reference):
    node = document
    for part in reference[2:].split("/"):
        node = node[part]
    return node


def operations_of(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def check(document):
    for error in jsonschema.Draft202012Validator(OAS).iter_errors(document):
        complain(f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
    for reference in references(document):
        if reference.startswith("#/"):
            try:
                look_up(document, reference)
            except KeyError:
                complain(f"{reference}: there is no such thing")
        else:
            complain(f"{reference}: whoever has the document alone cannot follow it")
    for name, schema in document["components"]["schemas"].items():
        if "externalDocs" in schema and schema["externalDocs"]["url"] not in document["paths"]:
            complain(f"schema {name}: its externalDocs are not served")
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
        except jsonschema.SchemaError as error:
            complain(f"schema {name}: {error.message}")
    ids = [operation["operationId"] for _, _, operation in operations_of(document)]
    if len(set(ids)) != len(ids):
        complain("an operationId comes twice")
    tags = {tag["name"] for tag in document["tags"]}
    for path, method, operation in operations_of(document):
        where = f"{method} {path}"
        in_path = {p["name"] for p in operation["parameters"] if p.get("in") == "path"}
        if in_path != set(re.findall(r"{(.*?)}", path)):
            complain(f"{where}: its path's parameters are {in_path}")
        if not set(operation["tags"]) <= tags:
            complain(f"{where}: an unknown tag")
        for scheme in operation["security"]:
            if not set(scheme) <= set(document["components"]["securitySchemes"]):
                complain(f"{where}: an unknown security scheme")
        if not any(code.startswith("2") for code in operation["responses"]):
            complain(f"{where}: no answer for when all goes well")


class Walker:
    def __init__(self, document, address):
        self.document = document
        self.address = address
        self.connection = http.client.HTTPConnection(address, timeout=20)
        self.store = {BASE + "/openapi.json": document}
        for path in document["paths"]:
            if path.startswith("/v1/schemas/"):
                # By the URL that the document names: a urn is no base that jsonschema can resolve in.
                schema = json.loads(self.ask("get", path)[2])
                self.store[BASE + path] = {key: value for key, value in schema.items() if key != "$id"}
        for schema in document["components"]["schemas"].values():
            if "externalDocs" in schema:  # the whole of it is that one
                schema["$ref"] = BASE + schema["externalDocs"]["url"]
        self.n_answers = 0
        self.seen = set()

    def ask(self, method, path, headers=None, body=None):
        self.connection.request(method.upper(), path, body=body, headers=headers or {})
        answer = self.connection.getresponse()
        return answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), answer.read()

    def validate(self, where, schema, value):
        resolver = jsonschema.RefResolver(BASE + "/openapi.json", self.document, store=self.store)
        validator = jsonschema.Draft202012Validator(
            schema, resolver=resolver, format_checker=jsonschema.FormatChecker())
        for error in validator.iter_errors(value):
            complain(f"{where}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
            break

    def compare(self, operation, where, status, headers, body, explicit):
        """The answer against the words: status, type, headers, body."""
        self.n_answers += 1
        responses = operation["responses"]
        if explicit and str(status) not in responses:
            complain(f"{where}: {status} is not described")
            return
        response = responses.get(str(status), responses["default"])
        self.seen.add((operation["operationId"], status))
        for name in response.get("headers", {}):
            must = {"X-Trace-Id", "Location", "Retry-After", "X-Content-SHA256", "Content-Disposition", "ETag",
                    "X-Content-Hash"}
            if name in must and name.lower() not in headers and "event-stream" not in headers.get("content-type", ""):
                if not (name == "Retry-After" and status == 200):  # only while it runs
                    complain(f"{where}: {status} without {name}")
        content = response.get("content", {})
        kind = headers.get("content-type", "").split(";")[0]
        if not content and not body:
            return
        if kind not in content:
            complain(f"{where}: {status} is {kind or 'of no type'}, described are {sorted(content)}")
            return
        schema = content[kind].get("schema")
        if schema is None:
            return
        value = json.loads(body) if kind.endswith("json") else body.decode()
        self.validate(f"{where} {status}", schema, value)
        if kind == "application/problem+json" and value.get("status") != status:
            complain(f"{where}: the problem says {value.get('status')}, the answer is {status}")

    def one(self, path, method, address, expected, headers=None, body=None, explicit=True):
        operation = self.document["paths"][path][method]
        where = f"{method.upper()} {address}"
        status, got, text = self.ask(method, address, headers, body)
        if status not in (expected if isinstance(expected, tuple) else (expected,)):
            complain(f"{where}: {status}, expected {expected}: {text[:200]}")
        self.compare(operation, where, status, got, text, explicit)
        return got, text

    def walk(self):
        arguments = {"center": SITE, "study": STUDY, "patient": "none", "patientID": "none"}
        report = f"/v1/centers/{SITE}/audit-report"
        report_path = "/v1/centers/{center}/audit-report"
        got, text = self.one(report_path, "get", report + "?format=json", 202, {"Prefer": "respond-async"})
        arguments["operation"] = json.loads(text)["id"]
        got, _ = self.one("/v1/echo", "get", "/v1/echo", 200)
        arguments["trace_id"] = got["x-trace-id"]
        arguments["file"] = "main.js"
        by_hand = {"/v1/operations/{operation}": {"delete"}, "/v1/operations/{operation}/result": {"get"},
                   "/v1/studies/{study}/audit-reports": {"post"},
                   "/v1/patients/{patient}/epro-responses": {"post"}, "/process/{patientID}": {"get"}}
        for path, method, operation in operations_of(self.document):
            address = re.sub(r"{(.*?)}", lambda match: arguments[match[1]], path)
            if method not in by_hand.get(path, ()):
                self.one(path, method, address, 200, body=b"" if method == "post" else None)
            bad = 404 if path == "/console/{file}" else 400
            self.one(path, method, address + "?no_such_parameter=1", (400, bad),
                     body=b"" if method == "post" else None)
            for parameter in operation["parameters"]:
                if "enum" in parameter.get("schema", {}) or parameter["name" if "name" in parameter else "$ref"] in ("len", "ms", "limit"):
                    self.one(path, method, f"{address}?{parameter['name']}=nonsense", 400)
            if any(p.get("$ref", "").endswith("/timeout") for p in operation["parameters"]):
                self.one(path, method, address + "?timeout=soon", 400)
                self.one(path, method, address, 400, {"Grpc-Timeout": "3"})
            if method == "get" and path != "/process/{patientID}":  # that one writes
                self.one(path, method, address, 200 if path != "/v1/operations/{operation}/result" else (200, 409))
                status, headers, text = self.ask("HEAD", address)
                if status not in (200, 409) or text or "x-trace-id" not in headers:
                    complain(f"HEAD {address}: {status}, {len(text)} bytes")
            wrong = "PATCH"
            status, headers, text = self.ask(wrong, address)
            self.compare(operation, f"{wrong} {address}", status, headers, text, False)
            if status != 405 or "allow" not in headers:
                complain(f"{wrong} {address}: {status}")
        self.walk_reports(report_path, report)
        self.walk_validations()
        self.walk_operations(report_path, report, arguments["operation"])
        self.walk_jobs()
        self.walk_rest()

    def walk_reports(self, path, report):
        for kind in ("json", "csv", "xlsx", "pdf"):
            self.one(path, "get", f"{report}?format={kind}", 200)
        for sections in ("1", "0-2,10", "4-6,A-D"):
            self.one(path, "get", f"{report}?format=json&sections={sections}", 200)
        self.one(path, "post", report, 200, {"Content-Type": "application/json"},
                 json.dumps({"format": "json", "final": 1, "language": "zh-CN"}))
        self.one(path, "post", report, 400, {"Content-Type": "application/json"}, "[1]")
        self.one(path, "get", report + "?format=csv", 200, {"Accept": "text/event-stream"})
        self.one(path, "get", report, 204, {"Accept": "text/event-stream", "Last-Event-ID": "3"})
        self.one(path, "get", "/v1/centers/999999/audit-report", 404)
        self.one(path, "get", report + "?timeout=1ms", (504, 429))
        self.one(path, "get", report + "?format=json", 400, {"Prefer": "respond-async", "Idempotency-Key": "short"})
        self.one("/v1/studies/{study}/audit-reports", "post", f"/v1/studies/{STUDY}/audit-reports?format=json", 200)
        self.one("/v1/studies/{study}/audit-reports", "post", "/v1/studies/none/audit-reports", 404)

    def walk_validations(self):
        path, site = "/v1/centers/{center}/crf-validations", f"/v1/centers/{SITE}/crf-validations"
        self.one(path, "post", site + "?format=csv&language=zh-CN", 200)
        self.one(path, "post", site, 200, {"Accept": "text/event-stream"})
        self.one(path, "post", site, 202, {"Prefer": "respond-async"})
        self.one(path, "post", "/v1/centers/999999/crf-validations", 404)
        self.one("/v1/studies/{study}/crf-validations", "post", "/v1/studies/none/crf-validations", 404)

    def walk_operations(self, report_path, report, done):
        one = "/v1/operations/{operation}"
        result = one + "/result"
        for _ in range(200):
            _, text = self.one(one, "get", f"/v1/operations/{done}", 200)
            if json.loads(text)["state"] != "running":
                break
        got, _ = self.one(result, "get", f"/v1/operations/{done}/result", 200)
        self.one(result, "get", f"/v1/operations/{done}/result", 206, {"Range": "bytes=0-99"})
        self.one(result, "get", f"/v1/operations/{done}/result", 416, {"Range": "bytes=999999999-"})
        self.one(result, "get", f"/v1/operations/{done}/result", 304, {"If-None-Match": got["etag"]})
        self.one(one, "delete", f"/v1/operations/{done}", 409)
        self.one(one, "get", "/v1/operations/none", 404)
        self.one(result, "get", "/v1/operations/none/result", 404)
        self.one(one, "delete", "/v1/operations/none", 404)
        _, text = self.one(report_path, "get", report, 202, {"Prefer": "respond-async"})
        running = json.loads(text)["id"]
        self.one(one, "delete", f"/v1/operations/{running}", (200, 202, 409))

    def walk_jobs(self):
        """Nothing here writes: the study is everybody's."""
        for scope, address in (("centers/{center}", f"centers/{SITE}"), ("studies/{study}", f"studies/{STUDY}")):
            path, one = f"/v1/{scope}/crf-validations", f"/v1/{address}/crf-validations"
            self.one(path, "post", one + "?format=csv", 200)
            self.one(path, "post", one, 200, {"Content-Type": "application/json"}, json.dumps({"format": "json", "write": 0}))
            self.one(path, "post", one, 200, {"Accept": "text/event-stream"})
            self.one(path, "post", one, 204, {"Accept": "text/event-stream", "Last-Event-ID": "3"})
            self.one(path, "post", one, 202, {"Prefer": "respond-async"})
            self.one(path, "post", re.sub("[^/]*/crf", "none/crf", one), 404)
        path, fhir = "/v1/patients/{patient}/epro-responses", {"Content-Type": "application/fhir+json"}
        one = "/v1/patients/101-001/epro-responses"
        self.one(path, "post", one, 200, fhir, '[{"resourceType":"QuestionnaireResponse","status":"completed"}]')
        self.one(path, "post", one, 400, fhir, "{")
        self.one(path, "post", one, 400, fhir, "")
        self.one(path, "post", one, 415, {"Content-Type": "text/plain"}, "{}")
        self.one(path, "post", one + "?pace=soon", 400, fhir, "{}")
        self.one(path, "post", "/v1/patients/none/epro-responses", 404, fhir, "[]")
        self.one("/process/{patientID}", "get", "/process/none", 500)
        self.one("/process/{patientID}", "get", "/process/101-001?pace=1s&timeout=50ms", 408)
        self.one("/process/{patientID}", "get", "/process/101-001?pace=soon", 400)

    def walk_rest(self):
        self.one("/v1/traces/{trace_id}", "get", "/v1/traces/" + "0" * 31 + "1", 404)
        self.one("/v1/traces/{trace_id}", "get", "/v1/traces/nonsense", 400)
        self.one("/console/{file}", "get", "/console/nothing", 404)
        self.one("/v1/echo", "get", "/v1/echo?len=65537", 400)
        if "/v1/sleep" in self.document["paths"]:
            self.one("/v1/sleep", "get", "/v1/sleep?ms=2000&timeout=20ms", 504)
            self.one("/v1/work", "get", "/v1/work?ms=1", 200)


def main(arguments):
    document = json.load(open(arguments[1], encoding="utf-8"))
    check(document)
    words = f"{len(list(operations_of(document)))} operations"
    if arguments[0] == "walk" and not problems:
        walker = Walker(document, arguments[2])
        walker.walk()
        words += f", {walker.n_answers} answers, {len(walker.seen)} kinds of them"
    if problems:
        sys.exit("\n".join(problems[:20]))
    print(words)


main(sys.argv[1:])
