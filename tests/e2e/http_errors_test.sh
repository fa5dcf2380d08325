#!/usr/bin/env bash
# What a wrong request is told: the status, problem+json, and the name of what is wrong.
. "$(dirname "$0")/harness.sh"

# refused PATH STATUS DETAIL [CURL ARGUMENT...]
refused() {
    local path=$1 status=$2 detail=$3
    shift 3
    http "$path" "$@"
    equals "status of $path" "$code" "$status"
    equals "content type" "$(header content-type)" application/problem+json
    contains "problem" "$(cat "$work/body")" "\"status\": ?$status"
    contains "problem" "$(cat "$work/body")" "$detail"
}

# raw TEXT: send these bytes, print what comes back until the server closes.
raw() {
    # shellcheck disable=SC2059 # the escapes are the point
    printf "$1" | timeout 5 nc "${gateway_address%:*}" "${gateway_address##*:}"
}

an_unknown_site_is_404() {
    refused /v1/centers/no-such-site/audit-report 404 'no-such-site'
}

an_unknown_path_is_404() {
    refused /v1/nothing 404 'path'
}

a_method_that_the_path_does_not_know_is_405() {
    refused /v1/centers 405 'method' -X DELETE
    contains "Allow" "$(header allow)" 'GET'
}

a_malformed_timeout_is_400_and_named() {
    local timeout
    for timeout in abc 3 -1s 0s 1e3s 25h; do
        refused "/v1/centers/$site/audit-report?timeout=$timeout" 400 'timeout'
        refused "/v1/centers/$site/audit-report" 400 'X-Request-Timeout' -H "X-Request-Timeout: $timeout"
    done
    refused "/v1/centers/$site/audit-report" 400 'Grpc-Timeout' -H 'Grpc-Timeout: 3s'
}

an_unknown_format_is_400_and_named() {
    refused "/v1/centers/$site/audit-report?format=docx" 400 'format'
}

an_unknown_query_parameter_is_400_and_named() {
    refused "/v1/centers/$site/audit-report?colour=red" 400 'colour'
}

a_parameter_given_twice_is_400_and_named() {
    refused "/v1/centers/$site/audit-report?format=pdf&format=json" 400 'format'
}

an_unknown_field_of_a_body_is_400_and_named() {
    refused "/v1/centers/$site/audit-report" 400 'colour' -H 'Content-Type: application/json' \
        -d '{"colour":"red"}'
    refused "/v1/centers/$site/audit-report" 400 '' -H 'Content-Type: application/json' -d '{"format":'
}

a_header_above_the_limit_is_431() {
    http /v1/centers -H "X-Long: $(head -c 20000 /dev/zero | tr '\0' a)"
    equals status "$code" 431
}

a_body_above_the_limit_is_413() {
    head -c 1100000 /dev/zero | tr '\0' a >"$work/large"
    http "/v1/centers/$site/audit-report" -H 'Content-Type: application/json' --data-binary "@$work/large"
    equals status "$code" 413
}

garbage_is_400_and_the_connection_is_closed() {
    contains "answer" "$(raw '\026\003\001\002\000garbage\r\n\r\n')" '^HTTP/1.1 400'
    contains "answer" "$(raw 'this is not HTTP\r\n\r\n')" '^HTTP/1.1 400'
    contains "answer" "$(raw 'GARBAGE\r\n\r\n')" '^HTTP/1.1 400'
    contains "answer" "$(raw 'BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n')" '^HTTP/1.1 501'
    contains "answer" "$(raw 'GET /v1/centers HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n')" '^HTTP/1.1 400'
    contains "answer" "$(raw 'GET /v1/centers HTTP/1.1\r\n\r\n')" '^HTTP/1.1 400'
    contains "answer" "$(raw 'POST /v1/centers HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n')" \
        '^HTTP/1.1 400'
    equals "status afterwards" "$(http /v1/centers && echo "$code")" 200
}

begin "$@"
start_services || exit 1
site=$(sites | sed -n 1p)
run_test an_unknown_site_is_404
run_test an_unknown_path_is_404
run_test a_method_that_the_path_does_not_know_is_405
run_test a_malformed_timeout_is_400_and_named
run_test an_unknown_format_is_400_and_named
run_test an_unknown_query_parameter_is_400_and_named
run_test a_parameter_given_twice_is_400_and_named
run_test an_unknown_field_of_a_body_is_400_and_named
run_test a_header_above_the_limit_is_431
run_test a_body_above_the_limit_is_413
run_test garbage_is_400_and_the_connection_is_closed
finish
