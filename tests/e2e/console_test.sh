#!/usr/bin/env bash
# The console in a real browser: Debian's Chromium, driven by playwright-core, against both services.
# tests/console has the scenarios; pictures go to build/console-pictures.
. "$(dirname "$0")/harness.sh"

# Exact versions; they run on Debian's Node.js.
playwright_core=playwright-core@1.57.0
axe_core=axe-core@4.14.1
tools=$PWD/build/console-tools

has_tools() {
    [[ -e $tools/node_modules/playwright-core/package.json && -e $tools/node_modules/axe-core/package.json ]]
}

install_tools() {
    has_tools && return
    mkdir -p "$tools"
    (cd "$tools" && npm install --no-save --no-package-lock --no-audit --no-fund --ignore-scripts \
        "$playwright_core" "$axe_core") >"$tools/log" 2>&1 && has_tools
}

# The demonstration study with texts in it that a careless page would run.
make_evil_study() {
    cp -r "$study" "$work/study"
    sqlite3 "$work/study/edc.sqlite" "UPDATE site SET name = '<img src=x onerror=window.wasRun=true>' WHERE site_no = '106';
        UPDATE subject SET subject_no = '<svg onload=window.wasRun=true>' || subject_no
            WHERE site_id = (SELECT site_id FROM site WHERE site_no = '106');"
    sqlite3 "$work/study/ctms.sqlite" "UPDATE site SET institution = '<img src=x onerror=window.wasRun=true>' WHERE site_no = '106'"
}

the_modules_do_what_they_say() {
    node --test tests/console/unit/*.test.js >"$work/unit.log" 2>&1 || {
        grep -A 20 '^not ok' "$work/unit.log"
        return 1
    }
}

files_come_with_the_policy_and_only_when_they_have_changed() {
    local path tag
    for path in / /console/main.js /console/console.css; do
        http "$path"
        equals "status of $path" "$code" 200
        equals policy "$(header Content-Security-Policy)" "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        equals sniffing "$(header X-Content-Type-Options)" nosniff
        equals caching "$(header Cache-Control)" no-cache
        tag=$(header ETag)
        equals "the tag of $path" "$tag" "\"$(sha256sum <"$work/body" | cut -d ' ' -f 1)\""
        http "$path" -H "If-None-Match: W/\"x\", $tag"
        equals "status of $path that is known" "$code" 304
        equals "tag of $path that is known" "$(header ETag)" "$tag"
    done
    http /console/none.js
    equals "status of no file" "$code" 404
    http /console/..%2findex.html
    equals "status of a climb" "$code" 400
    http / -X POST
    equals "status of POST" "$code" 405
}

# the_browser [NAME...]: every scenario is a test of its own.
the_browser() {
    PLAYWRIGHT=$tools CHROMIUM=$(command -v chromium) SHOTS=$PWD/build/console-pictures \
        TLS=https://$tls_address TLS_GATEWAY_LOG=$tls_gateway_log FAST=http://$gateway_address SLOW=http://$slow_address \
        SECURE=http://$secure_address SECURE_GATEWAY_LOG=$secure_gateway_log VIEWER=$viewer REQUESTER=$requester WRITER_OF_101=$writer \
        STUCK=http://$stuck_address STUCK_GATEWAY_LOG=$stuck_gateway_log STUCK_SERVICE_LOG=$stuck_service_log \
        SLOW_GATEWAY_LOG=$slow_gateway_log SLOW_SERVICE_LOG=$slow_service_log \
        node tests/console/run.js "$@" 2>&1 | tee "$work/browser.log"
    tests_failed=$((tests_failed + $(grep -c '^not ok - ' "$work/browser.log")))
    if ! grep -q '^# the browser has ended' "$work/browser.log"; then
        tests_failed=$((tests_failed + 1))
        echo "not ok - the browser runs every scenario"
    fi
}

begin "$@"
if ! command -v node >/dev/null; then
    echo "skip - the console: there is no node"
    exit 0
fi
run_test the_modules_do_what_they_say
if ! command -v chromium >/dev/null || ! install_tools; then
    echo "skip - the console in a browser: chromium, or $playwright_core and $axe_core from npm, are not at hand"
    finish
fi
# Reports that take longer than any test, at services of their own.
start_services --fault render.delay=300ms || exit 1
slow_address=$gateway_address slow_gateway_log=$gateway_log slow_service_log=$service_log
background_pids="$gateway_pid $service_pid"
# The same over HTTPS, where Chromium speaks HTTP/2.
deploy/certificates "$work/ca" api-gateway >"$work/certificates.out" || exit 1
# shellcheck disable=SC2034 # read by the harness
scheme=https curl_tls=(--cacert "$work/ca/ca.pem")
start_gateway --tls-cert "$work/ca/api-gateway.pem" --tls-key "$work/ca/api-gateway.key" || exit 1
# shellcheck disable=SC2034 # read by the harness
scheme=http curl_tls=()
tls_address=$gateway_address tls_gateway_log=$gateway_log
background_pids="$background_pids $gateway_pid"
# Whatever is asked of its databases takes longer than any test.
start_services --fault edc.delay=300s || exit 1
stuck_address=$gateway_address stuck_gateway_log=$gateway_log stuck_service_log=$service_log
background_pids="$background_pids $gateway_pid $service_pid"
# A gateway that asks who one is.
(umask 077 && head -c 32 /dev/urandom >"$work/rpc.key")
token_binary=$(dirname "$gateway_binary")/walkie-token
viewer=$("$token_binary" --name viewer-1 --role viewer --sites '*' --append "$work/tokens") || exit 1
requester=$("$token_binary" --name requester-1 --role requester --sites '*' --append "$work/tokens") || exit 1
writer=$("$token_binary" --name writer-1 --role writer --sites 101 --append "$work/tokens") || exit 1
start_service --rpc-key-file "$work/rpc.key" || exit 1
start_gateway --auth-tokens "$work/tokens" --rpc-key-file "$work/rpc.key" || exit 1
secure_address=$gateway_address secure_gateway_log=$gateway_log
# shellcheck disable=SC2034 # the harness stops them
background_pids="$background_pids $gateway_pid $service_pid"
make_evil_study
evil=$work/study
start_services --edc "sqlite:$evil/edc.sqlite" --ctms "sqlite:$evil/ctms.sqlite" || exit 1
run_test files_come_with_the_policy_and_only_when_they_have_changed
if [[ $only == "  " ]]; then
    the_browser
else
    # shellcheck disable=SC2086 # names, with blanks between them
    the_browser $only
fi
finish
