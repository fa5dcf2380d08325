#!/usr/bin/env bash
# What fails beside us: the laboratory, the disk, a database file, the fonts. A report then comes
# with a gap that it names, or does not come and says why; nothing is half-written, nothing crashes.
# shellcheck disable=SC2034 # what a test sets is for the harness
. "$(dirname "$0")/harness.sh"

lab_timeout_ms=700
disk_blocks=96 # of 1,024 bytes: less than any PDF

# start_lab [FLAG...]: a laboratory of the study; sets lab_address, lab_pid.
start_lab() {
    local log=$work/lab-$RANDOM.log line
    touch "$log"
    in_background "$lab_binary" --listen "${lab_listen:-127.0.0.1:0}" \
        --results "$study/edc.sqlite.lab.jsonl" --log-format json --log-file "$log" "$@"
    lab_pid=$last_pid
    line=$(wait_for_ready "$lab_pid" "$log")
    lab_address=$(field "$line" address)
}

# start_with_lab: both services, and a laboratory that is well.
start_with_lab() {
    start_lab
    start_service --lab "http://$lab_address" --lab-timeout "${lab_timeout_ms}ms"
    start_gateway
}

json_report() {
    http "/v1/centers/$1/audit-report?format=json"
}

# reason: the word of the sentence in section 10 that says why there is no comparison.
reason() {
    grep -oE '"word":"lab_why_[a-z_]*"' "$work/body" | sed -n 1p | cut -d '"' -f 4
}

the_laboratory_is_reconciled_and_its_plants_are_found() {
    start_with_lab
    local site rule
    for site in 102:LB-05 104:LB-04 106:LB-03 107:LB-01 108:LB-02; do
        rule=${site#*:}
        json_report "${site%:*}"
        equals "status of site ${site%:*}" "$code" 200
        contains "findings of site ${site%:*}" "$(cat "$work/body")" "\"rule\":\"$rule\""
        contains snapshots "$(cat "$work/body")" '"source":"lab","at":"2025-06-30T06:00:00.000Z"'
    done
    local line
    line=$(wait_for_log "$service_log" source.fetch source=lab outcome=answered)
    equals attempts "$(field "$line" attempts)" 1
    curl -s "http://$service_admin/metrics" >"$work/metrics"
    contains metrics "$(cat "$work/metrics")" 'walkie_lab_fetches_total\{outcome="answered"\} 5'
}

# stop_lab: at once; a service must not need its farewell.
stop_lab() {
    kill_and_wait "$lab_pid" || true
}

a_laboratory_that_fails_is_named_in_a_report_that_comes() {
    start_with_lab
    local row fault
    for row in hang:late 503:refused garbage:not_understood truncated:not_understood \
        reset:unreachable drip:late type:not_understood redirect:refused; do
        fault=${row%:*}
        stop_lab
        lab_listen=$lab_address start_lab --fault "$fault" --delay 50ms
        json_report 104
        equals "status with $fault" "$code" 200
        equals "reason with $fault" "$(reason)" "lab_why_${row#*:}"
        at_most "seconds with $fault" "$seconds" 3
        wait_for_log "$service_log" source.fetch source=lab "outcome=${row#*:}"
    done
    http "/v1/centers/104/audit-report?language=zh-CN"
    equals "status of the PDF" "$code" 200
    pdftotext "$work/body" "$work/text"
    contains "the PDF" "$(cat "$work/text")" '中心实验室未提供结果（HTTP 状态码 302）'
}

a_laboratory_that_is_gone_and_comes_back_is_asked_again() {
    start_with_lab
    stop_lab
    json_report 104
    equals status "$code" 200
    equals reason "$(reason)" lab_why_unreachable
    lab_listen=$lab_address start_lab
    json_report 104
    equals "reason with the laboratory back" "$(reason)" ''
    contains "findings with the laboratory back" "$(cat "$work/body")" '"rule":"LB-04"'
}

a_report_leaves_the_laboratory_a_quarter_of_its_time() {
    start_lab --fault hang
    start_service --lab "http://$lab_address" --lab-timeout 60s
    start_gateway
    http "/v1/centers/104/audit-report?format=json&timeout=4s"
    equals status "$code" 200
    equals reason "$(reason)" lab_why_late
    at_most seconds "$seconds" 3
}

# A file that may not grow is a disk that is full, and needs no rights to make.
a_full_disk_is_said_and_the_service_goes_on() {
    (
        ulimit -f "$disk_blocks"
        exec "$service_binary" --listen tcp://127.0.0.1:0 --admin 127.0.0.1:0 --log-format json \
            --log-level info --spool-dir "$work" --edc "sqlite:$study/edc.sqlite" \
            --ctms "sqlite:$study/ctms.sqlite"
    ) 2> >(cat >"$work/full.log") &
    background_pids="$background_pids $!"
    service_log=$work/full.log
    service_pid=$!
    local line
    until_true log_has "$service_log" service.ready
    line=$(find_log "$service_log" service.ready | tail -n 1)
    service_address=$(field "$line" address)
    service_admin=$(field "$line" admin)
    start_gateway
    http /v1/centers/103/audit-report
    equals "status with a full disk" "$code" 503
    contains "what is said" "$(cat "$work/body")" 'spool folder'
    equals "files that stay" "$(find "$work" -name 'walkie-report*' | wc -l)" 0
    http "/v1/centers/112/audit-report?format=json&sections=4"
    equals "status of a report that fits" "$code" 200
    http /v1/echo
    equals "status of an echo" "$code" 200
}

# overwrite FILE WITH: in place, as a disk that loses its mind does.
overwrite() {
    cat "$2" >"$1"
}

a_database_that_is_cut_short_is_told_and_heals() {
    cp "$study/edc.sqlite" "$work/edc.sqlite"
    start_service --edc "sqlite:$work/edc.sqlite"
    start_gateway
    http "/v1/centers/103/audit-report?format=json"
    local first
    first=$(header x-content-hash)
    truncate -s 65536 "$work/edc.sqlite"
    http "/v1/centers/104/audit-report?format=json"
    equals "status with half a database" "$code" 503
    contains "what is said" "$(cat "$work/body")" 'edc'
    http /v1/echo
    equals "status of an echo" "$code" 200
    overwrite "$work/edc.sqlite" "$study/edc.sqlite"
    http "/v1/centers/103/audit-report?format=json"
    equals "status with the whole database again" "$code" 200
    equals "the same report again" "$(header x-content-hash)" "$first"
}

a_database_of_garbage_is_told_while_the_service_runs() {
    cp "$study/ctms.sqlite" "$work/ctms.sqlite"
    start_service --ctms "sqlite:$work/ctms.sqlite"
    start_gateway
    head -c "$(stat -c %s "$work/ctms.sqlite")" /dev/urandom >"$work/garbage"
    overwrite "$work/ctms.sqlite" "$work/garbage"
    http "/v1/centers/103/audit-report?format=json"
    equals "status with garbage" "$code" 503
    contains "what is said" "$(cat "$work/body")" 'ctms'
    overwrite "$work/ctms.sqlite" "$study/ctms.sqlite"
    http "/v1/centers/103/audit-report?format=json"
    equals "status with the database again" "$code" 200
}

without_fonts_the_service_does_not_start_and_says_so() {
    mkdir -p "$work/no-fonts"
    printf '<?xml version="1.0"?>\n<fontconfig><dir>%s</dir><cachedir>%s</cachedir></fontconfig>\n' \
        "$work/no-fonts" "$work/no-fonts" >"$work/fonts.conf"
    local exit_code=0
    FONTCONFIG_FILE=$work/fonts.conf "$service_binary" --listen tcp://127.0.0.1:0 \
        --admin 127.0.0.1:0 --spool-dir "$work" --edc "sqlite:$study/edc.sqlite" \
        --ctms "sqlite:$study/ctms.sqlite" >"$work/no-fonts.out" 2>&1 || exit_code=$?
    equals "exit code" "$exit_code" 69
    contains "what is said" "$(cat "$work/no-fonts.out")" 'font'
}

begin "$@"
lab_binary=$(dirname "$(dirname "$service_binary")")/report-service/stand_in/lab-stand-in
run_test the_laboratory_is_reconciled_and_its_plants_are_found
run_test a_laboratory_that_fails_is_named_in_a_report_that_comes
run_test a_laboratory_that_is_gone_and_comes_back_is_asked_again
run_test a_report_leaves_the_laboratory_a_quarter_of_its_time
run_test a_full_disk_is_said_and_the_service_goes_on
run_test a_database_that_is_cut_short_is_told_and_heals
run_test a_database_of_garbage_is_told_while_the_service_runs
run_test without_fonts_the_service_does_not_start_and_says_so
finish
