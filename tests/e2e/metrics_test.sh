#!/usr/bin/env bash
# Metrics as Prometheus sees them, and what stands in deploy/grafana: promtool and Prometheus's own
# client library are the judges.
. "$(dirname "$0")/harness.sh"

support=$(dirname "$0")/../support
grafana=$(dirname "$0")/../../deploy/grafana
python=/usr/bin/python3 # the one that Debian's packages are for

# get_page ADDRESS FILE [ACCEPT]: sets content_type.
get_page() {
    content_type=$(curl -sS --max-time 5 -H "Accept: ${3-*/*}" -o "$2" -w '%{content_type}' "http://$1/metrics")
}

# What makes the pages have something to show: a report, errors, a client that leaves, doomed work.
make_traffic() {
    local i
    curl -sS -o /dev/null -o /dev/null -o /dev/null "http://$gateway_address/v1/centers/101/audit-report" \
        "http://$gateway_address/v1/centers" "http://$gateway_address/v1/echo?len=no"
    curl -sS -o /dev/null --max-time 0.2 "http://$gateway_address/v1/sleep?ms=5000" 2>/dev/null || true
    for i in 1 2 3; do
        curl -sS -o /dev/null "http://$gateway_address/v1/work?ms=30&timeout=20ms"
    done
}

promtool_takes_both_pages() {
    local page
    get_page "$gateway_admin" "$work/gateway.txt"
    get_page "$service_admin" "$work/service.txt"
    for page in gateway service; do
        promtool check metrics <"$work/$page.txt"
    done
}

promtool_takes_rules_alerts_and_the_example() {
    promtool check rules "$grafana/rules.yml" "$grafana/alerts.yml"
    promtool check config "$grafana/prometheus.yml"
    promtool test rules "$grafana/alerts_test.yml"
}

what_dashboard_and_alerts_ask_for_is_there() {
    get_page "$gateway_admin" "$work/gateway.txt"
    get_page "$service_admin" "$work/service.txt"
    "$python" "$support/metrics.py" names "$grafana" "$work/gateway.txt" "$work/service.txt"
    "$python" "$support/metrics.py" expressions "$grafana" "$work/dashboard_rules.yml"
    promtool check rules "$work/dashboard_rules.yml"
}

openmetrics_is_for_who_asks() {
    local plain='text/plain; version=0.0.4; charset=utf-8'
    local open='application/openmetrics-text; version=1.0.0; charset=utf-8'
    get_page "$gateway_admin" "$work/open.txt" 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5,*/*;q=0.1'
    equals "what Prometheus gets" "$content_type" "$open"
    "$python" "$support/metrics.py" open "$work/open.txt"
    get_page "$service_admin" "$work/open.txt" 'application/openmetrics-text'
    equals "the service's" "$content_type" "$open"
    "$python" "$support/metrics.py" open "$work/open.txt"
    get_page "$gateway_admin" /dev/null
    equals "what anybody gets" "$content_type" "$plain"
    get_page "$gateway_admin" /dev/null 'text/plain;q=0.9, application/openmetrics-text;q=0.2'
    equals "what is liked better" "$content_type" "$plain"
    get_page "$gateway_admin" /dev/null 'application/openmetrics-text;q=0, */*;q=0.1'
    equals "what is not wanted" "$content_type" "$plain"
    contains "the header" "$(curl -sS -I "http://$gateway_admin/metrics")" 'Vary: Accept'
}

load() {
    curl -sS -o /dev/null "http://$gateway_address/v1/echo?len=[1-1000000]" 2>/dev/null
}

scrapes_at_the_same_time_under_load_agree_with_themselves() {
    in_background load
    "$python" "$support/metrics.py" scrape "$gateway_admin" 200
    "$python" "$support/metrics.py" scrape "$service_admin" 80
}

# scrape_often N: from four clients, in one format and the other.
scrape_often() {
    local i pids=() accepts=('*/*' application/openmetrics-text)
    for i in 0 1 2 3; do
        in_background curl -sS -H "Accept: ${accepts[i % 2]}" -o /dev/null \
            "http://$gateway_admin/metrics?[1-$(($1 / 4))]"
        pids+=("$last_pid")
    done
    for i in "${pids[@]}"; do
        await_exit "$i"
        equals "exit code of a client" "$exit_code" 0
    done
}

gateway_kib() {
    awk '/^VmRSS/ { print $2 }' "/proc/$gateway_pid/status"
}

ten_thousand_scrapes_leave_nothing_behind() {
    local before
    scrape_often 400
    before=$(gateway_kib)
    # shellcheck disable=SC2034
    wait_seconds_max=60
    scrape_often 10000
    at_most "KiB more after 10,000 scrapes" "$(($(gateway_kib) - before))" 1024
}

begin "$@"
start_service
start_gateway --access-log "$work/access.log"
make_traffic
run_test promtool_takes_both_pages
run_test promtool_takes_rules_alerts_and_the_example
run_test what_dashboard_and_alerts_ask_for_is_there
run_test openmetrics_is_for_who_asks
run_test scrapes_at_the_same_time_under_load_agree_with_themselves
run_test ten_thousand_scrapes_leave_nothing_behind
finish
