# shellcheck shell=bash
# Building with the presets of CMakePresets.json. Sourced by tests/run, after tally.sh.

# How many of these many jobs run at a time.
jobs=$(nproc)

# compile PRESET [TARGET...]: quiet when it works; shows what went wrong when it does not.
compile() {
    local preset=$1 log=build/log/build-$1.log
    shift
    if cmake --preset "$preset" >"$log" 2>&1 && ninja -C "build/$preset" -j "$jobs" "$@" >>"$log" 2>&1; then
        return 0
    fi
    grep -E -A 12 'error:|warning:|Error |undefined reference|FAILED:|ninja: error' "$log" | head -n 60
    return 1
}

# build PRESET [TARGET...]: the same, once it is not being compiled ahead; a failure counts.
build() {
    ahead_wait "$1"
    if compile "$@"; then
        return 0
    fi
    tally_fail "the build of $1 (build/log/build-$1.log)"
    return 1
}

# run_ctest PRESET LABEL [ENVIRONMENT...]: the programs of this label (a regular expression), as many at a
# time as there are cores; those that measure time run alone (tests/CMakeLists.txt). Without those whose
# name matches $ctest_but, if that is set.
run_ctest() {
    local preset=$1 labels=$2 log=build/log/ctest-$1-${2//[^a-z]/-}.log
    shift 2
    env "$@" ctest --test-dir "build/$preset" -V -j "$jobs" -L "$labels" --no-tests=error ${ctest_but:+-E "$ctest_but"} \
        >"$log" 2>&1
    if ! grep -qE '^ *[0-9]+/[0-9]+ Test' "$log"; then
        tail -n 5 "$log"
        tally_fail "ctest finds tests labelled $labels in build/$preset"
        return
    fi
    tally_ctest "$log"
}
