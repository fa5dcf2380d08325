#!/usr/bin/env bash
# walkie-call, a client for people and scripts: what it prints, where, and with which exit code.
. "$(dirname "$0")/harness.sh"
. "$(dirname "$0")/departures.sh"

site=101 # of the demonstration study

# call ARGUMENT...: sets exit_code; standard output and error are in $work/out and $work/err.
call() {
    exit_code=0
    "$call_binary" --backend "$service_address" "$@" >"$work/out" 2>"$work/err" </dev/null || exit_code=$?
}

# call_in_background ARGUMENT...: sets last_pid.
call_in_background() {
    in_background "$call_binary" --backend "$service_address" "$@" >"$work/out" 2>"$work/err" </dev/null
}

out() { cat "$work/out"; }
err() { cat "$work/err"; }

# account FIELD: of the account that --json prints.
account() {
    field "$(tail -n 1 "$work/err")" "$1"
}

the_methods_are_listed_with_kind_and_timeouts() {
    call --list
    equals "exit code" "$exit_code" 0
    contains list "$(out)" '^walkie.report.v1.ReportService/Echo +unary +5s +30s +- +idempotent,inline +EchoRequest -> EchoReply$'
    contains list "$(out)" '^walkie.report.v1.ReportService/AuditReport +stream +60s +600s +reports +idempotent +AuditReportRequest -> AuditReportHead$'
    contains list "$(out)" '^walkie.rpc.v1.Reflection/Describe +unary .*builtin'
    call --list --json
    contains "list as JSON" "$(out)" '^\{"server":"report-service","methods":\[\{"method":"walkie.report.v1.ReportService/Echo","kind":"unary","timeout_default_ms":5000,'
}

a_method_is_described_with_its_messages_and_comments() {
    call --describe AuditReport
    equals "exit code" "$exit_code" 0
    contains description "$(out)" '^// A head, then the file in chunks\.$'
    contains description "$(out)" '^rpc walkie.report.v1.ReportService/AuditReport\(walkie.report.v1.AuditReportRequest\) returns \(stream walkie.report.v1.AuditReportHead\);$'
    contains description "$(out)" '^  string study = 2;  // empty: the only study that has the site$'
    contains description "$(out)" '^  FORMAT_JSON = 1;$'
    call --describe walkie.report.v1.Center
    contains description "$(out)" '^message walkie.report.v1.Center \{$'
    call --describe Format
    equals description "$(out | sed -n 1p)" 'enum walkie.report.v1.Format {'
    call --describe Formatt
    equals "exit code of a wrong name" "$exit_code" 2
}

an_answer_is_one_line_of_json_and_the_account_goes_to_standard_error() {
    call Echo '{"payload":"aGVsbG8="}'
    equals "exit code" "$exit_code" 0
    equals answer "$(out)" '{"payload":"aGVsbG8="}'
    contains account "$(err)" '^walkie-call: Echo: OK after [0-9.]+ ms$'
    contains account "$(err)" '^account: committed; queue [0-9.]+ ms, run [0-9.]+ ms, cpu [0-9.]+ ms; trace [0-9a-f]{32}$'
    call Echo --quiet
    equals "answer to nothing" "$(out)" '{}'
    equals "standard error of --quiet" "$(err)" ''
}

the_request_comes_from_a_file_or_standard_input_too() {
    echo '{"reply_len": 3}' >"$work/request.json"
    call Echo "@$work/request.json"
    equals answer "$(out)" '{"payload":"AAAA"}'
    equals "answer to standard input" \
        "$("$call_binary" --backend "$service_address" Echo - --quiet <"$work/request.json")" '{"payload":"AAAA"}'
    call Echo "@$work/no-such-file"
    equals "exit code" "$exit_code" 2
    contains words "$(err)" 'no-such-file: cannot be opened: No such file or directory'
}

trace_and_metadata_travel_with_the_call() {
    new_trace
    call Echo --trace "$trace_id" --metadata principal=ward-7 --metadata note=a=b
    equals "exit code" "$exit_code" 0
    contains account "$(err)" "trace $trace_id"
    wait_for_log "$service_log" rpc.recv "trace_id=$trace_id"
    call Echo --trace "00-$trace_id-00f067aa0ba902b7-01" --json
    equals trace "$(account trace_id)" "$trace_id"
    call Echo --trace xyz
    equals "exit code" "$exit_code" 2
    contains words "$(err)" '--trace xyz: a traceparent'
    call Echo --metadata UPPER=1
    equals "exit code" "$exit_code" 2
    contains words "$(err)" '--metadata UPPER=1: a key is of'
}

a_report_comes_into_its_file_with_progress() {
    start_gateway
    call AuditReport "{\"site_no\":\"$site\",\"language\":\"en\"}" --output "$work/report.pdf" --progress
    equals "exit code" "$exit_code" 0
    local sha
    sha=$(sha256sum <"$work/report.pdf")
    equals "SHA-256 in the head" "$(field "$(out)" sha256)" "${sha%% *}"
    contains progress "$(err)" '^progress: (fetch|render|build)'
    http "/v1/centers/$site/audit-report?language=en"
    equals "SHA-256 over HTTP" "$(header x-content-sha256)" "${sha%% *}"
    "$call_binary" --backend "$service_address" AuditReport "{\"site_no\":\"$site\",\"language\":\"en\"}" \
        --output - --quiet >"$work/piped.pdf"
    cmp "$work/report.pdf" "$work/piped.pdf"
}

a_stream_wants_to_know_where_its_bytes_go() {
    call AuditReport "{\"site_no\":\"$site\"}"
    equals "exit code" "$exit_code" 2
    contains words "$(err)" 'answers with a stream of bytes: say --output FILE'
}

bytes_do_not_go_to_a_terminal_and_json_is_pretty_there() {
    local told result=0
    told=$(script -qec "'$call_binary' --backend $service_address AuditReport '{}' --output -" /dev/null) || result=$?
    equals "exit code" "$result" 2
    contains words "$told" 'bytes are not written to a terminal'
    told=$(script -qec "'$call_binary' --backend $service_address Echo '{\"reply_len\":3}' --quiet" /dev/null | tr -d '\r')
    equals answer "$told" $'{\n  "payload": "AAAA"\n}'
}

tls_needs_an_authority_that_the_service_has() {
    deploy/certificates "$work/tls" >"$work/tls.log" 2>&1
    deploy/certificates "$work/other" >>"$work/tls.log" 2>&1
    start_service --listen tls+tcp://127.0.0.1:0 --tls-cert "$work/tls/report-service.pem" \
        --tls-key "$work/tls/report-service.key" --tls-ca "$work/tls/ca.pem"
    local client=(--tls-server-name report-service
        --tls-cert "$work/tls/api-gateway.pem" --tls-key "$work/tls/api-gateway.key")
    call Echo '{"reply_len":3}' "${client[@]}" --tls-ca "$work/tls/ca.pem"
    equals "exit code" "$exit_code" 0
    equals answer "$(out)" '{"payload":"AAAA"}'
    call Echo "${client[@]}" --tls-ca "$work/other/ca.pem" --connect-timeout 500ms
    equals "exit code of a strange authority" "$exit_code" 69
    contains words "$(err)" "no connection within 0.5 s: .*the service's certificate is not accepted"
    call Echo --tls-ca "$work/no-such.pem"
    equals "exit code of a missing file" "$exit_code" 2
}

what_is_wrong_with_a_request_is_said_before_the_call() {
    call Echo '{"payload":'
    equals "exit code of bad JSON" "$exit_code" 2
    contains words "$(err)" 'the JSON, line 1, column 11'
    call Echo '{"paylod":""}'
    equals "exit code of an unknown field" "$exit_code" 2
    contains words "$(err)" 'walkie.report.v1.EchoRequest has no field "paylod"; did you mean payload\?; known: payload, reply_len'
    call Echo '{"reply_len":-1}'
    contains words "$(err)" 'reply_len: -1 is no uint32'
    call Ecko
    equals "exit code of a wrong method" "$exit_code" 2
    contains words "$(err)" 'report-service has no method "Ecko"; did you mean Echo\?'
    call Echo --timout 3s
    equals "exit code of a wrong flag" "$exit_code" 2
    contains words "$(err)" 'did you mean --timeout\?'
    call
    equals "exit code of nothing" "$exit_code" 2
    contains words "$(err)" 'METHOD is missing'
}

a_status_of_the_service_is_named_and_ends_in_1() {
    call AuditReport '{"site_no":"no-such-site"}' --output "$work/none.pdf"
    equals "exit code" "$exit_code" 1
    contains words "$(err)" '^walkie-call: AuditReport: NOT_FOUND after .* ms: .*no-such-site'
    equals "files left behind" "$(find "$work" -name 'none.pdf*')" ''
}

a_timeout_ends_in_124_with_the_account_of_the_service() {
    start_service --fault edc.delay=20s
    call AuditReport "{\"site_no\":\"$site\"}" --output "$work/late.pdf" --timeout 1s --json
    equals "exit code" "$exit_code" 124
    equals status "$(account status)" DEADLINE_EXCEEDED
    equals cause "$(account cause)" deadline_exceeded
    equals outcome "$(account outcome)" stopped
    contains stage "$(account stage)" '^fetch:'
    at_least elapsed_ms "$(account elapsed_ms)" 1000
    at_most stop_latency_ms "$(account stop_latency_ms)" "$stop_ms_max"
    equals "files left behind" "$(find "$work" -name 'late.pdf*')" ''
}

ctrl_c_cancels_and_tells_what_became_of_the_work() {
    call_in_background Work '{"ms":60000}' --timeout 60s --json
    wait_for_log "$service_log" rpc.admit "method=.*/Work"
    kill -INT "$last_pid"
    await_exit "$last_pid"
    equals "exit code" "$exit_code" 130
    equals status "$(account status)" CANCELLED
    equals cause "$(account cause)" user_cancelled
    equals outcome "$(account outcome)" stopped
    equals stage "$(account stage)" work
    at_most stop_latency_ms "$(account stop_latency_ms)" "$stop_ms_max"
    at_least cpu_ms "$(account cpu_ms)" 0.1
    wait_for_log "$service_log" ctx.stopped "trace_id=$(account trace_id)" cause=user_cancelled
}

ctrl_c_ends_the_wait_for_a_connection() {
    in_background "$call_binary" --backend tcp://127.0.0.1:1 --connect-timeout 60s Echo --log-level warn \
        >"$work/out" 2>"$work/err" </dev/null
    until_true grep -q rpc.dial_failed "$work/err"
    kill -INT "$last_pid"
    await_exit "$last_pid"
    equals "exit code" "$exit_code" 130
    contains words "$(err)" 'interrupted before there was a connection'
}

a_second_ctrl_c_does_not_wait() {
    start_service
    call_in_background Sleep '{"ms":60000}' --timeout 60s
    wait_for_log "$service_log" rpc.admit "method=.*/Sleep"
    kill -STOP "$service_pid" # so that no END comes
    until_true is_standing_still "$service_pid"
    kill -INT "$last_pid"
    until_true has_no_other_signal "$last_pid"
    kill -INT "$last_pid"
    await_exit "$last_pid"
    equals "exit code" "$exit_code" 130
    equals "standard error" "$(err)" ''
}

is_standing_still() {
    ! sed 's/.*) //' "/proc/$1"/task/*/stat | grep -qv '^T'
}

# The first SIGINT has been taken in: none is pending.
has_no_other_signal() {
    is_gone "$1" || grep -q '^ShdPnd:[[:space:]]*0*$' "/proc/$1/status"
}

no_service_ends_in_69() {
    call Echo --backend tcp://127.0.0.1:1 --connect-timeout 100ms
    equals "exit code" "$exit_code" 69
    contains words "$(err)" 'no connection within 0.1 s: tcp://127.0.0.1:1: Connection refused \('
    call Echo --backend 127.0.0.1:9090
    equals "exit code of a wrong address" "$exit_code" 2
    contains words "$(err)" '--backend: '
}

a_service_that_dies_ends_the_call_in_69() {
    start_service
    call_in_background Sleep '{"ms":60000}' --timeout 60s
    wait_for_log "$service_log" rpc.admit "method=.*/Sleep"
    kill -KILL "$service_pid"
    await_exit "$last_pid"
    equals "exit code" "$exit_code" 69
    contains words "$(err)" 'Sleep: UNAVAILABLE after .*connection to .* lost; outcome unknown'
    contains account "$(err)" '^account: unknown; the service has said nothing of it'
}

a_service_may_keep_its_methods_to_itself() {
    start_service --no-reflection
    call --list
    equals "exit code" "$exit_code" 1
    contains words "$(err)" 'the service does not describe itself: it was started with --no-reflection'
}

an_answer_that_cannot_be_written_ends_in_74() {
    call AuditReport "{\"site_no\":\"$site\"}" --output /dev/full
    equals "exit code of a full disk" "$exit_code" 74
    contains words "$(err)" '/dev/full: cannot be written: No space left on device'
    exit_code=0
    "$call_binary" --backend "$service_address" Echo >&- 2>"$work/err" || exit_code=$?
    equals "exit code of a closed standard output" "$exit_code" 74
    contains words "$(err)" 'standard output: cannot be written: Bad file descriptor'
    exit_code=0
    "$call_binary" --backend "$service_address" ListCenters >/dev/full 2>"$work/err" || exit_code=$?
    equals "exit code of a full standard output" "$exit_code" 74
    call AuditReport "{\"site_no\":\"$site\"}" --output "$work/no-such-folder/x.pdf"
    equals "exit code of a missing folder" "$exit_code" 74
}

begin "$@"
call_binary=$(dirname "$gateway_binary")/walkie-call
start_service || exit 1
run_test the_methods_are_listed_with_kind_and_timeouts
run_test a_method_is_described_with_its_messages_and_comments
run_test an_answer_is_one_line_of_json_and_the_account_goes_to_standard_error
run_test the_request_comes_from_a_file_or_standard_input_too
run_test trace_and_metadata_travel_with_the_call
run_test a_report_comes_into_its_file_with_progress
run_test a_stream_wants_to_know_where_its_bytes_go
run_test bytes_do_not_go_to_a_terminal_and_json_is_pretty_there
run_test tls_needs_an_authority_that_the_service_has
run_test what_is_wrong_with_a_request_is_said_before_the_call
run_test a_status_of_the_service_is_named_and_ends_in_1
run_test a_timeout_ends_in_124_with_the_account_of_the_service
run_test ctrl_c_cancels_and_tells_what_became_of_the_work
run_test ctrl_c_ends_the_wait_for_a_connection
run_test a_second_ctrl_c_does_not_wait
run_test no_service_ends_in_69
run_test a_service_that_dies_ends_the_call_in_69
run_test a_service_may_keep_its_methods_to_itself
run_test an_answer_that_cannot_be_written_ends_in_74
finish
