# shellcheck shell=bash
# The files that are ours. Sourced by tests/checks:
#
#     our_files '*.c' '*.h'       paths from the root, one a line, sorted

our_files() {
    local names=() pattern
    for pattern in "$@"; do
        names+=(-o -name "$pattern")
    done
    find . \( -path ./build -o -path ./.git \) -prune -o -type f \( "${names[@]:1}" \) -print |
        sed 's|^\./||' | sort
}

# Scripts: *.sh, and files whose first line names a shell.
our_scripts() {
    {
        our_files '*.sh'
        our_files '*' | while IFS= read -r path; do
            if [[ ${path##*/} != *.* ]] && head -c 40 "$path" | head -n 1 | grep -aqE '^#!.*sh$'; then
                echo "$path"
            fi
        done
    } | sort -u
}
