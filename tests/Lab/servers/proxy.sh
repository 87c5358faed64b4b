# An HTTP proxy with a password, for tests of what has to go through one.

start_proxy() {
    local port
    port=$(port proxy)
    cat >"$STATE/etc/tinyproxy.conf" <<CONF
Port $port
Listen 127.0.0.1
Timeout 600
LogLevel Connect
LogFile "$STATE/log/proxy-requests.log"
MaxClients 50
BasicAuth lab through
CONF
    start_process 1 proxy tinyproxy -d -c "$STATE/etc/tinyproxy.conf"
    wait_http proxy "http://127.0.0.1:$port"
    jq -n --arg url "http://127.0.0.1:$port" --arg log "$STATE/log/proxy-requests.log" '{url: $url, user: "lab", password: "through", logFile: $log}' | publish proxy
}
