# docker-registry: on any configuration the caller brings, and the named ones on the lab's own backends.

# start_registry NAME CONFIG.yml: address and upload secret come from here, everything else from the configuration.
# It trusts the lab's CA when there is one.
start_registry() {
    local name=$1 config=$2 port
    port=$(port "$name")
    (
        export REGISTRY_HTTP_ADDR=127.0.0.1:$port REGISTRY_HTTP_SECRET=labsecret
        [ ! -e "$STATE/etc/tls/ca.pem" ] || export SSL_CERT_FILE=$STATE/etc/tls/ca.pem
        start_process 1 "$name" docker-registry serve "$config"
    )
    wait_http "$name" "http://127.0.0.1:$port/v2/"
}

# registry_url NAME: a registry with a certificate answers plain HTTP with a hint
registry_url() {
    local address
    address=127.0.0.1:$(port "$1")
    if curl -s "http://$address/v2/" | grep -q 'HTTPS server'; then echo "https://$address"; else echo "http://$address"; fi
}

# lab_registry STATE_DIR NAME CONFIG.yml
lab_registry() {
    open_state "$1"
    start_registry "$2" "$3"
    registry_url "$2"
}

# lab_stop STATE_DIR NAME
lab_stop() {
    find_state "$1" || return 0
    stop_processes "$2"
    # The API server comes back where kubeconfigs look for it.
    [ "$2" = kube-apiserver ] || rm -f "$STATE/ports/$2"
}

# named_registry NAME [ENVIRONMENT...]: storage section of the configuration on standard input
named_registry() {
    local name=$1 config=$STATE/etc/$1.yml
    shift
    {
        printf 'version: 0.1\nlog: {level: info, accesslog: {disabled: true}}\nstorage:\n'
        sed 's/^/  /'
        printf '  delete: {enabled: true}\nhttp: {addr: "127.0.0.1:0"}\n'
    } >"$config"
    (
        # shellcheck disable=SC2163
        [ $# -eq 0 ] || export "$@"
        start_registry "$name" "$config"
    )
    jq -n --arg url "$(registry_url "$name")" --arg configFile "$config" '$ARGS.named' | publish "$name"
}

start_registry_fs() { named_registry registry-fs <<<"filesystem: {rootdirectory: $STATE/data/registry-fs}"; }

# The same directory, read-only the way an administrator does it: by environment.
start_registry_fs_ro() {
    named_registry registry-fs-ro 'REGISTRY_STORAGE_MAINTENANCE_READONLY={"enabled":true}' \
        <<<"filesystem: {rootdirectory: $STATE/data/registry-fs}"
}

# The buckets are made through the Swift API, which both S3 servers speak as well and which needs no signature.
start_registry_s3() {
    swift_container "$(json ceph .swift.authUrl)" "$(json ceph .swift.user)" "$(json ceph .swift.key)" registry
    s3_storage "$(json ceph .endpoint)" "$(json ceph .accessKey)" "$(json ceph .secretKey)" registry | named_registry registry-s3
}

start_registry_s3swift() {
    swift_container "$(json swift .authUrl)" "$(json swift .user)" "$(json swift .key)" registry-s3
    s3_storage "$(json swift .s3Endpoint)" "$(json swift .user)" "$(json swift .key)" registry-s3 | named_registry registry-s3swift
}

start_registry_swift() {
    named_registry registry-swift <<YML
swift:
  authurl: $(json swift .authUrl)
  username: "$(json swift .user)"
  password: $(json swift .key)
  container: registry
  authversion: 1
YML
}

# Redirects would go to TempURLs whose key the registry cannot set up behind Keystone's container-scoped rights.
start_registry_swift_ks() {
    named_registry registry-swift-ks <<YML
swift:
  authurl: $(json swift-ks .authUrl)
  username: $(json swift-ks .user)
  password: $(json swift-ks .password)
  tenant: $(json swift-ks .project)
  domainid: default
  tenantdomainid: default
  region: $(json swift-ks .region)
  authversion: 3
  container: registry
redirect: {disable: true}
YML
}

# json SERVER FILTER: a value that a server has published
json() { jq -er "$2" "$STATE/json/$1.json"; }

# s3_storage ENDPOINT ACCESS_KEY SECRET_KEY BUCKET
s3_storage() {
    cat <<YML
s3:
  region: us-east-1
  regionendpoint: $1
  accesskey: "$2"
  secretkey: "$3"
  bucket: $4
  secure: false
  v4auth: true
YML
}
