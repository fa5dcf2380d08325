#!/usr/bin/env bash
# What proto/README.md tells people without our library to type works as it stands there, but for
# the addresses.
. "$(dirname "$0")/harness.sh"

readme=$PWD/proto/README.md

# The README's addresses, and the service's in their place.
as_here() {
    sed -e "s|tcp://127.0.0.1:9090|$tcp_url|; s|tls+tcp://localhost:9443|$tls_url|" \
        -e "s|ipc:///run/walkie/report.ipc|$ipc_url|; s|\"127.0.0.1\", 9090|\"127.0.0.1\", ${tcp_url##*:}|"
}

# readme_lines PATTERN: its indented lines that match, as commands.
readme_lines() {
    grep -E "^    $1" "$readme" | as_here
}

# code_block LANGUAGE: the README's block of code in that language.
code_block() {
    awk -v begin="^\`\`\`$1\$" '/^```$/ { is_in = 0 } is_in { print } $0 ~ begin { is_in = 1 }' "$readme"
}

nngcat_calls_over() {
    local lines
    lines=$(readme_lines 'printf .*>call.bin$' && readme_lines "nngcat .*--dial $1")
    equals "lines in proto/README.md" "$(wc -l <<<"$lines")" 2
    contains "nngcat's output" "$(cd "$work/ca" && bash -ec "$lines")" 'hello$'
}

nngcat_makes_a_call_over_tcp() { nngcat_calls_over tcp:; }
nngcat_makes_a_call_over_ipc() { nngcat_calls_over ipc:; }
nngcat_makes_a_call_over_tls() { nngcat_calls_over 'tls[+]tcp:'; }

the_client_in_c_makes_a_call() {
    code_block c >"$work/stock_client.c"
    cc -std=c11 -Wall -Wextra -Werror -o "$work/stock_client" "$work/stock_client.c" -lnng
    contains "its output over tcp" "$("$work/stock_client" "$tcp_url" | tr '\n' ' ')" '^REPLY .*hello'
    contains "its output over ipc" "$("$work/stock_client" "$ipc_url" | tr '\n' ' ')" '^REPLY .*hello'
    if "$work/stock_client" tcp://127.0.0.1:1 2>"$work/stock_client.err"; then
        echo "it succeeds where nobody listens"
        return 1
    fi
    contains "its complaint" "$(cat "$work/stock_client.err")" 'refused'
}

the_client_in_python_makes_a_call() {
    code_block python | as_here >"$work/client.py"
    contains "its output" "$(python3 "$work/client.py")" "^REPLY b'.*hello'$"
}

begin "$@"
deploy/certificates "$work/ca" >"$work/certificates.out" || exit 1
start_service --listen "tcp://127.0.0.1:0,tls+tcp://127.0.0.1:0,ipc://$work/report.ipc" \
    --tls-ca "$work/ca/ca.pem" --tls-cert "$work/ca/report-service.pem" \
    --tls-key "$work/ca/report-service.key" || exit 1
IFS=, read -r tcp_url tls_url ipc_url <<<"$service_address"
tls_url=${tls_url/127.0.0.1/localhost}
run_test nngcat_makes_a_call_over_tcp
run_test nngcat_makes_a_call_over_ipc
run_test nngcat_makes_a_call_over_tls
run_test the_client_in_c_makes_a_call
if command -v python3 >/dev/null; then
    run_test the_client_in_python_makes_a_call
fi
finish
