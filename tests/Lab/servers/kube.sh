# Kubernetes: etcd, kube-apiserver and kube-controller-manager on loopback, and OpenShift's resource types in it.

# What the tests use. No scheduler, no kubelet: tests/Lab.Cluster stands in for both.
KUBE_CONTROLLERS=job,deployment,replicaset,garbagecollector,namespace,serviceaccount,serviceaccount-token
KUBE_CONTROLLERS+=,pvc-protection,ttl-after-finished,root-ca-cert-publisher
KUBE_USERS=(viewer nobody limited)

start_kube() {
    local pki=$STATE/etc/kube
    kube_is_built || die "Kubernetes is not built yet: run $LAB_HOME/lab.sh install"
    [ -e "$pki/complete" ] || kube_identities "$pki" 2>>"$STATE/log/kube-setup.log"
    start_etcd
    start_kube_apiserver
    start_process 1 kube-controller-manager "$(kube_directory)/kube-controller-manager" \
        --kubeconfig="$pki/controller-manager.kubeconfig" --leader-elect=false --use-service-account-credentials=true \
        --bind-address=127.0.0.1 --secure-port="$(port kube-controller-manager)" --port=0 --cert-dir="$pki/controller-manager" \
        --service-account-private-key-file="$pki/accounts.key" --root-ca-file="$pki/ca.pem" \
        --controllers=$KUBE_CONTROLLERS --feature-gates=TTLAfterFinished=true
    kube_viewer
    # Nobody can make pods in a namespace before its service account has a token.
    wait_kube kube-controller-manager '.secrets | length > 0' /api/v1/namespaces/default/serviceaccounts/default
    kube_json "$pki" | publish kube
}

start_etcd() {
    local clients=http://127.0.0.1:$(port etcd) peers
    peers=http://127.0.0.1:$(port etcd-peer)
    # Nothing of this has to survive the machine, so nothing waits for its disk.
    start_process 3 etcd etcd --data-dir "$STATE/data/etcd" --listen-client-urls "$clients" --advertise-client-urls "$clients" \
        --listen-peer-urls "$peers" --initial-advertise-peer-urls "$peers" --initial-cluster "default=$peers" \
        --unsafe-no-fsync --logger zap --log-level warn
}

start_kube_apiserver() {
    local pki=$STATE/etc/kube
    start_process 2 kube-apiserver "$(kube_directory)/kube-apiserver" --etcd-servers="http://127.0.0.1:$(port etcd)" \
        --bind-address=127.0.0.1 --advertise-address=127.0.0.1 --secure-port="$(port kube-apiserver)" \
        --tls-cert-file="$pki/apiserver.pem" --tls-private-key-file="$pki/apiserver.key" --client-ca-file="$pki/ca.pem" \
        --token-auth-file="$pki/tokens.csv" --authorization-mode=RBAC --allow-privileged=true \
        --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$pki/accounts.pub" \
        --service-account-signing-key-file="$pki/accounts.key" --service-cluster-ip-range=10.0.0.0/24 \
        --kubelet-client-certificate="$pki/admin.pem" --kubelet-client-key="$pki/admin.key" \
        --kubelet-preferred-address-types=InternalIP --feature-gates=TTLAfterFinished=true
    wait_kube kube-apiserver '. == "ok"' /readyz
}

# lab_restart STATE_DIR kube-apiserver [SECONDS]: away for that long
lab_restart() {
    [ "$2" = kube-apiserver ] || usage
    find_state "$1" || die "no lab in $1"
    stop_processes kube-apiserver
    sleep "${3-0}"
    start_kube_apiserver
    write_lab_json                       # it tells pids
}

# kube_curl PATH CURL_ARGUMENT...: one request of the administrator's
kube_curl() {
    local pki=$STATE/etc/kube
    curl -sS --max-time 30 --cacert "$pki/ca.pem" --cert "$pki/admin.pem" --key "$pki/admin.key" \
        "https://127.0.0.1:$(port kube-apiserver)$1" "${@:2}"
}

# wait_kube PROCESS FILTER PATH: until jq says true of the answer; what is not JSON counts as a string. No answer is no answer: of an
# empty input jq says nothing, and calls that a success.
wait_kube() {
    local deadline=$((SECONDS + 120)) answer
    while :; do
        answer=$(kube_curl "$3" 2>/dev/null || true)
        jq -e . >/dev/null 2>&1 <<<"$answer" || answer=$(jq -Rs 'rtrimstr("\n")' <<<"$answer")
        [ -z "$answer" ] || ! jq -e "$2" >/dev/null 2>&1 <<<"$answer" || return 0
        alive "$1" || { tail -n 20 "$STATE/log/$1.log" >&2; die "$1 died while starting"; }
        [ $SECONDS -lt $deadline ] || { tail -n 20 "$STATE/log/$1.log" >&2; die "$1: $3 does not become right: $answer"; }
        sleep 0.1
    done
}

# One authority for servers and clients, a key that signs service account tokens, and tokens that stay the same.
kube_identities() {
    local pki=$1 user here=IP:127.0.0.1,IP:10.0.0.1,DNS:localhost,DNS:kubernetes.default.svc
    mkdir -p "$pki"
    new_key "$pki/ca"
    openssl req -x509 -new -key "$pki/ca.key" -subj '/CN=Lab cluster CA' -days 3650 -out "$pki/ca.pem" \
        -addext keyUsage=critical,keyCertSign,cRLSign
    kube_certificate apiserver /CN=kube-apiserver serverAuth "$here"
    kube_certificate registry /CN=image-registry serverAuth \
        "$here,DNS:image-registry.openshift-image-registry.svc,DNS:image-registry.openshift-image-registry.svc.cluster.local"
    kube_certificate admin /O=system:masters/CN=admin clientAuth
    kube_certificate controller-manager /CN=system:kube-controller-manager clientAuth
    openssl genrsa -out "$pki/accounts.key" 2048
    openssl rsa -in "$pki/accounts.key" -pubout -out "$pki/accounts.pub"
    echo 'lab-admin-token,admin,lab-admin,system:masters' >"$pki/tokens.csv"
    for user in "${KUBE_USERS[@]}"; do echo "lab-$user-token,$user,lab-$user" >>"$pki/tokens.csv"; done
    kubeconfig controller-manager "client-certificate: $pki/controller-manager.pem" "client-key: $pki/controller-manager.key" \
        >"$pki/controller-manager.kubeconfig"
    kube_user_config "$pki" >"$pki/kubeconfig"
    touch "$pki/complete"
}

# kube_certificate NAME SUBJECT USAGE [SUBJECT_ALT_NAMES]
kube_certificate() {
    new_key "$pki/$1"
    openssl req -new -key "$pki/$1.key" -subj "$2" -out "$pki/$1.csr"
    openssl x509 -req -in "$pki/$1.csr" -CA "$pki/ca.pem" -CAkey "$pki/ca.key" -CAcreateserial -days 3650 -out "$pki/$1.pem" \
        -extfile <(echo "extendedKeyUsage=$3"; [ -z "${4-}" ] || echo "subjectAltName=$4")
    rm "$pki/$1.csr"
}

# kubeconfig USER CREDENTIAL_LINE...: with a context for each user of the lab, though only the first one's credentials
kubeconfig() {
    local user
    cat <<YAML
apiVersion: v1
kind: Config
current-context: $1
clusters:
- name: lab
  cluster:
    server: https://127.0.0.1:$(port kube-apiserver)
    certificate-authority: $STATE/etc/kube/ca.pem
contexts:
YAML
    for user in "$1" admin-certificate "${KUBE_USERS[@]}"; do
        printf -- '- name: %s\n  context:\n    cluster: lab\n    user: %s\n' "$user" "$user"
    done
    printf 'users:\n- name: %s\n  user:\n' "$1"
    printf '    %s\n' "${@:2}"
}

# The users' file: a context for each, the administrator also with a certificate.
kube_user_config() {
    local user
    kubeconfig admin "token: lab-admin-token"
    printf -- '- name: admin-certificate\n  user:\n    client-certificate: %s\n    client-key: %s\n' "$1/admin.pem" "$1/admin.key"
    for user in "${KUBE_USERS[@]}"; do printf -- '- name: %s\n  user:\n    token: %s\n' "$user" "lab-$user-token"; done
}

# `viewer` may read: OpenShift's own types as well, but no secrets.
kube_viewer() {
    kube_apply /apis/rbac.authorization.k8s.io/v1/clusterroles/lab-viewer <<'YAML'
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: lab-viewer}
rules:
- {apiGroups: [imageregistry.operator.openshift.io, config.openshift.io, route.openshift.io, image.openshift.io, apps.openshift.io, build.openshift.io], resources: ['*'], verbs: [get, list, watch]}
- {apiGroups: [''], resources: [namespaces, nodes, persistentvolumes], verbs: [get, list, watch]}
YAML
    local role
    for role in lab-viewer view; do
        kube_apply "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/lab-$role" <<YAML
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: lab-$role}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: $role}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: viewer}]
YAML
    done
}

# kube_apply PATH: the object on standard input, as YAML
kube_apply() {
    local answer
    answer=$(kube_curl "$1?fieldManager=lab&force=true" -X PATCH -H 'Content-Type: application/apply-patch+yaml' --data-binary @-)
    [ -n "$answer" ] || die "$1: no answer"
    jq -e '.kind != "Status"' >/dev/null <<<"$answer" || die "$1: $(jq -r .message <<<"$answer")"
}

kube_json() {
    jq -n --arg server "https://127.0.0.1:$(port kube-apiserver)" --arg dir "$1" --arg etcd "http://127.0.0.1:$(port etcd)" \
        --arg version "v$KUBE_VERSION" '{
        server: $server, version: $version, certificateAuthority: "\($dir)/ca.pem", kubeconfig: "\($dir)/kubeconfig",
        adminToken: "lab-admin-token", clientCertificate: "\($dir)/admin.pem", clientKey: "\($dir)/admin.key",
        tokens: ($ARGS.positional | map({key: ., value: "lab-\(.)-token"}) | from_entries), etcd: $etcd
    }' --args "${KUBE_USERS[@]}"
}

# OpenShift's types: our own schemas, which keep what the real ones check where a test depends on it.
start_openshift() {
    local file name
    for file in "$LAB_HOME"/crds/*.yaml; do
        kube_apply "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/$(basename "$file" .yaml)" <"$file"
    done
    for file in "$LAB_HOME"/crds/*.yaml; do
        name=$(basename "$file" .yaml)
        wait_kube kube-apiserver '.status.conditions // [] | any(.type == "Established" and .status == "True")' \
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/$name"
    done
    jq -n --argjson registryPort "$(port openshift-registry)" --argjson quayPort "$(port openshift-quay)" --argjson kubeletPort "$(port kubelet)" --arg dir "$STATE" \
        '{$registryPort, $quayPort, $kubeletPort, registryCertificate: "\($dir)/etc/kube/registry.pem", registryKey: "\($dir)/etc/kube/registry.key"}' \
        | publish openshift
}
