#!/usr/bin/env bash
# The indicators of all 190 sites of the real data beside the tree, against an independent computation.
. "$(dirname "$0")/harness.sh"
. "$(dirname "$0")/clindata.sh"

all_sites_agree_with_an_independent_computation() {
    local build
    build=$(dirname "$(dirname "$gateway_binary")")
    "$build/tests/integration/kri_check" "sqlite:$clindata_edc" "sqlite:$clindata_ctms" AA-AA-000-0000 \
        2019-11-05 2012-06-30 >"$work/checked" 2>"$work/wrong" || {
        head -n 20 "$work/wrong"
        return 1
    }
    contains "what was compared" "$(<"$work/checked")" '^4560 values, .* 0 wrong$'
}

begin "$@"
if ! has_clindata; then
    echo "skip - the indicators of real data: $clindata is not there"
    exit 0
fi
if ! import_clindata; then
    echo "not ok - the import loads all of clindata"
    exit 1
fi
run_test all_sites_agree_with_an_independent_computation
finish
