# shellcheck shell=bash
# What a user would pick instead, measured in the same run: the sources stand in ../shared/peers,
# beside this tree, and are built in build/peers. Sourced by the benchmark scripts, after the
# end-to-end harness:
#
#     if peers_build; then peers_start_go; fi
#
# Where the sources or their packages are not to be had, it says so and the run goes on without.
# shellcheck disable=SC2034 # what it sets is for those who source it

peers_source=../shared/peers
peers_folder=build/peers

# Copies, installs what is missing and builds, once.
peers_build() {
    if [[ ! -d $peers_source ]]; then
        echo "(no peers: $peers_source is not there)"
        return 1
    fi
    if [[ -x $peers_folder/bin/rpcbench ]]; then
        return 0
    fi
    . deploy/install.sh
    if ! install_packages peers; then
        echo "(no peers: their packages cannot be installed)"
        return 1
    fi
    mkdir -p "$peers_folder" build/log
    cp -r "$peers_source/." "$peers_folder/"
    if ! make -C "$peers_folder" go >build/log/peers.log 2>&1; then
        echo "(no peers: they do not build; see build/log/peers.log)"
        return 1
    fi
}

# peers_start_go: Gin with grpc-go on free ports; sets peer_gateway_address, peer_service_address
# and the two pids. They cannot say which port they got, so free ones are looked for.
peers_start_go() {
    peer_service_address=127.0.0.1:$(free_port)
    in_background "$peers_folder/bin/reportsvc" -addr "$peer_service_address" >"$work/reportsvc.log" 2>&1
    peer_service_pid=$last_pid
    peer_gateway_address=127.0.0.1:$(free_port)
    in_background "$peers_folder/bin/gateway" -addr "$peer_gateway_address" -rpc "$peer_service_address" \
        >"$work/peer-gateway.log" 2>&1
    peer_gateway_pid=$last_pid
    until_true answers "http://$peer_gateway_address/v1/centers/1/audit-report?mode=echo"
}

# A port that nobody listens on now.
free_port() {
    local port
    while port=$((20000 + RANDOM % 12000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
        :
    done
    echo "$port"
}
