#!/usr/bin/env bash
# Where the time went: the traces of requests that ended well, were cancelled, ran out of time or were
# refused, and what every answer says of its time.
# shellcheck disable=SC2016 # jq has variables of its own
. "$(dirname "$0")/harness.sh"

report_path() {
    echo "/v1/centers/$site/audit-report?$1"
}

# trace ID: the trace in $work/trace, once it is done and its late spans have come.
trace() {
    http "/v1/traces/$1"
    equals "status of the trace" "$code" 200
    cp "$work/body" "$work/trace"
}

# holds NAME EXPRESSION: it is true of the trace.
holds() {
    if ! jq -e "$2" "$work/trace" >/dev/null; then
        echo "does not hold: $1"
        jq -c 'del(.spans), (.spans[] | [.name, .start_ms, .end_ms, .status, .is_wasted])' "$work/trace" | head -60
        return 1
    fi
}

has_span() {
    http "/v1/traces/$1"
    [[ $code == 200 ]] && jq -e --arg name "$2" '.spans | any(.name == $name)' "$work/body" >/dev/null
}

spans_lie_within_their_parents() {
    holds "every span but the request has a parent" \
        '[.spans[].span_id] as $ids | [.spans[1:][].parent_id] | all(. as $p | $ids | index($p))'
    holds "children lie within their parents" \
        '(.spans | map({key: .span_id, value: .}) | from_entries) as $by |
         [.spans[1:][] | . as $s | $by[.parent_id] | .start_ms <= $s.start_ms and $s.end_ms <= .end_ms] | all'
}

a_report_shows_the_spans_of_both_services() {
    new_trace
    http "$(report_path language=en)" -H "$traceparent"
    equals status "$code" 200
    until_true has_span "$trace_id" send
    trace "$trace_id"
    holds "it is done" '.state == "done"'
    spans_lie_within_their_parents
    local name
    for name in 'rpc AuditReport' AuditReport queue run build fetch:edc fetch:ctms sql db.begin rules sections \
        section blinding hash render layout draw fonts spool send; do
        holds "there is a span $name" ".spans | any(.name == \"$name\")"
    done
    holds "statements say what they read" '.spans | any(.name == "sql" and (.attributes.statement | startswith("SELECT")) and .attributes.rows > 0)'
    holds "the run takes most of the call" \
        '(.spans[] | select(.name == "run")) as $r | ($r.end_ms - $r.start_ms) > 0.5 * .elapsed_ms'
    holds "build and render make up the run" \
        '([.spans[] | select(.name == "build" or .name == "render" or .name == "hash") | .end_ms - .start_ms] | add) as $parts |
         (.spans[] | select(.name == "run")) as $r | $parts > 0.8 * ($r.end_ms - $r.start_ms)'
    holds "nothing was wasted" '[.spans[].is_wasted] | any | not'
    holds "the deadline is the route's" '.deadline_ms >= 60000 and .deadline_ms < 60010 and .deadline_origin == "route_default"'
    holds "the caller's span is named" '.spans[0].attributes.caller_span_id == "00f067aa0ba902b7"'
}

a_cancelled_report_shows_what_it_wasted() {
    new_trace
    in_background curl -s -o /dev/null -H "$traceparent" "http://$gateway_address$(report_path language=zh-CN)"
    until_true has_calls_in_flight 1
    kill -9 "$last_pid"
    wait_for_log "$gateway_log" rpc.end late=true "trace_id=$trace_id" >/dev/null
    trace "$trace_id"
    holds "it was cancelled by its client" \
        '.state == "done" and .status == "CANCELLED" and .http_status == 499 and .cause == "client_disconnected"'
    holds "when is said" '.cancelled_ms > 0 and .cancelled_ms <= .elapsed_ms'
    holds "there is wasted work" '.spans | any(.is_wasted and .service == "report-service")'
    holds "how long stopping took" \
        '.spans[] | select(.name == "stop") | .end_ms >= .start_ms and .is_wasted and .attributes.cause == "client_disconnected"'
    holds "what the stop cost is counted once" '[.spans[] | select(.wasted_cpu_ms > 0) | .name] | all(. == "stop")'
    holds "the call went on after its caller" '.spans[] | select(.name == "rpc AuditReport") | .attributes.abandoned_ms > 0'
}

a_deadline_that_passed_is_in_the_trace() {
    start_service --fault edc.delay=20s
    start_gateway
    new_trace
    http "$(report_path 'timeout=600ms&language=zh-CN&format=pdf')" -H "$traceparent"
    equals status "$code" 504
    until_true has_span "$trace_id" stop
    trace "$trace_id"
    holds "the deadline" '.deadline_ms >= 600 and .deadline_ms < 700 and .deadline_origin == "query:timeout"'
    holds "it was the cause" '.cause == "deadline_exceeded" and .status == "DEADLINE_EXCEEDED" and .http_status == 504'
    holds "it counts as the cancel" '.cancelled_ms >= 600'
}

a_refused_call_says_so() {
    start_service --workers 1 --queue-max 1
    start_gateway
    local i
    for i in 1 2; do # one runs, one waits
        in_background curl -s -o /dev/null "http://$gateway_address/v1/work?ms=20000"
        until_true has_calls_in_flight "$i"
    done
    new_trace
    http '/v1/work?ms=40' -H "$traceparent"
    equals status "$code" 429
    until_true has_span "$trace_id" queue
    trace "$trace_id"
    holds "nothing ran" '(.spans | any(.name == "run") | not) and .status == "RESOURCE_EXHAUSTED"'
    holds "it says why" '.spans | any(.name == "Work" and .attributes.refused == "queue full")'
}

a_running_request_can_be_looked_at() {
    new_trace
    in_background curl -s -o /dev/null -H "$traceparent" "http://$gateway_address/v1/sleep?ms=20000"
    until_true has_span "$trace_id" sleep
    trace "$trace_id"
    holds "it runs" '.state == "running" and .status == null and .http_status == null and .spans[0].end_ms == null'
    holds "its stage is the service's" '.spans[] | select(.name == "sleep") | .service == "report-service" and .end_ms == null'
    http '/v1/traces?state=running'
    contains "the list of running requests" "$(cat "$work/body")" "$trace_id"
}

what_is_no_trace_is_answered_in_words() {
    http /v1/traces/xyz
    equals status "$code" 400
    http /v1/traces/0af7651916cd43dd8448eb211c80319c
    equals status "$code" 404
    http '/v1/traces?state=asleep'
    equals status "$code" 400
    http '/v1/traces?limit=1&min_elapsed=1us'
    equals "traces in the list" "$(jq '.traces | length' "$work/body")" 1
}

every_answer_says_where_its_time_went() {
    local path
    for path in /healthz /v1/nothing /v1/echo /v1/centers '/v1/echo?len=x' "$(report_path timeout=5ms)" \
        "$(report_path language=en)"; do
        http "$path"
        contains "Server-Timing of $path ($code)" "$(header server-timing)" '^total;dur=[0-9.]+'
    done
    local stage
    for stage in rpc run queue build render db fetch-edc sections layout hash; do
        contains "stages of a report" "$(header server-timing)" "(^|, )$stage;dur=[0-9]"
    done
    http /v1/echo
    contains "stages of an echo" "$(header server-timing)" 'queue;dur=[0-9.]+, run;dur='
}

# The rest is told behind the body, to who takes that.
a_chunked_answer_ends_with_trailers() {
    local study
    study=$(jq -r '.centers[0].study' <(curl -s "http://$gateway_address/v1/centers"))
    exec 8<>"/dev/tcp/${gateway_address%:*}/${gateway_address##*:}"
    printf 'POST /v1/studies/%s/audit-reports?format=json HTTP/1.1\r\nHost: test\r\nTE: trailers\r\nConnection: close\r\nContent-Length: 0\r\n\r\n' \
        "$study" >&8
    timeout 20 cat <&8 >"$work/raw"
    exec 8>&-
    contains "the head" "$(head -c 1000 "$work/raw" | tr -d '\0')" 'Trailer: Server-Timing'
    contains "the end" "$(tail -c 400 "$work/raw" | tr -d '\0')" '^Server-Timing: total;dur=.*run;dur='
}

w3c_headers_come_out_as_they_went_in() {
    http /v1/echo -H 'traceparent: ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    contains "a trace of its own for version ff" "$(header x-trace-id)" '^[0-9a-f]{32}$'
    [[ $(header x-trace-id) != 0af7651916cd43dd8448eb211c80319c ]]
    http /v1/echo -H 'traceparent: 01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later'
    equals "the trace of a later version" "$(header x-trace-id)" 0af7651916cd43dd8448eb211c80319c
    http /v1/echo -H 'traceparent: 00-00000000000000000000000000000000-b7ad6b7169203331-01'
    [[ $(header x-trace-id) != 00000000000000000000000000000000 ]]
}

# 1,000 requests at once: all of them answered, and no more traces kept than there should be.
a_thousand_requests_keep_the_bound() {
    seq 1000 | sed "s|.*|url = \"http://$gateway_address/v1/sleep?ms=50\"\\noutput = /dev/null|" >"$work/many"
    curl -s --parallel --parallel-max 300 --parallel-immediate -K "$work/many"
    http '/v1/traces?limit=200&state=done'
    equals "traces in the list" "$(jq '[.traces[] | select(.path == "/v1/sleep")] | length' "$work/body")" 100
}

# Both ends of a trace that are not ours: a caller's headers reach the laboratory, and every span a
# collector. The gateway ends at once: what is queued goes out then.
a_trace_goes_through_to_the_laboratory_and_to_the_collector() {
    local asked=$work/asked
    touch "$asked"
    in_background python3 tests/support/http_recorder.py "$work/port" "$asked"
    until_true test -s "$work/port"
    local beside
    beside=http://127.0.0.1:$(cat "$work/port")
    start_service --lab "$beside"
    start_gateway --otlp "$beside/v1/traces" --otlp-header 'X-Key: of the collector'
    new_trace
    http "$(report_path format=json)" -H "$traceparent" -H 'tracestate: rojo=00f067aa0ba902b7, congo=t61rcWkgMzE'
    equals status "$code" 200
    local to_lab
    to_lab=$(jq -c 'select(.method == "GET")' "$asked" | sed -n 1p)
    equals "the tracestate" "$(jq -r '.headers.tracestate' <<<"$to_lab")" 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE'
    contains "the traceparent" "$(jq -r '.headers.traceparent' <<<"$to_lab")" "^00-$trace_id-[0-9a-f]{16}-01\$"
    stop_one "$gateway_pid"
    gateway_pid=$gateway_of_file
    jq -c 'select(.path == "/v1/traces")' "$asked" >"$work/exported"
    equals "the collector's header" "$(jq -r '.headers["x-key"]' "$work/exported" | sort -u)" 'of the collector'
    jq -s -c --arg id "$trace_id" '{spans: [.[].body | fromjson | .resourceSpans[] |
        .resource.attributes[0].value.stringValue as $service |
        .scopeSpans[].spans[] | select(.traceId == $id) + {service: $service}]}' "$work/exported" >"$work/trace"
    local lab_span
    lab_span=$(jq -r '.headers.traceparent | split("-")[2]' <<<"$to_lab")
    holds "the request is the caller's child" \
        '.spans | any(.name == "GET /v1/centers/'"$site"'/audit-report" and .service == "api-gateway" and .parentSpanId == "00f067aa0ba902b7")'
    holds "the service's spans are its own" '.spans | any(.name == "AuditReport" and .service == "report-service")'
    holds "what the laboratory was told is a span" '.spans | any(.spanId == "'"$lab_span"'" and .name == "http")'
    holds "every span but the request has its parent" \
        '[.spans[].spanId] as $ids | [.spans[].parentSpanId] | map(select(. as $p | $ids | index($p) | not)) == ["00f067aa0ba902b7"]'
}

# as TOKEN PATH [CURL ARGUMENT...]
as() {
    http "$2" -H "Authorization: Bearer $1" "${@:3}"
}

# Two names of the greatest length that differ in the end only, a name that both begin with, and an
# admin. All of them use one trace id.
everybody_sees_the_own_requests_and_admins_see_all() {
    local name name_max=128 owner other start admin
    name=$(printf "a%.0s" $(seq $((name_max - 1))))
    printf '%064x\n' 1 >"$work/rpc.key"
    chmod 600 "$work/rpc.key"
    owner=$("$token_binary" --name "${name}1" --role viewer --sites '*' --append "$work/tokens")
    other=$("$token_binary" --name "${name}2" --role viewer --sites '*' --append "$work/tokens")
    start=$("$token_binary" --name "${name::63}" --role viewer --sites '*' --append "$work/tokens")
    admin=$("$token_binary" --name admin --role admin --sites '*' --append "$work/tokens")
    start_service --rpc-key-file "$work/rpc.key"
    start_gateway --rpc-key-file "$work/rpc.key" --auth-tokens "$work/tokens"
    new_trace
    as "$owner" /v1/echo -H "$traceparent"
    equals "status of the request" "$code" 200
    as "$owner" "/v1/traces/$trace_id"
    equals "status for the owner" "$code" 200
    equals "requests for the owner" "$(jq .requests "$work/body")" 1
    local who
    for who in "$other" "$start"; do
        as "$who" "/v1/traces/$trace_id"
        equals "status for another" "$code" 404
        as "$who" '/v1/traces?all=1'
        equals "traces of another's in the list" "$(jq --arg id "$trace_id" '[.traces[] | select(.trace_id == $id)] | length' "$work/body")" 0
    done
    as "$other" /v1/echo -H "$traceparent"
    as "$other" "/v1/traces/$trace_id"
    equals "principals that the other one sees" "$(jq -c '[.spans[].attributes.principal | values] | unique' "$work/body")" "[\"${name}2\"]"
    as "$admin" "/v1/traces/$trace_id"
    equals "requests for an admin" "$(jq .requests "$work/body")" 2
    as "$admin" '/v1/traces?all=1'
    contains "the admin's list" "$(cat "$work/body")" "\"${name}1\""
}

begin "$@"
token_binary=$(dirname "$gateway_binary")/walkie-token
start_service
start_gateway --traces-max 100
site=$(sites | sed -n 1p)
run_test a_report_shows_the_spans_of_both_services
run_test a_cancelled_report_shows_what_it_wasted
run_test a_deadline_that_passed_is_in_the_trace
run_test a_refused_call_says_so
run_test a_running_request_can_be_looked_at
run_test what_is_no_trace_is_answered_in_words
run_test every_answer_says_where_its_time_went
run_test a_chunked_answer_ends_with_trailers
run_test w3c_headers_come_out_as_they_went_in
run_test a_trace_goes_through_to_the_laboratory_and_to_the_collector
run_test everybody_sees_the_own_requests_and_admins_see_all
run_test a_thousand_requests_keep_the_bound
finish
