# shellcheck shell=bash
# Work ahead. Most tests wait, one at a time; meanwhile a second process builds what later parts need
# and does the whole analysis, in the scheduler's idle class: it runs only where the tests leave a core
# free, so that those which measure time do not notice. Sourced by tests/run, after build.sh:
#
#     ahead_start unit e2e analyze      these parts are to come
#     ahead_wait release                until it has built that, if it is going to
#
# What has failed there fails again, and is told, where the part comes to it.

ahead_pid=
ahead_folder=build/log/ahead

# ahead_steps PART...: what it does for these parts, in this order.
ahead_steps() {
    local part
    for part in "$@"; do
        case $part in
        e2e) echo release ;;
        sanitize) printf '%s\n' asan tsan fuzz ;;
        analyze) echo analysis ;;
        esac
    done
}

ahead_step() {
    case $1 in
    analysis) analysis >build/log/analysis.log 2>&1 ;;
    release) compile release "${scenario_programs[@]}" >/dev/null ;;
    fuzz) compile fuzz fuzz_targets >/dev/null ;;
    *) compile "$1" >/dev/null ;;
    esac
}

ahead_start() {
    local step
    mapfile -t steps < <(ahead_steps "$@")
    rm -rf "$ahead_folder" build/log/analysis.log
    mkdir -p "$ahead_folder"
    for step in "${steps[@]}"; do
        touch "$ahead_folder/$step"
    done
    set -m # a process group of its own, to be ended whole
    (
        chrt --idle --pid 0 "$BASHPID" 2>/dev/null || renice -n 19 -p "$BASHPID" >/dev/null
        for step in "${steps[@]}"; do
            ahead_step "$step"
            rm -f "$ahead_folder/$step"
        done
    ) &
    ahead_pid=$!
    set +m
}

ahead_stop() {
    [[ -z $ahead_pid ]] || kill -- "-$ahead_pid" 2>/dev/null
}

ahead_wait() {
    while [[ -n $ahead_pid && -e $ahead_folder/$1 ]] && kill -0 "$ahead_pid" 2>/dev/null; do
        sleep 0.2
    done
}
