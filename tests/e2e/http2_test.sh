#!/usr/bin/env bash
# HTTP/2 with clients that nobody here wrote: curl, nghttp, h2load; and a client that floods.
. "$(dirname "$0")/harness.sh"

# get_h2 PATH [CURL_OPTION...]: its answer's body in $work/body; sets `said`: "status version".
get_h2() {
    local path=$1
    shift
    said=$(curl -s --http2-prior-knowledge --max-time 10 -o "$work/body" -w '%{http_code} %{http_version}' \
        "$@" "http://$gateway_address$path")
}

curl_nghttp_and_h2load_are_served() {
    new_trace
    get_h2 /v1/echo -H "$traceparent"
    equals curl "$said" "200 2"
    wait_for_log "$gateway_log" http.response "trace_id=$trace_id" protocol=HTTP/2 status=200 >/dev/null
    nghttp "http://$gateway_address/v1/echo" | wc -c >"$work/len"
    equals nghttp "$(cat "$work/len")" 1024
    h2load -c 8 -m 32 -n 2000 "http://$gateway_address/v1/echo" >"$work/load"
    contains h2load "$(cat "$work/load")" "2000 succeeded, 0 failed, 0 errored"
    contains h2load "$(cat "$work/load")" "2000 2xx"
}

# They pause, which the queue of a class that computes would not have room for.
thousands_sleep_at_once() {
    h2load -c 30 -m 100 -n 3000 "http://$gateway_address/v1/sleep?ms=1000" >"$work/load"
    contains h2load "$(cat "$work/load")" "3000 2xx"
    until_true has_calls_in_flight 0
}

a_report_is_the_same_over_both_versions() {
    local path="/v1/centers/$site/audit-report?format=json&as_of=2026-01-01"
    get_h2 "$path"
    equals status "$said" "200 2"
    mv "$work/body" "$work/h2.json"
    curl -s --http1.1 -o "$work/h1.json" "http://$gateway_address$path"
    cmp "$work/h1.json" "$work/h2.json"
}

what_is_refused_over_http_1_is_refused_over_http_2() {
    get_h2 "/v1/centers/%2e%2e/audit-report"
    equals status "$said" "400 2"
    get_h2 /nowhere
    equals status "$said" "404 2"
    head -c 2000000 /dev/zero >"$work/big"
    get_h2 "/v1/centers/$site/audit-report" --data-binary "@$work/big"
    equals status "$said" "413 2"
    get_h2 /v1/echo -H "x-long: $(head -c 17000 /dev/zero | tr '\0' x)"
    equals status "$said" "431 2"
}

# work_has_stopped HOW: the gateway saw the client leave so, and the service stopped.
work_has_stopped() {
    wait_for_log "$gateway_log" http.disconnect "trace_id=$trace_id" "how=$1" protocol=HTTP/2 >/dev/null
    wait_for_log "$service_log" ctx.stopped "trace_id=$trace_id" >/dev/null
    until_true has_calls_in_flight 0
}

a_client_that_is_killed_stops_its_work() {
    new_trace
    in_background curl -s --http2-prior-knowledge -o /dev/null -H "$traceparent" \
        "http://$gateway_address/v1/sleep?ms=20000"
    until_true has_calls_in_flight 1
    kill -9 "$last_pid"
    work_has_stopped '(fin|reset)' # reset, when something was left unread
}

# h2_client COMMAND: a client in Python, for what well-behaved ones do not do.
h2_client() {
    python3 - "${gateway_address%:*}" "${gateway_address##*:}" "$1" "${trace_id:-}" <<'PYTHON'
import socket, struct, sys

host, port, command, trace = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
connection = socket.create_connection((host, port))
connection.settimeout(10)
received = b""


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(text):
    return bytes([len(text)]) + text


def request(stream, path, traceparent=b""):
    fields = b"\x82\x86\x04" + literal(path) + b"\x01\x04test"
    if traceparent:
        fields += b"\x00" + literal(b"traceparent") + literal(traceparent)
    return frame(1, 5, stream, fields)


def reset(stream):
    return frame(3, 0, stream, struct.pack(">I", 8))


def read_until(kind, stream):
    """The payload of the next frame of this kind, None at the end of the connection."""
    global received
    while True:
        size = int.from_bytes(received[:3], "big") + 9
        if len(received) >= 9 and len(received) >= size:
            head, payload, received = received[:9], received[9:size], received[size:]
            if head[3] == kind and int.from_bytes(head[5:], "big") == stream:
                return payload
            continue
        more = connection.recv(65536)
        if not more:
            return None
        received += more


connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0))
sleep = b"/v1/sleep?ms=20000"
if command == "reset":
    connection.sendall(request(1, sleep, b"00-" + trace.encode() + b"-00f067aa0ba902b7-01"))
    connection.sendall(request(3, b"/v1/echo"))
    assert read_until(0, 3) is not None
    connection.sendall(reset(1) + request(5, b"/v1/echo"))
    print(len(read_until(0, 5)))
else:
    goaway = None
    try:
        for stream in range(1, 8001, 2):
            connection.sendall(request(stream, sleep) + reset(stream))
        goaway = read_until(7, 0)
    except OSError:
        pass  # it was closed harder than it could be read
    print("closed" if goaway is None else int.from_bytes(goaway[4:8], "big"))
PYTHON
}

a_stream_that_is_reset_stops_its_work_and_no_other() {
    new_trace
    equals "the other stream's bytes" "$(h2_client reset)" 1024
    work_has_stopped rst_stream
}

a_flood_of_resets_is_ended_and_the_gateway_goes_on() {
    local result
    result=$(h2_client rapid)
    [[ $result == 11 || $result == closed ]] # ENHANCE_YOUR_CALM
    wait_for_log "$gateway_log" http.flood kind=resets >/dev/null
    until_true has_calls_in_flight 0
    curl -s -o "$work/metrics" "http://$gateway_admin/metrics"
    grep -q '^walkie_http_h2_floods_total{kind="resets"} 1' "$work/metrics"
    get_h2 /v1/echo
    equals status "$said" "200 2"
}

has_answered() {
    [[ $(grep -c '"event":"http.response"' "$gateway_log") -ge $1 ]]
}

a_drain_under_load_fails_no_request() {
    start_gateway --log-level info
    in_background h2load -c 8 -m 32 -n 1000000 "http://$gateway_address/v1/echo" >"$work/drained"
    local load_pid=$last_pid asked answered succeeded
    until_true has_answered 5000
    kill -TERM "$gateway_pid"
    await_exit "$gateway_pid"
    equals "the gateway's exit code" "$exit_code" 0
    await_exit "$load_pid"
    # h2load counts as failed what it could not ask for any more. Whatever reached the gateway was
    # answered, and arrived.
    asked=$(grep -c '"event":"http.request"' "$gateway_log")
    answered=$(grep '"event":"http.response"' "$gateway_log" | grep -c '"complete":true')
    succeeded=$(sed -n 's/^requests: .* done, \([0-9]*\) succeeded.*/\1/p' "$work/drained")
    equals "answered of those asked" "$answered" "$asked"
    equals "succeeded of those asked" "$succeeded" "$((asked - 1))" # start_gateway asked for /readyz
    gateway_pid=''
}

over_https_it_is_spoken_with_who_asks_for_it() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost \
        -addext subjectAltName=IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
    chmod 600 "$work/key.pem"
    # shellcheck disable=SC2034 # start_gateway asks for /readyz by it
    scheme=https curl_tls=(--cacert "$work/cert.pem")
    start_gateway --tls-cert "$work/cert.pem" --tls-key "$work/key.pem"
    said=$(curl -s "${curl_tls[@]}" --http2 -o /dev/null -w '%{http_code} %{http_version}' "https://$gateway_address/v1/echo")
    equals curl "$said" "200 2"
    said=$(curl -s "${curl_tls[@]}" --http1.1 -o /dev/null -w '%{http_code} %{http_version}' "https://$gateway_address/v1/echo")
    equals curl "$said" "200 1.1"
    h2load -c 4 -m 32 -n 1000 "https://$gateway_address/v1/echo" >"$work/load"
    contains h2load "$(cat "$work/load")" "Application protocol: h2"
    contains h2load "$(cat "$work/load")" "1000 succeeded, 0 failed, 0 errored"
    new_trace
    in_background curl -s "${curl_tls[@]}" --http2 -o /dev/null -H "$traceparent" \
        "https://$gateway_address/v1/sleep?ms=20000"
    until_true has_calls_in_flight 1
    kill -9 "$last_pid"
    work_has_stopped '(fin|reset)' # reset, when something was left unread
}

begin "$@"
start_services || exit 1
site=$(sites | sed -n 1p)
run_test curl_nghttp_and_h2load_are_served
run_test thousands_sleep_at_once
run_test a_report_is_the_same_over_both_versions
run_test what_is_refused_over_http_1_is_refused_over_http_2
run_test a_client_that_is_killed_stops_its_work
run_test a_stream_that_is_reset_stops_its_work_and_no_other
run_test a_flood_of_resets_is_ended_and_the_gateway_goes_on
run_test over_https_it_is_spoken_with_who_asks_for_it
run_test a_drain_under_load_fails_no_request
finish
