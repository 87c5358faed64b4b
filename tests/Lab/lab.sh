#!/bin/bash
# Starts the real servers that the tests use, and stops them. See README.md beside this file.
set -euo pipefail

LAB_HOME=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
for part in "$LAB_HOME"/lib/*.sh "$LAB_HOME"/servers/*.sh; do
    # shellcheck source=/dev/null
    . "$part"
done

# A machine's own certificate or proxy settings must not reach the servers: docker-registry's S3 driver dies on AWS_CA_BUNDLE,
# and everything here is loopback.
unset AWS_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE REQUESTS_CA_BUNDLE HTTPLIB2_CA_CERTS
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY

usage() {
    cat >&2 <<'TEXT'
lab.sh install [packages]                         install the Debian packages the lab needs (root, Debian), and build
                                                  Kubernetes, once, in three minutes, unless only packages are asked for
lab.sh up STATE_DIR [--owner PID [--delete]] NAME...
                                                  start servers and write STATE_DIR/lab.json; with an owner, the lab
                                                  goes down when that process is gone (and STATE_DIR with it: --delete)
lab.sh down STATE_DIR [--delete]                  stop everything; keeps only the logs, with --delete nothing
lab.sh status STATE_DIR                           what runs
lab.sh registry STATE_DIR NAME CONFIG.yml         start one docker-registry on a free port, print its URL
lab.sh start STATE_DIR NAME COMMAND...            run a program as a part of the lab, with a log of its own
lab.sh stop STATE_DIR NAME                        stop that registry or program, or kube-apiserver until it is restarted
lab.sh restart STATE_DIR kube-apiserver [SECONDS] take the API server away, for some seconds, and bring it back
lab.sh disk STATE_DIR NAME SIZE_MB                mount a small file system, print its path

names: kube openshift ceph swift swift-ks tls proxy registry-fs registry-fs-ro registry-swift registry-swift-ks registry-s3 registry-s3swift
exit codes: 1 failed, 2 wrong call, 3 not Debian or not root, 4 this machine does not permit mounts,
  5 Kubernetes cannot be built here
TEXT
    exit 2
}

command=${1-}
[ $# -gt 0 ] && shift
case $command in
    install)  [ $# -le 1 ] || usage; lab_install "$@" ;;
    up)       [ $# -ge 2 ] || usage; lab_up "$@" ;;
    down)     [ $# -ge 1 ] || usage; lab_down "$@" ;;
    status)   [ $# -eq 1 ] || usage; lab_status "$1" ;;
    registry) [ $# -eq 3 ] || usage; lab_registry "$@" ;;
    stop)     [ $# -eq 2 ] || usage; lab_stop "$@" ;;
    start)    [ $# -ge 3 ] || usage; lab_start "$@" ;;
    restart)  [ $# -ge 2 ] && [ $# -le 3 ] || usage; lab_restart "$@" ;;
    disk)     [ $# -eq 3 ] || usage; lab_disk "$@" ;;
    watch)    [ $# -ge 3 ] || usage; watch_owner "$@" ;;
    *)        usage ;;
esac
