# shellcheck shell=bash
# Two network namespaces joined by a pair of interfaces, the service in one and the gateway in the
# other, TLS between them. Sourced by the scenarios of the network, after the harness:
#
#     begin "$@"
#     begin_network "a cut link" || exit 0
#     start_both --fault edc.delay=60s || exit 1

service_ip=10.213.76.1
gateway_ip=10.213.76.2
service_space=walkie-service-$$
gateway_space=walkie-gateway-$$

remove_network() {
    ip netns del "$service_space" 2>/dev/null # the pair of interfaces goes with it
    ip netns del "$gateway_space" 2>/dev/null
    return 0
}

# The kernel's of a connection in the gateway's namespace, 64 KB together instead of megabytes.
small_buffers() {
    # shellcheck disable=SC2016 # the other shell expands it
    ip netns exec "$gateway_space" sh -c 'for name in tcp_wmem tcp_rmem; do
        echo 4096 16384 32768 >/proc/sys/net/ipv4/$name || exit 1
    done'
}

make_network() {
    ip netns add "$service_space" && ip netns add "$gateway_space" &&
        ip link add walkie0 netns "$service_space" type veth peer name walkie1 netns "$gateway_space" &&
        ip -n "$service_space" addr add "$service_ip/30" dev walkie0 &&
        ip -n "$gateway_space" addr add "$gateway_ip/30" dev walkie1 &&
        small_buffers &&
        ip -n "$service_space" link set lo up && ip -n "$gateway_space" link set lo up &&
        ip -n "$service_space" link set walkie0 up && ip -n "$gateway_space" link set walkie1 up
} >"$work/network.out" 2>&1

# in_space SPACE BINARY: a program that runs the binary there, as the same process.
in_space() {
    local program=$work/$1
    printf '#!/bin/sh\nexec ip netns exec %s %s "$@"\n' "$1" "$PWD/$2" >"$program"
    chmod +x "$program"
    echo "$program"
}

# Each end is asked where it is: the harness knows of one machine only.
curl() {
    local space=$gateway_space
    if [[ "$*" == *"${service_admin:-none}"* ]]; then
        space=$service_space
    fi
    ip netns exec "$space" curl "$@"
}

# start_both [FLAG of the service...]
start_both() {
    service_binary=$(in_space "$service_space" "$service_binary_here")
    gateway_binary=$(in_space "$gateway_space" "$gateway_binary_here")
    start_service --listen "tls+tcp://$service_ip:0" --tls-ca "$work/ca/ca.pem" \
        --tls-cert "$work/ca/$service_ip.pem" --tls-key "$work/ca/$service_ip.key" \
        "$@" &&
        start_gateway --tls-ca "$work/ca/ca.pem" --backend-tls-cert "$work/ca/api-gateway.pem" \
            --backend-tls-key "$work/ca/api-gateway.key"
}

# begin_network WHAT: make it, and the certificates; where that cannot be, say that WHAT is skipped.
begin_network() {
    service_binary_here=$service_binary gateway_binary_here=$gateway_binary
    trap 'stop_everything; remove_network' EXIT
    if ! make_network; then
        echo "skip - $1: no network namespaces here: $(tail -n 1 "$work/network.out")"
        return 1
    fi
    deploy/certificates "$work/ca" "$service_ip" api-gateway >"$work/certificates.out"
}
