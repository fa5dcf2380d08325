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

# peers_start_nginx: nginx on free ports, one process that proxies to another one that answers 1 KB;
# sets peer_nginx_address and the two pids. Fails, and says so, where there is no nginx.
peers_start_nginx() {
    if ! command -v nginx >/dev/null; then
        echo "(no nginx: the package nginx-light is not installed)"
        return 1
    fi
    local static proxied
    static=127.0.0.1:$(free_port)
    peer_nginx_address=127.0.0.1:$(free_port)
    nginx_in_background static "server { listen $static; location / { return 200 '$(printf '%01024d' 0)'; } }"
    peer_nginx_static_pid=$last_pid
    # Connections to the upstream are kept, as the gateway keeps its own.
    proxied="proxy_pass http://static; proxy_http_version 1.1; proxy_set_header Connection '';"
    nginx_in_background proxy "upstream static { server $static; keepalive 256; keepalive_requests 1000000000; }
        server { listen $peer_nginx_address; location / { $proxied } }"
    peer_nginx_pid=$last_pid
    until_true answers "http://$peer_nginx_address/"
}

# nginx_in_background NAME SERVERS: one process, all of its files in $work.
nginx_in_background() {
    local path
    {
        echo "daemon off; master_process off; pid $work/nginx-$1.pid; error_log stderr;"
        echo "events { worker_connections 4096; }"
        echo "http { access_log off; keepalive_requests 1000000000;"
        for path in client_body proxy fastcgi uwsgi scgi; do
            echo "${path}_temp_path $work/nginx-$1-$path;"
        done
        echo "$2 }"
    } >"$work/nginx-$1.conf"
    in_background nginx -p "$work" -c "$work/nginx-$1.conf" 2>"$work/nginx-$1.log"
}

# A port that nobody listens on now.
free_port() {
    local port
    while port=$((20000 + RANDOM % 12000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
        :
    done
    echo "$port"
}
