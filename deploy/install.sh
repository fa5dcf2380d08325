# shellcheck shell=bash
# Install the Debian packages of deploy/packages.txt that are missing. Sourced by deploy/ and
# tests/run:
#
#     install_packages build demo
#
# Says what it installs before it does; asks nothing; needs no network when nothing is missing.

packages_file=$(dirname "${BASH_SOURCE[0]}")/packages.txt

# missing_packages KIND...: the packages of these kinds that are not installed, one a line. A third
# column names a command that does as well, wherever it comes from.
missing_packages() {
    local kind package stand_in
    for kind in "$@"; do
        awk -v kind="$kind" '$1 == kind { print $2, $3 }' "$packages_file"
    done | sort -u | while read -r package stand_in; do
        if [[ -n $stand_in ]] && command -v "$stand_in" >/dev/null; then
            continue
        fi
        if ! dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed; then
            echo "$package"
        fi
    done
}

# prepare_postgresql PACKAGE...: Debian's postgresql makes and starts a cluster of its own when it is
# installed, which nobody here wants: its common part comes first, and is told not to.
prepare_postgresql() {
    local settings=/etc/postgresql-common/createcluster.conf
    if [[ " $* " != *" postgresql "* ]]; then
        return 0
    fi
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
        --no-install-recommends postgresql-common &&
        "${as_root[@]}" sed -i 's/^#*create_main_cluster.*/create_main_cluster = false/' "$settings"
}

# prepare_prometheus PACKAGE...: Debian's prometheus starts a server when it is installed and at every
# boot; only its promtool is wanted here. Its unit is masked first, and where no systemd decides, a
# policy says no while it is installed.
prepare_prometheus() {
    local unit=/etc/systemd/system/prometheus.service
    if [[ " $* " != *" prometheus "* ]]; then
        return 0
    fi
    "${as_root[@]}" mkdir -p "${unit%/*}" &&
        { [[ -e $unit || -L $unit ]] || "${as_root[@]}" ln -s /dev/null "$unit"; } &&
        if [[ ! -e $start_policy ]]; then
            printf '#!/bin/sh\n# While packages are installed.\nexit 101\n' |
                "${as_root[@]}" tee "$start_policy" >/dev/null &&
                "${as_root[@]}" chmod 755 "$start_policy" && has_start_policy=1
        fi
}

# install_packages KIND...
install_packages() {
    local missing as_root=() log result=0 has_start_policy='' start_policy=/usr/sbin/policy-rc.d
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "This machine has no apt-get. Install what deploy/packages.txt lists, then build with:" >&2
        echo "    cmake --preset release && ninja -C build/release" >&2
        return 1
    fi
    mapfile -t missing < <(missing_packages "$@")
    if ((${#missing[@]} == 0)); then
        return 0
    fi
    echo "Installing ${#missing[@]} Debian packages with apt-get: ${missing[*]}"
    if ((EUID != 0)); then
        if ! command -v sudo >/dev/null; then
            echo "Installing needs root: run this as root, or install sudo." >&2
            return 1
        fi
        as_root=(sudo)
    fi
    log=$(mktemp)
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update >"$log" 2>&1 &&
        prepare_postgresql "${missing[@]}" >>"$log" 2>&1 &&
        prepare_prometheus "${missing[@]}" >>"$log" 2>&1 &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
            --no-install-recommends "${missing[@]}" >>"$log" 2>&1 || result=1
    if [[ -n $has_start_policy ]]; then
        "${as_root[@]}" rm -f "$start_policy"
    fi
    if ((result != 0)); then
        tail -n 30 "$log" >&2
        echo "The packages could not be installed: ${missing[*]}" >&2
    fi
    rm -f "$log"
    return "$result"
}
