#!/usr/bin/env bash
# Real data that nobody here wrote: ../shared/data/clindata imported, and its largest site reported.
. "$(dirname "$0")/harness.sh"
. "$(dirname "$0")/clindata.sh"

the_import_has_every_row() {
    local row
    for row in 'edc +subject +2387' 'edc +form +247462' 'edc +item_data +2114862' 'edc +query +42259' \
        'edc +lab_result +1132070' 'edc +adverse_event +4854' 'ctms +site +176'; do
        contains "the import's counts" "$(<"$clindata_log")" "$row\$"
    done
}

a_second_import_does_not_overwrite() {
    local result=0
    "$data_binary" import clindata "$clindata" --edc "sqlite:$clindata_edc" \
        --ctms "sqlite:$clindata_ctms" >"$work/again" 2>&1 || result=$?
    at_least "exit code" "$result" 1
    contains "the refusal" "$(<"$work/again")" '--force'
}

a_bad_row_is_named_and_nothing_is_loaded() {
    local result=0 folder=$work/bad
    mkdir "$folder"
    ln -s "$PWD/$clindata"/* "$folder/"
    rm "$folder/edc_queries.csv.xz"
    # Line 11 loses its last fields.
    xzcat "$clindata/edc_queries.csv.xz" | sed '11s/,[^,]*,[^,]*$//' | xz -0 >"$folder/edc_queries.csv.xz"
    "$data_binary" import clindata "$folder" --edc "sqlite:$work/none-edc.sqlite" \
        --ctms "sqlite:$work/none-ctms.sqlite" >"$work/bad.log" 2>&1 || result=$?
    at_least "exit code" "$result" 1
    contains "the message" "$(<"$work/bad.log")" 'edc_queries\.csv\.xz.*11'
    equals "files that were left" "$(find "$work" -name 'none-*' | wc -l)" 0
}

its_largest_site_has_69_subjects() {
    http /v1/centers
    equals status "$code" 200
    contains "site 140" "$(tr -d '\n\t' <"$work/body")" '"center":"140",[^}]*"subjects":69,'
}

its_largest_site_is_reported_within_a_second() {
    http "/v1/centers/140/audit-report"
    equals status "$code" 200
    at_most "seconds to the last byte" "$seconds" 1
    qpdf --check "$work/body" >"$work/qpdf"
    contains "qpdf" "$(<"$work/qpdf")" 'No syntax or stream encoding errors'
}

what_the_data_lacks_is_said_and_never_zero() {
    http "/v1/centers/140/audit-report"
    pdftotext -layout "$work/body" "$work/text"
    contains "the text" "$(<"$work/text")" 'Monitoring visits: not provided by ctms'
    contains "the text" "$(<"$work/text")" 'Action items: not provided by ctms'
    http "/v1/centers/140/audit-report?language=zh-CN"
    pdftotext -layout "$work/body" "$work/text"
    contains "the Chinese text" "$(<"$work/text")" 'ctms 未提供'
}

a_deadline_stops_the_report_of_the_largest_site() {
    for _ in 1 2 3 4 5; do
        http "/v1/centers/140/audit-report?timeout=20ms"
        equals status "$code" 504
    done
    wait_for_log "$service_log" ctx.stopped cause=deadline_exceeded
    at_most "the least stop latency in ms" "$(figures "$service_log" ctx.stopped stop_latency_ms | least)" 20
}

begin "$@"
if ! has_clindata; then
    echo "skip - real data: $clindata is not there"
    exit 0
fi
if import_clindata; then
    echo "ok - the import loads all of clindata"
else
    echo "not ok - the import loads all of clindata"
    exit 1
fi
run_test the_import_has_every_row
run_test a_second_import_does_not_overwrite
if command -v xz >/dev/null; then
    run_test a_bad_row_is_named_and_nothing_is_loaded
else
    echo "skip - a bad row is named: xz is not installed"
fi
start_services --edc "sqlite:$clindata_edc" --ctms "sqlite:$clindata_ctms" || exit 1
run_test its_largest_site_has_69_subjects
run_test its_largest_site_is_reported_within_a_second
run_test what_the_data_lacks_is_said_and_never_zero
run_test a_deadline_stops_the_report_of_the_largest_site
finish
