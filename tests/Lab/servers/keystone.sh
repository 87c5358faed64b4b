# Keystone v3 on sqlite, and a Swift proxy that asks it: password, application credential, EC2 keys.
# Setting: KEYSTONE_TOKEN_LIFE (seconds).

start_keystone() {
    local dir=$STATE/data/keystone conf=$STATE/etc/keystone.conf url
    url=http://127.0.0.1:$(port keystone)
    if [ ! -e "$dir/made" ]; then
        mkdir -p "$dir"
        chmod 700 "$dir"
        keystone_configuration "$dir" >"$conf"
        /usr/bin/python3 "$LAB_HOME/servers/keystone_setup.py" "$conf" "$dir/keystone.db" "$url/v3"
        touch "$dir/made"
    fi >>"$STATE/log/keystone-setup.log" 2>&1
    # One process with one thread: with more, sqlite answers "database is locked" on the first write, and Keystone 500.
    # uwsgi closes each connection after its answer without saying so: a client that uses it again finds it closed, now and then.
    OS_KEYSTONE_CONFIG_FILES=$conf start_process 3 keystone uwsgi --plugin python3 --http-socket "${url#http://}" \
        --wsgi-file /usr/bin/keystone-wsgi-public --callable application --master --enable-threads --processes 1 --threads 1 \
        --lazy-apps --buffer-size 65535 --add-header 'Connection: close' --die-on-term --need-app --listen 100 --disable-logging
    wait_http keystone "$url/v3"
}

start_swift_ks_proxy() {
    local port
    port=$(port swift-ks-proxy)
    [ -e "$STATE/etc/swift/swift-ks-proxy.conf" ] || {
        swift_proxy "$port" 'tempurl authtoken s3api s3token keystoneauth'
        keystone_filters
    } >"$STATE/etc/swift/swift-ks-proxy.conf"
    start_swift_server 2 swift-ks-proxy proxy-server
    wait_http swift-ks-proxy "http://127.0.0.1:$port/healthcheck"
}

# Once: the application credential would be another one each time, and tests hold the first.
start_swift_ks() {
    [ ! -e "$STATE/json/swift-ks.json" ] || return 0
    /usr/bin/python3 "$LAB_HOME/servers/keystone_accounts.py" "http://127.0.0.1:$(port keystone)/v3" \
        "http://127.0.0.1:$(port swift-ks-proxy)" "$STATE/etc" "${KEYSTONE_TOKEN_LIFE:-3600}" | publish swift-ks
}

# keystone_configuration DIR. Without caching = false, EC2 authentication answers 500.
keystone_configuration() {
    cat <<CONF
[DEFAULT]
log_file = $STATE/log/keystone-server.log
[database]
connection = sqlite:///$1/keystone.db
[identity]
password_hash_rounds = 4
[cache]
enabled = true
backend = oslo_cache.dict
[fernet_tokens]
key_repository = $1/fernet-keys
[fernet_receipts]
key_repository = $1/fernet-keys
[credential]
caching = false
key_repository = $1/credential-keys
[token]
expiration = ${KEYSTONE_TOKEN_LIFE:-3600}
allow_expired_window = 0
CONF
}

keystone_filters() {
    local keystone service
    keystone=http://127.0.0.1:$(port keystone)
    service="auth_url = $keystone
auth_type = password
project_domain_id = default
user_domain_id = default
project_name = service
username = swift
password = swiftpass"
    cat <<CONF
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
www_authenticate_uri = $keystone
delay_auth_decision = true
cache = swift.cache
include_service_catalog = false
$service
[filter:keystoneauth]
use = egg:swift#keystoneauth
operator_roles = admin, member
project_reader_roles = reader
[filter:s3token]
use = egg:swift#s3token
auth_uri = $keystone/v3
reseller_prefix = AUTH_
secret_cache_duration = 60
$service
CONF
}
