# The Debian packages the lab needs. Installing one must not start its daemon: the lab starts what it wants, where it wants.

PACKAGES=(
    docker-registry skopeo                                              # registries and a client
    swift-proxy swift-account swift-container swift-object memcached    # OpenStack Swift
    keystone uwsgi-core uwsgi-plugin-python3                            # its identity service
    radosgw ceph-mon ceph-osd ceph-common                               # Ceph's S3 and Swift gateway
    etcd-server                                                         # what a Kubernetes API server stores in
    tinyproxy                                                           # an HTTP proxy with a password
    curl jq openssl util-linux procps
)
POLICY=/usr/sbin/policy-rc.d
POLICY_MARK='# put here by the lab while it installs packages'

# lab_install [packages]: everything, or what packages are enough for
lab_install() {
    [ "${1-packages}" = packages ] || usage
    install_debian_packages "${PACKAGES[@]}"
    [ $# -gt 0 ] || install_kube
}

# missing_packages PACKAGE...
missing_packages() {
    local installed package
    installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
    for package; do
        grep -qx "$package installed" <<<"$installed" || echo "$package"
    done
}

# install_debian_packages PACKAGE...: those that are missing
install_debian_packages() {
    local missing
    if ! command -v dpkg-query apt-get >/dev/null; then
        say "the lab's servers come from Debian's packages, and this is not Debian"
        exit 3
    fi
    [ -n "$(missing_packages "$@")" ] || return 0
    if [ "$(id -u)" != 0 ]; then
        say "not root: cannot install $(missing_packages "$@" | tr '\n' ' ')"
        exit 3
    fi
    (
        flock 8
        mapfile -t missing < <(missing_packages "$@")      # another caller may have installed them while we waited
        [ ${#missing[@]} -gt 0 ] || exit 0
        forbid_daemons
        trap allow_daemons EXIT
        say "installing ${missing[*]}"
        export DEBIAN_FRONTEND=noninteractive
        apt-get -q -o DPkg::Lock::Timeout=300 update 8>&- >&2
        apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "${missing[@]}" </dev/null 8>&- >&2
    ) 8>/run/lock/registry-lab-install.lock
}

# 101 means "forbidden": maintainer scripts then leave their daemons alone. A policy that the machine has already is set aside.
forbid_daemons() {
    if [ -e $POLICY ] && ! grep -qF "$POLICY_MARK" $POLICY; then mv $POLICY $POLICY.before-lab; fi
    printf '#!/bin/sh\n%s\nexit 101\n' "$POLICY_MARK" >$POLICY
    chmod 755 $POLICY
}

allow_daemons() {
    rm -f $POLICY
    [ ! -e $POLICY.before-lab ] || mv $POLICY.before-lab $POLICY
}
