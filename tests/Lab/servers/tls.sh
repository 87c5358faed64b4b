# A certificate authority of the lab's own, and certificates for tests of TLS: one that is right, and one for each way to be wrong.

start_tls() {
    local tls=$STATE/etc/tls
    if [ ! -e "$tls/complete" ]; then
        mkdir -p "$tls"
        new_key "$tls/ca"
        openssl req -x509 -new -key "$tls/ca.key" -out "$tls/ca.pem" -days 3650 -subj '/CN=Lab CA' \
            -addext keyUsage=critical,keyCertSign,cRLSign

        local here='IP:127.0.0.1,IP:::1,DNS:localhost'
        sign_certificate good "$here" "$(date -u -d yesterday +%Y%m%d%H%M%SZ)" "$(date -u -d '+2 years' +%Y%m%d%H%M%SZ)"
        sign_certificate expired "$here" 20200101000000Z 20200201000000Z
        sign_certificate wrong-host DNS:elsewhere.example \
            "$(date -u -d yesterday +%Y%m%d%H%M%SZ)" "$(date -u -d '+2 years' +%Y%m%d%H%M%SZ)"

        new_key "$tls/self-signed"
        openssl req -x509 -new -key "$tls/self-signed.key" -out "$tls/self-signed.pem" -days 3650 -subj /CN=localhost \
            -addext "subjectAltName=$here"
        touch "$tls/complete"
    fi 2>>"$STATE/log/tls.log"
    jq -n --arg dir "$tls" '{
        caFile: "\($dir)/ca.pem",
        good: {certificateFile: "\($dir)/good.pem", keyFile: "\($dir)/good.key"},
        expired: {certificateFile: "\($dir)/expired.pem", keyFile: "\($dir)/expired.key"},
        wrongHost: {certificateFile: "\($dir)/wrong-host.pem", keyFile: "\($dir)/wrong-host.key"},
        selfSigned: {certificateFile: "\($dir)/self-signed.pem", keyFile: "\($dir)/self-signed.key"}
    }' | publish tls
}

new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }

# sign_certificate NAME SUBJECT_ALT_NAMES FROM UNTIL: only `openssl ca` takes both dates in every version of OpenSSL
sign_certificate() {
    local work=$tls/$1.work
    mkdir -p "$work"
    : >"$work/index.txt"
    cat >"$work/ca.conf" <<CONF
[ca]
default_ca = lab
[lab]
database = $work/index.txt
new_certs_dir = $work
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = server
[any]
commonName = supplied
[server]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = $2
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
CONF
    new_key "$tls/$1"
    openssl req -new -key "$tls/$1.key" -subj "/CN=$1" -out "$work/request.pem"
    openssl ca -batch -notext -config "$work/ca.conf" -cert "$tls/ca.pem" -keyfile "$tls/ca.key" -startdate "$3" -enddate "$4" \
        -in "$work/request.pem" -out "$tls/$1.pem"
    rm -rf "$work"
}
