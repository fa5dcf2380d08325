#!/usr/bin/env bash
# JWTs as an issuer makes them, signed by openssl: good ones, forged ones, new keys, both services.
. "$(dirname "$0")/harness.sh"

base64url() {
    base64 -w0 | tr '+/' '-_' | tr -d '='
}

# rsa_key NAME: a private key in $work/NAME.pem.
rsa_key() {
    openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/$1.pem" 2>/dev/null ||
        openssl genrsa -out "$work/$1.pem" 2048 2>/dev/null
}

# jwk NAME: the public key as JSON, its kid the name.
jwk() {
    local modulus
    modulus=$(openssl rsa -in "$work/$1.pem" -noout -modulus | sed 's/^Modulus=//; s/../\\x&/g')
    printf '{"kty":"RSA","use":"sig","alg":"RS256","kid":"%s","e":"AQAB","n":"%s"}' "$1" \
        "$(printf '%b' "$modulus" | base64url)"
}

# jwks NAME...: the key set of these.
jwks() {
    local name list=''
    for name; do
        list+="${list:+,}$(jwk "$name")"
    done
    printf '{"keys":[%s]}' "$list" >"$work/jwks.json.new"
    mv "$work/jwks.json.new" "$work/jwks.json"
}

# claims [NAME=JSON...]: those of a good token, some replaced ("" leaves one out).
claims() {
    local now change
    now=$(date +%s)
    local -A values=([iss]='"https://idp.test"' [aud]='["x","walkie"]' [sub]='"ana"' [exp]=$((now + 300))
        [nbf]=$((now - 5)) [roles]='["auditor"]' [sites]='"*"')
    for change; do
        values[${change%%=*}]=${change#*=}
    done
    local name list=''
    for name in iss aud sub exp nbf roles sites; do
        [[ -z ${values[$name]} ]] || list+="${list:+,}\"$name\":${values[$name]}"
    done
    printf '{%s}' "$list"
}

# jwt KEY CLAIMS [HEADER]: signed with RS256, whatever the header says.
jwt() {
    local header=${3:-"{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"$1\"}"} signed
    signed=$(printf '%s' "$header" | base64url).$(printf '%s' "$2" | base64url)
    printf '%s.%s' "$signed" "$(printf '%s' "$signed" | openssl dgst -sha256 -sign "$work/$1.pem" -binary | base64url)"
}

# expect CODE TOKEN PATH [WORDS]: the status, and what the problem says.
expect() {
    http "$3" -H "Authorization: Bearer $2"
    equals "status of $3" "$code" "$1"
    [[ -z ${4:-} ]] || contains problem "$(cat "$work/body")" "$4"
}

a_token_of_the_issuer_says_who_and_what() {
    expect 200 "$(jwt one "$(claims)")" "/v1/centers/$site/audit-report?format=json"
    contains report "$(cat "$work/body")" '"requester":"ana"'
    contains report "$(cat "$work/body")" '"is_unblinded":true'
    expect 200 "$(jwt one "$(claims 'roles="viewer"')")" /v1/centers
    expect 403 "$(jwt one "$(claims 'roles=["viewer"]')")" "/v1/centers/$site/audit-report" 'takes the role requester'
    expect 403 "$(jwt one "$(claims 'sites=["none-such"]')")" "/v1/centers/$site/audit-report" 'not within your scope'
    expect 403 "$(jwt one "$(claims roles=)")" /v1/echo 'claim roles holds none'
    expect 403 "$(jwt one "$(claims sites=)")" /v1/echo 'claim sites holds no sites'
    expect 200 "$viewer" /v1/echo # tokens of the file beside
}

a_token_that_does_not_hold_is_refused() {
    local now
    now=$(date +%s)
    expect 401 "$(jwt one "$(claims exp=$((now - 120)))")" /v1/echo 'has expired'
    expect 401 "$(jwt one "$(claims exp=)")" /v1/echo 'claim exp is missing'
    expect 401 "$(jwt one "$(claims nbf=$((now + 300)))")" /v1/echo 'does not hold yet'
    expect 401 "$(jwt one "$(claims 'aud="other"')")" /v1/echo 'claim aud is for another'
    expect 401 "$(jwt one "$(claims 'iss="https://evil.test"')")" /v1/echo "claim iss is another"
    expect 401 "$(jwt one "{\"roles\":\"viewer\",$(claims | cut -c 2-)")" /v1/echo 'one of them is there twice'
    expect 401 "$(jwt stranger "$(claims)")" /v1/echo 'key is not known'
    expect 401 "$(jwt stranger "$(claims)" '{"alg":"RS256","kid":"one"}')" /v1/echo 'signature is wrong'
    local good
    good=$(jwt one "$(claims)")
    expect 401 "$(printf '{"alg":"none"}' | base64url).$(claims | base64url).${good##*.}" /v1/echo 'neither RS256 nor ES256'
    expect 401 "$(jwt one "$(claims)" '{"alg":"HS256","kid":"one"}')" /v1/echo 'neither RS256 nor ES256'
    expect 401 "${good%.*}." /v1/echo
    expect 401 "$(printf 'a%.0s' {1..9000})" /v1/echo 'at most 8192 bytes'
    expect 200 "$good" /v1/echo
}

new_keys_come_with_sighup_and_old_ones_go() {
    local old new
    rsa_key two
    old=$(jwt one "$(claims)") new=$(jwt two "$(claims)")
    expect 200 "$old" /v1/echo
    expect 401 "$new" /v1/echo 'key is not known'
    jwks one two
    kill -HUP "$gateway_pid"
    wait_for_log "$gateway_log" auth.reload keys=2 >/dev/null
    expect 200 "$old" /v1/echo
    expect 200 "$new" /v1/echo
    jwks two
    kill -HUP "$gateway_pid"
    wait_for_log "$gateway_log" auth.reload keys=1 >/dev/null
    expect 401 "$old" /v1/echo 'key is not known' # though it was remembered
    expect 200 "$new" /v1/echo
    echo '{"keys":[{"kty":"oct","k":"AAAA"}]}' >"$work/jwks.json"
    kill -HUP "$gateway_pid"
    contains log "$(wait_for_log "$gateway_log" auth.reload_failed)" 'a symmetric key'
    expect 200 "$new" /v1/echo
    jwks one
    kill -HUP "$gateway_pid"
    until_true accepts "$old"
}

accepts() {
    curl -sf -o /dev/null -H "Authorization: Bearer $1" "http://$gateway_address/v1/echo"
}

an_address_with_too_many_bad_tokens_has_no_more_signatures_computed() {
    local known bad
    known=$(jwt one "$(claims)") bad=$(jwt one "$(claims 'aud="other"')")
    expect 200 "$known" /v1/echo
    # By itself, without --rate: 100 a second. A machine that answers fewer has nothing to fear.
    curl -s -H "Authorization: Bearer $bad" -o /dev/null -w '%{http_code}\n' \
        "http://$gateway_address/v1/echo?n=[1-1000]" >"$work/codes"
    contains codes "$(head -n 100 "$work/codes" | sort -u)" '^401$'
    contains codes "$(tail -n 1 "$work/codes")" '^429$'
    expect 200 "$known" /v1/echo
    until_true is_judged "$bad"
}

is_judged() {
    http /v1/echo -H "Authorization: Bearer $1"
    [[ $code == 401 ]]
}

a_key_set_without_an_audience_does_not_start() {
    exit_code=0
    "$gateway_binary" --listen 127.0.0.1:0 --admin 127.0.0.1:0 --auth-jwks "$work/jwks.json" \
        --auth-issuer x --rpc-key-file "$work/rpc.key" >"$work/start.out" 2>&1 || exit_code=$?
    equals "exit code" "$exit_code" 2
    contains words "$(cat "$work/start.out")" '--auth-jwks needs --auth-issuer and --auth-audience'
}

begin "$@"
(umask 077 && head -c 32 /dev/urandom >"$work/rpc.key")
rsa_key one && rsa_key stranger && jwks one || exit 1
viewer=$("$(dirname "$gateway_binary")/walkie-token" --name v --role viewer --sites '*' --append "$work/tokens")
start_service --rpc-key-file "$work/rpc.key" || exit 1
start_gateway --auth-tokens "$work/tokens" --rpc-key-file "$work/rpc.key" --auth-jwks "$work/jwks.json" \
    --auth-issuer https://idp.test --auth-audience walkie || exit 1
http /v1/centers -H "Authorization: Bearer $viewer"
site=$(sed -nE 's/.*"center":[[:space:]]*"([^"]*)".*/\1/p' "$work/body" | sed -n 1p)
run_test a_token_of_the_issuer_says_who_and_what
run_test a_token_that_does_not_hold_is_refused
run_test new_keys_come_with_sighup_and_old_ones_go
run_test an_address_with_too_many_bad_tokens_has_no_more_signatures_computed
run_test a_key_set_without_an_audience_does_not_start
finish
