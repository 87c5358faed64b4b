# OpenStack Swift, all in one, one replica: the storage servers once, and up to two proxies before them (own logins, Keystone).
# Settings: SWIFT_MAX_FILE_SIZE (bytes; makes the 5 GiB limit cheap to test), SWIFT_TOKEN_LIFE (seconds),
# SWIFT_ACCESS_LOG (host:port; the proxy of the own logins sends a UDP datagram there for each request of a client, ending in method,
# status, bytes received and bytes sent).

SWIFT_SERVICES=(account container object)

start_swift_storage() {
    local etc=$STATE/etc/swift service
    if [ ! -e "$etc/complete" ]; then
        mkdir -p "$etc" "$STATE"/data/swift/{disk/sda1,recon}
        swift_constants >"$etc/swift.conf"
        for service in "${SWIFT_SERVICES[@]}"; do swift_storage_server "$service" >"$etc/swift-$service.conf"; done
        /usr/bin/python3 "$LAB_HOME/servers/swift_rings.py" "$etc" "account:$(port swift-account)" \
            "container:$(port swift-container)" "object:$(port swift-object)"
        touch "$etc/complete"
    fi
    start_process 4 memcached memcached -u nobody -l 127.0.0.1 -p "$(port memcached)" -U 0 -m 64
    for service in "${SWIFT_SERVICES[@]}"; do start_swift_server 3 "swift-$service" "$service-server"; done
    for service in "${SWIFT_SERVICES[@]}"; do wait_http "swift-$service" "http://127.0.0.1:$(port "swift-$service")/healthcheck"; done
}

# Through a launcher, because Swift reads its constants from /etc/swift unless told otherwise in Python.
start_swift_server() {
    local stage=$1 name=$2 program=$3
    start_process "$stage" "$name" /usr/bin/python3 "$LAB_HOME/servers/swift_server.py" "$STATE/etc/swift" "$program" "$name.conf" -v
}

start_swift() {
    local port url
    port=$(port swift-proxy)
    url=http://127.0.0.1:$port
    [ -e "$STATE/etc/swift/swift-proxy.conf" ] || swift_proxy "$port" 'tempurl s3api tempauth' "${SWIFT_ACCESS_LOG-}" >"$STATE/etc/swift/swift-proxy.conf"
    start_swift_server 2 swift-proxy proxy-server
    wait_http swift-proxy "$url/healthcheck"
    [ ! -e "$STATE/json/swift.json" ] || return 0

    # test:reader may read everything of the account and change nothing: an account ACL, which only the account's admin can set.
    swift_request "$url/auth/v1.0" test:tester testing '' -X POST -H 'X-Account-Access-Control: {"read-only":["test:reader"]}'

    jq -n --arg url "$url" --argjson tokenLife "${SWIFT_TOKEN_LIFE:-86400}" '{
        authUrl: "\($url)/auth/v1.0", s3Endpoint: $url, region: "us-east-1", tokenLifeSeconds: $tokenLife,
        user: "test:tester", key: "testing",
        second: {user: "test2:tester2", key: "testing2"},
        reader: {user: "test:reader", key: "reading"},
        withoutRights: {user: "test:tester3", key: "testing3"}
    }' | publish swift
}

# swift_request AUTH_URL USER KEY PATH CURL_ARGUMENT...: one request below the account, with the API's first kind of login
swift_request() {
    local login token storage
    login=$(curl -sS --fail -D- -o /dev/null -H "X-Auth-User: $2" -H "X-Auth-Key: $3" "$1" | tr -d '\r')
    token=$(sed -n 's/^X-Auth-Token: //Ip' <<<"$login")
    storage=$(sed -n 's/^X-Storage-Url: //Ip' <<<"$login")
    curl -sS --fail -o /dev/null -H "X-Auth-Token: $token" "${@:5}" "$storage$4"
}

swift_container() { swift_request "$1" "$2" "$3" "/$4" -X PUT; }

# swift_proxy PORT AUTHENTICATION [ACCESS_LOG]: the pipeline is Swift's usual one; the filters of AUTHENTICATION stand where it expects
# them. The access log stands leftmost, where it sees what clients send and not what filters ask each other.
swift_proxy() {
    cat <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $1
workers = 0
user = $(id -un)
swift_dir = $STATE/etc/swift
log_name = swift-proxy
log_level = WARNING
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck ${3:+proxy-logging }cache listing_formats bulk $2 copy slo dlo versioned_writes symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:$(port memcached)
[filter:slo]
use = egg:swift#slo
max_manifest_segments = 10000
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_object_versioning = true
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
s3_acl = false
dns_compliant_bucket_names = true
storage_domain = s3.localhost
max_upload_part_num = 10000
[filter:tempauth]
use = egg:swift#tempauth
user_admin_admin = admin .admin .reseller_admin
user_test_tester = testing .admin
user_test_reader = reading
user_test_tester3 = testing3
user_test2_tester2 = testing2 .admin
token_life = ${SWIFT_TOKEN_LIFE:-86400}
CONF
    [ -z "${3-}" ] || cat <<CONF
[filter:proxy-logging]
use = egg:swift#proxy_logging
access_log_level = INFO
access_log_udp_host = ${3%:*}
access_log_udp_port = ${3##*:}
log_msg_template = {method} {status_int} {bytes_recvd} {bytes_sent}
CONF
    local filter
    for filter in catch_errors gatekeeper healthcheck listing_formats bulk tempurl copy dlo symlink; do
        printf '[filter:%s]\nuse = egg:swift#%s\n' $filter $filter
    done
}

swift_constants() {
    printf '[swift-hash]\nswift_hash_path_suffix = lab\nswift_hash_path_prefix = lab\n'
    printf '[storage-policy:0]\nname = Policy-0\ndefault = yes\n'
    printf '[swift-constraints]\n'
    [ -z "${SWIFT_MAX_FILE_SIZE-}" ] || echo "max_file_size = $SWIFT_MAX_FILE_SIZE"
}

# workers = 0: one process that does not fork, so that its pid is the server
swift_storage_server() {
    cat <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $(port "swift-$1")
workers = 0
user = $(id -un)
swift_dir = $STATE/etc/swift
devices = $STATE/data/swift/disk
recon_cache_path = $STATE/data/swift/recon
mount_check = false
disable_fallocate = true
log_name = swift-$1
log_level = WARNING
[pipeline:main]
pipeline = healthcheck $1-server
[filter:healthcheck]
use = egg:swift#healthcheck
[app:$1-server]
use = egg:swift#$1
CONF
}
