# shellcheck shell=bash
# The parts of tests/run: what each needs installed, and what it does. Sourced by tests/run, after
# tally.sh, build.sh and ahead.sh.

packages_of_unit() { echo test; }
packages_of_integration() { echo test; }
packages_of_e2e() { printf "%s\n" test browser; }
packages_of_sanitize() { printf "%s\n" test fuzz; }
packages_of_analyze() { printf "%s\n" test analyze; }
packages_of_bench() { printf "%s\n" test bench; }

# run_part PART [ARGUMENT...]: says which part it is and, afterwards, how long it took.
run_part() {
    local part=$1 began=$SECONDS passed=$tally_passed failed=${#tally_failed[@]}
    shift
    echo "== $part"
    "part_$part" "$@"
    echo "   $((tally_passed - passed)) passed, $((${#tally_failed[@]} - failed)) failed," \
        "$((SECONDS - began)) s"
}

part_unit() {
    build dev && run_ctest dev '^(unit|misuse)$'
}

part_integration() {
    build dev && run_ctest dev '^integration$'
}

# What the scripts in tests/e2e run.
scenario_programs=(api-gateway report-service walkie-data walkie-call walkie-token walkie-access-log lab-stand-in write_formats kri_check)

part_e2e() {
    build release "${scenario_programs[@]}" && run_scenarios build/release
}

scenario_pid= # the one that runs

# run_scenarios BUILD [SCENARIO...]: the scripts in tests/e2e with the binaries of that build. Each has a process
# group of its own (timeout's), which Ctrl-C does not reach: it runs in the background, where a signal ends the wait
# and scenario_stop the scenario.
run_scenarios() {
    local binaries=$1 scenario log result
    shift
    if (($# == 0)); then
        set -- tests/e2e/*_test.sh
    fi
    for scenario in "$@"; do
        log=build/log/e2e-${binaries##*/}-$(basename "$scenario" .sh).log
        timeout 300 "$scenario" "$binaries" >"$log" 2>&1 &
        scenario_pid=$!
        wait "$scenario_pid"
        result=$?
        scenario_pid=
        tally_tap "$log" "$(basename "$scenario")"
        if ((result != 0)); then
            if ! grep -q '^not ok - ' "$log"; then
                tally_fail "$(basename "$scenario") ended early"
            fi
            grep -v '^ok - ' "$log" | tail -n 40 | sed 's/^/   | /'
        fi
    done
}

scenario_stop() {
    [[ -z $scenario_pid ]] || kill "$scenario_pid" 2>/dev/null
}

# One thread each, or those that others of the list have as well, and slow under TSan: ASan looks at them.
not_under_tsan='^(audit_(manifest|demo|rules|subject|blinding|build|postgres|indicators)|document_(same|edge|script|hostile|pages|memory)|import_(odm|demo|tables|postgres).*|(crf|epro|epro_stop|report_stop|audit_points)_postgres|crf_(manifest|trial)|epro_(reject|fhir|coding|score))_test$|^unit_(call_round_trip|check_(laws|memory))$'

part_sanitize() {
    local label here=$PWD
    local leaks="LSAN_OPTIONS=suppressions=$here/tests/support/lsan.supp:print_suppressions=0"
    if build asan; then
        for label in '^unit$' '^integration$'; do
            run_ctest asan "$label" "$leaks" UBSAN_OPTIONS=print_stacktrace=1 \
                ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
        done
        export "${leaks?}"
        run_scenarios build/asan tests/e2e/report_test.sh tests/e2e/http_errors_test.sh
        unset LSAN_OPTIONS
    fi
    if build tsan; then
        for label in '^unit$' '^integration$'; do
            ctest_but=$not_under_tsan run_ctest tsan "$label" \
                "TSAN_OPTIONS=suppressions=$here/tests/support/tsan.supp:halt_on_error=1"
        done
    fi
    fuzz_smoke
}

# Every fuzz target for 5 seconds, from the inputs that are kept in tests/fuzz/corpus/NAME.
fuzz_smoke() {
    local seconds=${WALKIE_FUZZ_SECONDS:-5} target
    build fuzz fuzz_targets || return
    for target in build/fuzz/tests/fuzz/*_fuzz; do
        [[ -x $target ]] && echo "$target"
    done | xargs -r -n 1 -P "$jobs" tests/support/fuzz_one "$seconds" >build/log/fuzz.log 2>&1
    tally_tap build/log/fuzz.log fuzz
    grep '^   | ' build/log/fuzz.log
}

part_analyze() {
    if [[ -n $ahead_pid ]]; then
        ahead_wait analysis
    else
        compile dev >/dev/null
        analysis >build/log/analysis.log 2>&1
    fi
    tally_tap build/log/analysis.log analyze
    grep '^   | ' build/log/analysis.log
    grep -q '^# complete' build/log/analysis.log || tally_fail "the analysis came to its end"
}

# What compilers and scripts find by looking, as TAP with details behind a bar. Needs build/dev.
analysis() {
    local check log
    if compile analyze >build/log/analysis-compile.log 2>&1; then
        echo "ok - gcc -fanalyzer"
    else
        echo "not ok - gcc -fanalyzer"
        sed 's/^/   | /' build/log/analysis-compile.log
    fi
    for check in tests/checks/*; do
        if [[ ! -x $check ]]; then
            continue
        fi
        log=build/log/check-$(basename "$check").log
        if "$check" >"$log" 2>&1; then
            echo "ok - check $(basename "$check")"
        else
            echo "not ok - check $(basename "$check")"
            tail -n 60 "$log" | sed 's/^/   | /'
        fi
    done
    echo "# complete"
}

part_bench() {
    if build release && tests/bench/run "$@"; then
        tally_pass 1
    else
        tally_fail "every benchmark ran"
    fi
}
