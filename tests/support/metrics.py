"""What the scenario metrics_test.sh asks of metrics pages, the dashboard and the rules.

    metrics.py open PAGE                     an OpenMetrics page, read by Prometheus's own client library
    metrics.py names FOLDER PAGE...          every name of dashboard and rules is on a page
    metrics.py expressions FOLDER RULES      the dashboard's expressions as a file of rules
    metrics.py scrape ADDRESS N              N scrapes from four threads, each page consistent in itself
"""
import http.client
import json
import re
import sys
import threading

from prometheus_client.openmetrics.parser import text_string_to_metric_families

THREADS = 4


def fail(text):
    sys.exit("metrics.py: " + text)


def check_open(path):
    """Names, types, units, buckets and exemplars as the specification wants them."""
    text = open(path, encoding="utf-8").read()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    n_exemplars = 0
    for family in families.values():
        if not family.documentation:
            fail(f"{family.name}: no help")
        if family.name.endswith(("_seconds", "_bytes")) and not family.unit:
            fail(f"{family.name}: no unit")
        for sample in family.samples:
            if sample.exemplar is None:
                continue
            n_exemplars += 1
            if not re.fullmatch("[0-9a-f]{32}", sample.exemplar.labels["trace_id"]):
                fail(f"{sample.name}: an exemplar without a trace")
            if sample.exemplar.value > float(sample.labels["le"]):
                fail(f"{sample.name}: an exemplar above its bucket")
    if n_exemplars == 0:
        fail("no exemplar")
    print(f"{len(families)} families, {n_exemplars} exemplars")


def panels_of(folder):
    dashboard = json.load(open(f"{folder}/dashboard.json", encoding="utf-8"))
    ids = [panel["id"] for panel in dashboard["panels"]]
    if len(ids) != len(set(ids)):
        fail("two panels have one id")
    for panel in dashboard["panels"]:
        if panel["type"] != "row" and not panel["targets"]:
            fail(f"{panel['title']}: a panel that asks for nothing")
    return dashboard["panels"]


def expressions_of(folder):
    return [(panel["title"], target["expr"]) for panel in panels_of(folder)
            for target in panel.get("targets", [])]


def check_names(folder, pages):
    known = set()
    for path in pages:
        for line in open(path, encoding="utf-8"):
            match = re.match(r"# TYPE (\S+) (\S+)", line)
            if match:
                known.add(match[1])
                if match[2] == "histogram":
                    known.update(match[1] + suffix for suffix in ("_bucket", "_sum", "_count"))
    texts = dict(expressions_of(folder))
    for name in ("rules.yml", "alerts.yml"):
        texts[name] = open(f"{folder}/{name}", encoding="utf-8").read()
    recorded = set(re.findall(r"record: (\S+)", texts["rules.yml"]))
    n_names = 0
    for where, text in texts.items():
        for name in set(re.findall(r"(?<![\w:/.-])(?:walkie|process)[_:][a-zA-Z0-9_:]+", text)):
            n_names += 1
            if name not in known and name not in recorded:
                fail(f"{where}: no page has {name}")
    alerts = re.findall(r"alert: (\S+)", texts["alerts.yml"])
    book = open(f"{folder}/README.md", encoding="utf-8").read()
    tested = open(f"{folder}/alerts_test.yml", encoding="utf-8").read()
    for alert in alerts:
        if f"### {alert}\n" not in book or f"runbook: deploy/grafana/README.md#{alert.lower()}\n" not in texts["alerts.yml"]:
            fail(f"{alert}: README.md does not say what to do")
        if tested.count(f"alertname: {alert}\n") < 2:
            fail(f"{alert}: no test of it in alerts_test.yml")
    print(f"{n_names} names, {len(alerts)} alerts")


def write_expressions(folder, path):
    rules = []
    for i, (_, text) in enumerate(expressions_of(folder)):
        text = text.replace("$__rate_interval", "1m").replace("$instance", ".*")
        if "$" in text:
            fail(f"an unknown variable: {text}")
        rules.append({"record": f"dashboard:{i}", "expr": text})
    with open(path, "w", encoding="utf-8") as out:
        json.dump({"groups": [{"name": "dashboard", "rules": rules}]}, out)


def check_page(text):
    """Every histogram's count is its last bucket's, and buckets rise."""
    last = {}
    for line in text.splitlines():
        match = re.match(r"(\w+)_bucket\{(.*?,?)le=\"([^\"]+)\"\} (\d+)$", line)
        if match:
            key, n = (match[1], match[2].rstrip(",")), int(match[4])
            if n < last.get(key, 0):
                raise ValueError("buckets fall: " + line)
            last[key] = n
            continue
        match = re.match(r"(\w+)_count(?:\{(.*)\})? (\d+)$", line)
        if match and (match[1], match[2] or "") in last:
            if last.pop((match[1], match[2] or "")) != int(match[3]):
                raise ValueError("count is not the last bucket: " + line)


def get(connection):
    connection.request("GET", "/metrics")
    answer = connection.getresponse()
    body = answer.read().decode()
    if answer.status != 200:
        raise ValueError(f"status {answer.status}")
    return body


def scrape(address, n_scrapes):
    problems = []

    def work(n_own):
        try:
            connection = http.client.HTTPConnection(address, timeout=20)
            for _ in range(n_own):
                check_page(get(connection))
        except Exception as problem:  # whatever it is, the scenario shall show it
            problems.append(problem)

    threads = [threading.Thread(target=work, args=(n_scrapes // THREADS,)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        fail(str(problems[0]))
    print(f"{n_scrapes} scrapes")


def main(arguments):
    if arguments[0] == "open":
        check_open(arguments[1])
    elif arguments[0] == "names":
        check_names(arguments[1], arguments[2:])
    elif arguments[0] == "expressions":
        write_expressions(arguments[1], arguments[2])
    elif arguments[0] == "scrape":
        scrape(arguments[1], int(arguments[2]))
    else:
        fail(f"unknown: {arguments[0]}")


main(sys.argv[1:])
