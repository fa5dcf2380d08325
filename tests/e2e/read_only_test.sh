#!/usr/bin/env bash
# An EDC that the service may only read: reports go on, what writes is refused with what to do, and
# the file stays as it is.
. "$(dirname "$0")/harness.sh"

# The service as a user who does not get past a file's mode, which root does.
without_root_rights() {
    real_service=$service_binary
    service_binary=$work/report-service
    if (($(id -u) == 0)); then
        local rights=-dac_override,-dac_read_search
        printf '#!/bin/sh\nexec setpriv --bounding-set=%s --inh-caps=%s "%s" "$@"\n' \
            $rights $rights "$real_service" >"$service_binary"
    else
        printf '#!/bin/sh\nexec "%s" "$@"\n' "$real_service" >"$service_binary"
    fi
    chmod 755 "$service_binary"
}

what_to_do='let the user of this program write the file and its folder'

the_log_says_so_at_the_start() {
    local line
    line=$(wait_for_log "$service_log" source.read_only database=edc)
    contains "the line" "$line" "the file cannot be written .Permission denied."
}

a_report_is_made_as_ever() {
    http "/v1/centers/101/audit-report?format=json"
    equals status "$code" 200
}

forms_are_checked_and_nothing_is_written() {
    http "/v1/centers/101/crf-validations" -X POST
    equals status "$code" 200
    http "/v1/centers/101/crf-validations?write=1" -X POST
    equals "status with write=1" "$code" 409
    contains problem "$(cat "$work/body")" "$what_to_do"
}

# A GAD-7, which the demonstration study has none of.
gad7() {
    local items='' i
    for i in {1..7}; do
        items+="${items:+,}{\"linkId\":\"q$i\",\"answer\":[{\"valueInteger\":1}]}"
    done
    printf '{"resourceType":"QuestionnaireResponse","id":"r-1","status":"completed","questionnaire":"%s","authored":"%s","item":[%s]}' \
        https://example.org/Questionnaire/GAD-7 2024-02-27T08:30:00+08:00 "$items"
}

responses_are_refused_with_what_to_do() {
    http "/v1/patients/101-001/epro-responses" -H 'Content-Type: application/fhir+json' \
        --data-binary "$(gad7)"
    equals status "$code" 409
    contains problem "$(cat "$work/body")" "$what_to_do"
    http /process/101-001
    equals "status of /process" "$code" 500
    contains "its error" "$(cat "$work/body")" "$what_to_do"
}

the_file_is_what_it_was() {
    equals sha256 "$(sha256sum <"$edc")" "$(sha256sum <"$study/edc.sqlite")"
}

begin "$@"
mkdir "$work/edc"
edc=$work/edc/edc.sqlite
cp "$study/edc.sqlite" "$edc"
chmod 444 "$edc"
without_root_rights
start_services --edc "sqlite:$edc" || exit 1
run_test the_log_says_so_at_the_start
run_test a_report_is_made_as_ever
run_test forms_are_checked_and_nothing_is_written
run_test responses_are_refused_with_what_to_do
run_test the_file_is_what_it_was
finish
