#!/usr/bin/env bash
# The indicators of all sites: what is counted once is there for the next report; and those of the real
# data beside the tree, against an independent computation.
. "$(dirname "$0")/harness.sh"
. "$(dirname "$0")/clindata.sh"

all_sites_agree_with_an_independent_computation() {
    local build
    build=$(dirname "$(dirname "$gateway_binary")")
    "$build/tests/integration/kri_check" "sqlite:$clindata_edc" "sqlite:$clindata_ctms" AA-AA-000-0000 \
        2019-11-05 2012-06-30 >"$work/checked" 2>"$work/wrong" || {
        head -n 20 "$work/wrong"
        return 1
    }
    contains "what was compared" "$(<"$work/checked")" '^4560 values, .* 0 wrong$'
}

# One report counts the study, the next one of another site finds it counted.
the_next_report_finds_the_counts_kept() {
    local source
    new_trace
    http "/v1/centers/101/audit-report?format=json" -H "$traceparent"
    equals status "$code" 200
    for source in edc ctms; do
        wait_for_log "$service_log" source.fetch "trace_id=$trace_id" "source=$source" cache=miss
    done
    new_trace
    http "/v1/centers/102/audit-report?format=json" -H "$traceparent"
    equals status "$code" 200
    for source in edc ctms; do
        wait_for_log "$service_log" source.fetch "trace_id=$trace_id" "source=$source" cache=hit
    done
    curl -sS -o "$work/metrics" "http://$service_admin/metrics"
    contains "the metrics" "$(<"$work/metrics")" 'walkie_study_cache_total\{source="edc",result="hit"\} 1'
    contains "the metrics" "$(<"$work/metrics")" 'walkie_study_cache_entries 3' # the audit trail's chain is kept, too
}

begin "$@"
start_services --edc "sqlite:$study/edc.sqlite" --ctms "sqlite:$study/ctms.sqlite" || exit 1
run_test the_next_report_finds_the_counts_kept
if ! has_clindata; then
    echo "skip - the indicators of real data: $clindata is not there"
    exit 0
fi
if ! import_clindata; then
    echo "not ok - the import loads all of clindata"
    exit 1
fi
run_test all_sites_agree_with_an_independent_computation
finish
