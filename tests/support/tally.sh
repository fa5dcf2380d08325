# shellcheck shell=bash
# Counting what passed, failed and was skipped. Sourced by tests/run:
#
#     tally_pass 12; tally_fail "the build of dev"; tally_skip "bench: no peers"
#     tally_close        prints the closing line; returns 1 if anything failed

tally_passed=0
tally_failed=()
tally_skipped=0

tally_pass() {
    tally_passed=$((tally_passed + $1))
}

tally_fail() {
    tally_failed+=("$1")
    echo "   FAILED: $1"
}

tally_skip() {
    tally_skipped=$((tally_skipped + 1))
    echo "   skipped: $1"
}

# tally_tap FILE PART: count lines "ok - NAME", "not ok - NAME" and "skip - NAME".
tally_tap() {
    local line
    while IFS= read -r line; do
        case $line in
        "ok - "*) tally_pass 1 ;;
        "not ok - "*) tally_fail "$2: ${line#not ok - }" ;;
        "skip - "*) tally_skip "$2: ${line#skip - }" ;;
        esac
    done <"$1"
}

# tally_ctest FILE: count the cmocka tests in the output of ctest -V, where each line of program 7
# begins with "7: ", and show the output of the programs that failed.
tally_ctest() {
    local counts passed name
    counts=$(awk -f tests/support/ctest.awk "$1")
    passed=$(sed -n 's/^passed //p' <<<"$counts")
    tally_pass "${passed:-0}"
    while IFS= read -r name; do
        tally_fail "$name"
    done < <(sed -n 's/^failed //p' <<<"$counts")
    while IFS= read -r name; do
        tally_skip "$name"
    done < <(sed -n 's/^skipped //p' <<<"$counts")
    sed -n 's/^output /   | /p' <<<"$counts"
}

tally_close() {
    local line="$tally_passed passed, ${#tally_failed[@]} failed"
    if ((tally_skipped > 0)); then
        line+=", $tally_skipped skipped"
    fi
    if ((${#tally_failed[@]} > 0)); then
        echo
        echo "Failed:"
        printf '    %s\n' "${tally_failed[@]}"
    fi
    echo
    echo "$line"
    ((${#tally_failed[@]} == 0))
}
