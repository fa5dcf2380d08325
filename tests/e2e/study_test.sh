#!/usr/bin/env bash
# A whole study's reports as one zip over HTTP: what is in it, what comes first, what a second request
# with the same Idempotency-Key does not make again, and how a run stops.
. "$(dirname "$0")/harness.sh"

path=/v1/studies/WLK-301/audit-reports
kept='' # set by each test that keeps something

# post QUERY [CURL ARGUMENT...]
post() {
    local query=$1
    shift
    http "$path?$query" -X POST "$@"
}

# manifest NAME: the value of a number or text at the top of the manifest.
manifest() {
    unzip -p "$work/body" manifest.json | sed -nE "s/^  \"$1\": \"?([^\",]*)\"?,?\$/\1/p"
}

new_key() {
    key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
}

# The manifest against the files, by Python's own zip reader: names, lengths, SHA-256.
check_zip() {
    python3 - "$1" <<'PYTHON'
import hashlib, json, sys, zipfile
bundle = zipfile.ZipFile(sys.argv[1])
assert bundle.testzip() is None
manifest = json.loads(bundle.read("manifest.json"))
reports = [report for report in manifest["reports"] if "file" in report]
assert {report["file"] for report in reports} | {"manifest.json"} == set(bundle.namelist())
assert manifest["sites"] == len(manifest["reports"])
assert manifest["made"] + manifest["reused"] == len(reports)
for report in reports:
    data = bundle.read(report["file"])
    assert len(data) == report["bytes"], report
    assert hashlib.sha256(data).hexdigest() == report["sha256"], report
    assert report["content_hash"] and set(report["findings"]) == {
        "critical", "major", "minor", "recommendation"}
print(*(f'{report["site_no"]} {report["sha256"]} {report["content_hash"]}' for report in reports),
      sep="\n")
PYTHON
}

a_study_is_one_zip_of_the_same_reports_that_single_requests_get() {
    post 'format=pdf&language=zh-CN'
    equals status "$code" 200
    equals "content type" "$(header content-type)" application/zip
    contains disposition "$(header content-disposition)" '^attachment; filename="audit-reports-WLK-301-zh-CN\.zip"'
    mv "$work/body" "$work/study.zip"
    unzip -tqq "$work/study.zip"
    check_zip "$work/study.zip" >"$work/listed"
    equals "number of reports" "$(wc -l <"$work/listed")" "$(wc -l <<<"$all_sites")"
    local number sha256 content_hash
    while read -r number sha256 content_hash; do
        http "/v1/centers/$number/audit-report?format=pdf&language=zh-CN"
        equals "SHA-256 of site $number" "$(header x-content-sha256)" "$sha256"
        equals "content hash of site $number" "$(header x-content-hash)" "$content_hash"
    done < <(head -n 3 "$work/listed")
}

every_format_and_parameter_is_that_of_the_single_report() {
    local format
    for format in json csv xlsx; do
        http "$path" -X POST -H 'Content-Type: application/json' \
            -d "{\"format\":\"$format\",\"as_of\":\"2025-03-31\",\"sections\":\"1,4\",\"final\":true}"
        equals "status of $format" "$code" 200
        check_zip "$work/body" >"$work/listed"
        equals "as_of" "$(manifest as_of)" 2025-03-31
        equals "is_final" "$(manifest is_final)" true
    done
}

the_same_study_gives_the_same_bytes() {
    post format=json
    mv "$work/body" "$work/first"
    post format=json
    cmp "$work/first" "$work/body"
}

what_is_wrong_is_said_before_the_first_byte() {
    http /v1/studies/NO-SUCH/audit-reports -X POST
    equals "status of an unknown study" "$code" 404
    post as_of=yesterday
    equals "status of a wrong day" "$code" 400
    post format=docx
    equals "status of a wrong format" "$code" 400
    post '' -H 'Idempotency-Key: short'
    equals "status of a short key" "$code" 400
    post '' -H 'Idempotency-Key: 0123456789 0123456789'
    equals "status of a key with a blank" "$code" 400
    post '' -H "Idempotency-Key: $(printf 'k%.0s' {1..256})"
    equals "status of a long key" "$code" 400
    http "$path"
    equals "status of GET" "$code" 405
}

a_key_is_for_one_request_and_one_caller_at_a_time() {
    new_key
    post format=json -H "Idempotency-Key: \"$key\""
    equals status "$code" 200
    equals made "$(manifest made)" "$(wc -l <<<"$all_sites")"
    post format=json -H "Idempotency-Key: $key" # without quotes it is the same
    equals reused "$(manifest reused)" "$(wc -l <<<"$all_sites")"
    check_zip "$work/body" >/dev/null
    post format=json\&language=zh-CN -H "Idempotency-Key: $key"
    equals "status of another request" "$code" 422
    contains problem "$(cat "$work/body")" 'another request'
}

# A few pages a site, each of which takes its time: a run lasts for some seconds.
slow='format=pdf&sections=1'

slow_services() {
    kept=$work/kept-$RANDOM
    start_services --fault render.delay=60ms --results-dir "$kept"
}

stop_ms_max=20
tries=5 # the first stop that is quick enough counts: others use the machine, too

# begin_run [CURL ARGUMENT...]: in the background, into $work/part; returns when two more reports are there.
begin_run() {
    local before
    before=$(count_reports)
    : >"$work/part"
    in_background curl -sS -N -o "$work/part" -X POST --max-time 60 "$@" \
        "http://$gateway_address$path?$slow"
    run_pid=$last_pid
    until_true has_reports $((before + 2))
}

count_reports() {
    find "$kept" -name '?*.report' -size +0 2>/dev/null | wc -l || true # there is no folder at first
}

has_reports() {
    (($(count_reports) >= $1))
}

a_killed_service_goes_on_where_it_was() {
    slow_services
    new_key
    begin_run -H "Idempotency-Key: $key"
    kill -9 "$service_pid"
    await_exit "$run_pid"
    equals "curl's exit code" "$exit_code" 18 # the transfer ended before its end
    if unzip -tqq "$work/part" >"$work/unzip" 2>&1; then
        echo "what was broken off is taken for whole"
        return 1
    fi
    local before
    before=$(find "$kept" -name '?*.report' | wc -l)
    wait "$service_pid" || true
    kill_and_wait "$gateway_pid" || true
    start_services --results-dir "$kept"
    post "$slow" -H "Idempotency-Key: $key"
    equals status "$code" 200
    at_least reused "$(manifest reused)" 2
    at_most reused "$(manifest reused)" "$before"
    equals "made and reused" "$(($(manifest made) + $(manifest reused)))" "$(wc -l <<<"$all_sites")"
    check_zip "$work/body" >/dev/null
    local line
    line=$(wait_for_log "$service_log" study.done status=OK)
    equals "reused in the log" "$(field "$line" reused)" "$(manifest reused)"
    equals "temporary files" "$(find "$kept" -name '.*' -type f | wc -l)" 0
}

a_second_client_with_the_key_is_told_to_wait() {
    slow_services
    new_key
    begin_run -H "Idempotency-Key: $key"
    post "$slow" -H "Idempotency-Key: $key"
    equals status "$code" 409
    contains problem "$(cat "$work/body")" 'under way'
    await_exit "$run_pid"
    equals "the first client's exit code" "$exit_code" 0
    unzip -tqq "$work/part"
}

a_client_that_leaves_stops_the_run_and_leaves_only_what_is_finished() {
    slow_services
    local i least_ms
    for ((i = 1; i <= tries; i++)); do
        new_key
        begin_run -H "Idempotency-Key: $key"
        kill "$run_pid"
        until_true has_stopped "$i" cause=client_disconnected
        until_true has_calls_in_flight 0
        equals "half-written files" "$(find "$kept" "$work" -name '.r*' -type f | wc -l)" 0
        equals "files of the spool" "$(find "$work" -name 'walkie-report.*' | wc -l)" 0
        has_reports $((2 * i))
        least_ms=$(figures "$service_log" ctx.stopped stop_latency_ms | least)
        if at_most "least stop latency" "$least_ms" "$stop_ms_max"; then
            return
        fi
    done
    return 1
}

# has_stopped N [FIELD=VALUE...]: so many times, in all.
has_stopped() {
    (($(find_log "$service_log" ctx.stopped "${@:2}" | wc -l) >= $1))
}

a_run_that_has_no_time_left_is_cut_and_goes_on_later() {
    slow_services
    new_key
    curl_code=0
    post "$slow&timeout=2s" -H "Idempotency-Key: $key"
    equals "curl's exit code" "$curl_code" 18
    wait_for_log "$service_log" study.done status=DEADLINE_EXCEEDED
    until_true has_calls_in_flight 0
    post "$slow" -H "Idempotency-Key: $key"
    equals status "$code" 200
    at_least reused "$(manifest reused)" 1
}

a_disk_that_is_full_is_said_and_nothing_is_half_written() {
    kept=$work/full
    mkdir -m 700 "$kept"
    mkdir "$kept-spool"
    # The service may write no file above 64 KiB: reports are longer.
    (
        ulimit -f 64
        exec "$service_binary" --listen tcp://127.0.0.1:0 --admin 127.0.0.1:0 --log-format json \
            --edc "sqlite:$study/edc.sqlite" --ctms "sqlite:$study/ctms.sqlite" \
            --spool-dir "$kept-spool" --results-dir "$kept" 2>"$work/full.log"
    ) &
    background_pids="$background_pids $!"
    until_true log_has "$work/full.log" service.ready
    service_address=$(field "$(find_log "$work/full.log" service.ready)" address)
    start_gateway
    local format
    for format in pdf xlsx; do
        new_key
        post "format=$format" -H "Idempotency-Key: $key"
        equals "status of $format" "$code" 503
        contains problem "$(cat "$work/body")" 'spool'
    done
    equals "files left" "$(find "$kept" "$kept-spool" -type f ! -name request | wc -l)" 0
}

walkie_call_shows_the_progress_and_ctrl_c_stops_the_run() {
    slow_services
    local call i pid
    call=$(dirname "$gateway_binary")/walkie-call
    for ((i = 1; i <= tries; i++)); do
        "$call" StudyAuditReports '{"study":"WLK-301","sections":2}' --backend "$service_address" --progress \
            --output "$work/called.zip" >"$work/answer" 2>"$work/progress" &
        pid=$!
        background_pids="$background_pids $pid"
        until_true grep -q "sites 2/$(wc -l <<<"$all_sites")" "$work/progress"
        kill -INT "$pid"
        await_exit "$pid"
        equals "exit code" "$exit_code" 130
        [[ ! -e $work/called.zip ]]
        until_true has_stopped "$i"
        if at_most "least stop latency" "$(figures "$service_log" ctx.stopped stop_latency_ms | least)" "$stop_ms_max"; then
            return
        fi
    done
    return 1
}

single_reports_go_on_beside_a_run() {
    kept=$work/kept-beside
    start_services --fault render.delay=200ms --results-dir "$kept" # a run that outlasts them
    begin_run -H "Idempotency-Key: aaaaaaaaaaaaaaaaaaaa"
    local i
    for i in 1 2 3; do
        http "/v1/centers/$site/audit-report?format=json&timeout=20s"
        equals "status of report $i" "$code" 200
    done
    ! is_gone "$run_pid"
    kill "$run_pid"
}

begin "$@"
start_services || exit 1
all_sites=$(sites)
site=$(head -n 1 <<<"$all_sites")
run_test a_study_is_one_zip_of_the_same_reports_that_single_requests_get
run_test every_format_and_parameter_is_that_of_the_single_report
run_test the_same_study_gives_the_same_bytes
run_test what_is_wrong_is_said_before_the_first_byte
run_test a_key_is_for_one_request_and_one_caller_at_a_time
run_test a_killed_service_goes_on_where_it_was
run_test a_second_client_with_the_key_is_told_to_wait
run_test a_client_that_leaves_stops_the_run_and_leaves_only_what_is_finished
run_test a_run_that_has_no_time_left_is_cut_and_goes_on_later
run_test a_disk_that_is_full_is_said_and_nothing_is_half_written
run_test walkie_call_shows_the_progress_and_ctrl_c_stops_the_run
run_test single_reports_go_on_beside_a_run
finish
