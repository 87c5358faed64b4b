# kube-apiserver and kube-controller-manager, built once from Debian's own source package: Debian ships no package of them.
# About three minutes on two cores, 1 GB of memory, and 2 GB of disk that is given back.

KUBE_VERSION=1.20.2
KUBE_SOURCE=1.20.5+really1.20.2-1.1+deb12u1
KUBE_PROGRAMS=(kube-apiserver kube-controller-manager)
KUBE_BUILD_PACKAGES=(golang-1.19-go dpkg-dev patch xz-utils)
KUBE_REFLECT2=golang-github-modern-go-reflect2-dev=1.0.2-2

lab_cache() { echo "${XDG_CACHE_HOME:-$HOME/.cache}/registry-migration"; }

kube_directory() { echo "$(lab_cache)/kube-$KUBE_VERSION"; }

kube_is_built() {
    local program
    for program in "${KUBE_PROGRAMS[@]}"; do
        [ -x "$(kube_directory)/$program" ] || return 1
    done
}

# install_kube: exit code 5 says that it can't be built on this machine, and why
install_kube() {
    local cache work
    ! kube_is_built || return 0
    cache=$(lab_cache)
    mkdir -p "$cache"
    exec 6>"$cache/kube-build.lock"
    flock 6
    ! kube_is_built || return 0                   # another caller may have built it while we waited
    # shellcheck disable=SC1091
    [ "$(. /etc/os-release && echo "${VERSION_CODENAME-}")" = bookworm ] \
        || { say "Kubernetes is built from the source package of Debian 12, and this is another release"; exit 5; }
    install_debian_packages "${KUBE_BUILD_PACKAGES[@]}" 6>&-

    find "$cache" -maxdepth 1 -name 'kube-build.??????' -exec rm -rf {} +      # of a builder that was killed
    work=$(mktemp -d "$cache/kube-build.XXXXXX")
    say "building Kubernetes $KUBE_VERSION, once, in about three minutes (log: $cache/kube-build.log)"
    if ! (set -e; build_kube "$work") >"$cache/kube-build.log" 2>&1 6>&- </dev/null; then
        tail -n 20 "$cache/kube-build.log" >&2
        chmod -R u+w "$work"                      # Go's module cache is read-only
        rm -rf "$work"
        say "Kubernetes could not be built (log: $cache/kube-build.log)"
        exit 5
    fi
    rm -rf "$work" "$cache/kube-build.log"
}

# build_kube WORK: each step in an `if` of its caller, where `set -e` is off, so each one says `|| return`
build_kube() {
    local work=$1 tree=$1/gopath/src/k8s.io/kubernetes
    mkdir -p "$work/out" "$(dirname "$tree")"
    export PATH=/usr/lib/go-1.19/bin:$PATH GOPATH=$work/gopath GOCACHE=$work/gocache GOTMPDIR=$work CGO_ENABLED=0
    export GO111MODULE=off GOPROXY=off GOSUMDB=off
    unset GOFLAGS
    kube_source "$work" "$tree" || return
    repair_reflect2 "$work" "$tree" || return
    repair_validation "$tree/vendor/k8s.io/kube-openapi/pkg/validation/validate/type.go" || return
    cd "$tree" || return
    generate_openapi "$work" || return
    compile_kube "$work/out" || return
    mkdir -p "$(kube_directory)" && mv "$work"/out/* "$(kube_directory)/"
}

# The source package, through an apt of its own: nobody needs deb-src lines in /etc/apt, and nothing there changes.
kube_source() {
    local work=$1 tree=$2 apt
    mkdir -p "$work"/apt/{lists/partial,archives/partial,empty} || return
    apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' | sort -u \
        | awk -v keys=/usr/share/keyrings/debian-archive-keyring.gpg '{
            option = (system("test -e " keys) == 0) ? " [signed-by=" keys "] " : " "
            print "deb" option $0; print "deb-src" option $0 }' >"$work/apt/sources.list"
    [ -s "$work/apt/sources.list" ] || { echo 'apt knows no archive of Debian'; return 1; }
    apt=(apt-get -q -o Dir::Etc::SourceList="$work/apt/sources.list" -o Dir::Etc::SourceParts="$work/apt/empty"
        -o Dir::State::Lists="$work/apt/lists" -o Dir::Cache::archives="$work/apt/archives"
        -o Dir::Cache::pkgcache="$work/apt/pkgcache.bin" -o Dir::Cache::srcpkgcache="$work/apt/srcpkgcache.bin"
        -o APT::Sandbox::User=root -o Acquire::Languages=none)
    "${apt[@]}" update || return
    mkdir -p "$work/dl"
    (cd "$work/dl" && "${apt[@]}" source --download-only "kubernetes=$KUBE_SOURCE" && "${apt[@]}" download "$KUBE_REFLECT2") || return
    dpkg-source --no-check -x "$work/dl/kubernetes_${KUBE_SOURCE}.dsc" "$tree"
}

# The vendored reflect2 1.0.1 reads wild memory when built with Go 1.18 or later: the first custom resource kills the server.
# Debian's own package has 1.0.2, which does not.
repair_reflect2() {
    local work=$1 vendored=$2/vendor/github.com/modern-go/reflect2
    dpkg -x "$work"/dl/golang-github-modern-go-reflect2-dev_*.deb "$work/reflect2" || return
    rm -rf "$vendored"
    cp -r "$work/reflect2/usr/share/gocode/src/github.com/modern-go/reflect2" "$vendored"
}

# The vendored validator compares reflect.Value structs to find nil. With Go 1.18 and later the zero value of a string has one address
# for all, so that an empty string in a custom resource is taken for null and refused.
repair_validation() {
    sed -i 's/if data == nil || reflect\.DeepEqual(reflect\.Zero(reflect\.TypeOf(data)), reflect\.ValueOf(data)) {/if data == nil {/' "$1"
    grep -q '^	if data == nil {$' "$1"
}

# One generated file is missing from the source package: the OpenAPI definitions. Their generator is vendored; it lists what breaks
# its rules, and that list must be the one that upstream has committed: then it saw the same types.
generate_openapi() {
    local work=$1 inputs
    go build -o "$work/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen || return
    inputs=$(grep -rl --include='*.go' '+k8s:openapi-gen=' pkg cmd plugin staging/src/k8s.io \
        | sed 's,^staging/src/,vendor/,' \
        | grep -v -e /_examples/ -e ^vendor/k8s.io/code-generator/ -e ^vendor/k8s.io/sample-apiserver/ -e /testdata/ \
        | xargs -n1 dirname | LC_ALL=C sort -u | sed 's,^,k8s.io/kubernetes/,' | paste -sd,)
    "$work/openapi-gen" --logtostderr -i "$inputs" -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi \
        -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r "$work/violations.report" || return
    diff -q api/api-rules/violation_exceptions.list "$work/violations.report"
}

# Without the SDKs of the clouds and of Docker: half the time, half the size.
compile_kube() {
    local flags='-s -w' package setting
    for package in component-base/version client-go/pkg/version; do
        for setting in gitVersion=v$KUBE_VERSION gitMajor=1 gitMinor=20 gitTreeState=clean \
            gitCommit=faecb196815e248d3ecfb03c680a4507229c2a56 buildDate=2021-01-13T13:20:00Z; do
            flags+=" -X k8s.io/kubernetes/vendor/k8s.io/$package.$setting"
        done
    done
    go build -trimpath -tags 'providerless dockerless' -ldflags "$flags" -o "$1/" "${KUBE_PROGRAMS[@]/#/./cmd/}"
}
