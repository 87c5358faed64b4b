# Quay for scenarios: standalone on a directory with its configuration, or under the operator of a lab's cluster. Both are stand-ins, true to the
# published sources of Quay and its operator; see tests/Lab/README.md.

Import-Module "$PSScriptRoot/Lab.psm1", "$PSScriptRoot/Cluster.psm1", "$PSScriptRoot/SampleImages.psm1"

$script:Password = 'lab-password'

# The keys of one of Ceph's two users: first owns what it makes, second can't reach it.
function Get-CephUser {
    param($Lab, [ValidateSet('first', 'second')][string] $User = 'first')
    $keys = $User -eq 'first' ? $Lab.ceph : $Lab.ceph.second
    [pscustomobject]@{ AccessKey = $keys.accessKey; SecretKey = $keys.secretKey }
}

# Makes a bucket of one of Ceph's users, and gives its name.
function New-CephBucket {
    param($Lab, [ValidateSet('first', 'second')][string] $User = 'first', [string] $Name = "quay-$([guid]::NewGuid().ToString('n').Substring(0, 12))")
    $null = Invoke-StandIn (@('bucket', $Name, '--create') + (Get-CephArgument $Lab $User))
    $Name
}

# The keys of all objects in a bucket, in order, as the server says.
function Get-CephKey {
    param($Lab, [string] $Bucket, [ValidateSet('first', 'second')][string] $User = 'first')
    Invoke-StandIn (@('bucket', $Bucket) + (Get-CephArgument $Lab $User))
}

# Turns the bytes of an object around: its size stays, and only those notice who hash.
function Set-CephDamage {
    param($Lab, [string] $Bucket, [string] $Key, [ValidateSet('first', 'second')][string] $User = 'first')
    $null = Invoke-StandIn (@('bucket', $Bucket, '--damage', $Key) + (Get-CephArgument $Lab $User))
}

function Get-CephArgument {
    param($Lab, [string] $User)
    $keys = Get-CephUser $Lab $User
    '--endpoint', $Lab.ceph.endpoint, '--access-key', $keys.AccessKey, '--secret-key', $keys.SecretKey
}

# A location of DISTRIBUTED_STORAGE_CONFIG on Ceph: the driver's name and its settings. -Tls is Ceph's HTTPS address, which the lab's CA signed.
function New-QuayLocation {
    param(
        $Lab, [Parameter(Mandatory)][string] $Bucket, [ValidateSet('RadosGWStorage', 'RHOCSStorage', 'IBMCloudStorage', 'S3Storage', 'STSS3Storage')][string] $Driver = 'RadosGWStorage',
        [ValidateSet('first', 'second')][string] $User = 'first', [string] $StoragePath = '/datastorage/registry', [switch] $Tls
    )
    $keys = Get-CephUser $Lab $User
    $address = [uri] ($Tls ? $Lab.ceph.tlsEndpoint : $Lab.ceph.endpoint)
    $settings = if ($Driver -eq 'STSS3Storage') {
        [ordered]@{ storage_path = $StoragePath; s3_bucket = $Bucket; sts_role_arn = $Lab.ceph.roleArn; sts_user_access_key = $keys.AccessKey; sts_user_secret_key = $keys.SecretKey; endpoint_url = "$($address.Scheme)://$($address.Authority)" }
    }
    elseif ($Driver -eq 'S3Storage') {
        [ordered]@{ storage_path = $StoragePath; s3_bucket = $Bucket; s3_access_key = $keys.AccessKey; s3_secret_key = $keys.SecretKey; endpoint_url = "$($address.Scheme)://$($address.Authority)" }
    }
    else {
        [ordered]@{
            access_key = $keys.AccessKey; secret_key = $keys.SecretKey; bucket_name = $Bucket; hostname = $address.Host; port = $address.Port
            is_secure = [bool] $Tls; storage_path = $StoragePath
        }
    }
    , @($Driver, $settings)
}

# Writes the directory conf/stack of a standalone Quay: config.yaml with comments, an order of its own and keys that nobody knows, and certificates.
# -Location: an ordered table of names and what New-QuayLocation gives; the first one is preferred. Without -Tls it serves HTTP.
function New-QuayConfiguration {
    param($Lab, [string] $Directory, [Parameter(Mandatory)][Collections.IDictionary] $Location, [Collections.IDictionary] $Setting = @{}, [switch] $Tls)
    $null = New-Item -ItemType Directory -Force $Directory
    if ($Tls) {
        Copy-Item $Lab.tls.good.certificateFile "$Directory/ssl.cert"
        Copy-Item $Lab.tls.good.keyFile "$Directory/ssl.key"
    }
    if ($Lab.ceph) { Copy-Item $Lab.ceph.caFile "$Directory/extra_ca_cert_lab.crt" }
    $yaml = @(
        '# Quay of the lab. Comments and order are the administrator''s.'
        'SETUP_COMPLETE: true'
        'REGISTRY_TITLE: "Lab: Quay"   # a colon in a text'
        "SERVER_HOSTNAME: 127.0.0.1:$(Get-FreePort)"
        "PREFERRED_URL_SCHEME: $($Tls ? 'https' : 'http')"
        ''
        '# Storage'
        'DISTRIBUTED_STORAGE_CONFIG:'
        $Location.Keys | ForEach-Object {
            "    $($_):"
            "        - $($Location[$_][0])"
            $first = '- '
            foreach ($pair in $Location[$_][1].GetEnumerator()) {
                "        $first$($pair.Key): $(ConvertTo-Json $pair.Value -Compress)"
                $first = '  '
            }
        }
        "DISTRIBUTED_STORAGE_PREFERENCE: [$($Location.Keys | Select-Object -First 1)]"
        'DISTRIBUTED_STORAGE_DEFAULT_LOCATIONS: []'
        'AUTHENTICATION_TYPE: Database'
        'DB_URI: postgresql://quay:secret@db.example/quay'
        'SOMETHING_NOBODY_KNOWS: {kept: [1, "two", ~]}'
        $Setting.GetEnumerator() | ForEach-Object { "$($_.Key): $(ConvertTo-Json $_.Value -Compress -Depth 9)" }
    )
    Set-Content "$Directory/config.yaml" ($yaml -join "`n")
}

# Starts a Quay on a directory of New-QuayConfiguration: Address, User, Password, CertificateAuthority, Configuration, Database. A refusal to boot is an
# error with Quay's words. -IgnoreValidation is Quay's own variable: it then starts with a storage that it can't reach.
function Start-StandaloneQuay {
    param($Lab, [string] $Configuration, [string] $Name = 'quay', [string] $Database = "$($Lab.Directory)/data/$Name-database", [switch] $IgnoreValidation)
    $text = Get-Content "$Configuration/config.yaml" -Raw
    $hostname = [regex]::Match($text, '(?m)^SERVER_HOSTNAME:\s*["'']?([^\s"'']+)').Groups[1].Value
    $scheme = [regex]::Match($text, '(?m)^PREFERRED_URL_SCHEME:\s*["'']?(https?)').Groups[1].Value
    if (-not (Test-Path "$Database/accounts.json")) {
        $null = New-Item -ItemType Directory -Force $Database
        @{
            users         = @{ admin = @{ password = $script:Password; organizations = @('demo', 'shop') }; 'demo+puller' = @{ password = $script:Password; organizations = @('demo'); readOnly = $true } }
            organizations = @('demo', 'shop')
            # Of OAuth applications: a superuser's (where SUPER_USERS names admin), one of a smaller scope, one of somebody else, and one that is over.
            tokens        = @{
                superuser = @{ user = 'admin'; scopes = 'super:user' }; reader = @{ user = 'admin'; scopes = 'repo:read' }
                nobody = @{ user = 'other'; scopes = 'super:user' }; over = @{ user = 'admin'; scopes = 'super:user'; expires = [datetime]::UtcNow.AddDays(-1) }
            }
        } | ConvertTo-Json -Depth 5 | Set-Content "$Database/accounts.json"
    }
    $quay = [pscustomobject]@{
        Lab = $Lab; Name = $Name; Address = "$($scheme)://$hostname"; Registry = "$($scheme)://$hostname"; User = 'admin'; Password = $script:Password
        CertificateAuthority = $Lab.tls.caFile; Configuration = $Configuration; Database = $Database; IgnoreValidation = [bool] $IgnoreValidation
    }
    Start-QuayProcess $quay
    $quay
}

# Ends it; its database and storage stay.
function Stop-StandaloneQuay {
    param($Quay)
    Stop-StandIn $Quay.Lab $Quay.Name
}

# As an administrator does after a change of the configuration, which Quay reads only when it starts.
function Restart-StandaloneQuay {
    param($Quay)
    Stop-StandaloneQuay $Quay
    Start-QuayProcess $Quay
}

# Mode: none, or several of slow, never-ready, stuck.
function Start-QuayOperator {
    param($Lab, [string[]] $Mode = @())
    Start-StandIn $Lab quay-operator @('quay-operator', '--lab-state', $Lab.Directory, '--mode', ($Mode -join ','))
}

function Stop-QuayOperator {
    param($Lab)
    Stop-StandIn $Lab quay-operator
}

# Changes the mode of the operator that runs; without a mode it is well again.
function Set-QuayOperatorMode {
    param($Lab, [string[]] $Mode = @())
    $map = @{ apiVersion = 'v1'; kind = 'ConfigMap'; metadata = @{ name = 'quay-lab-operator' }; data = @{ mode = $Mode -join ',' } }
    $null = Invoke-Kube $Lab '/api/v1/namespaces/default/configmaps/quay-lab-operator?fieldManager=lab&force=true' -Method Patch -Body $map -ContentType 'application/apply-patch+yaml'
    Start-Sleep -Milliseconds 600
}

# Makes the objects of a cluster with a Quay: Registry, CertificateAuthority, User, Password, Namespace, Name, Bundle, Location, Bucket, Database. Needs
# openshift and ceph. -Managed: the operator's own storage, whose bucket Wait-QuayWorld tells. -Tls: HTTPS to the storage.
function Add-QuayWorld {
    param(
        $Lab, [switch] $Managed, [switch] $ProxyStorage, [switch] $Tls, [ValidateSet('RadosGWStorage', 'RHOCSStorage', 'IBMCloudStorage', 'S3Storage')][string] $Driver,
        [string] $Location, [string] $Bucket, [string] $StoragePath, [int] $Replicas
    )
    $arguments = @('seed-quay', '--lab-state', $Lab.Directory)
    if ($Managed) { $arguments += '--managed' }
    if ($ProxyStorage) { $arguments += '--proxy-storage' }
    if ($Tls) { $arguments += '--tls' }
    if ($Driver) { $arguments += '--driver', $Driver }
    if ($Location) { $arguments += '--location', $Location }
    if ($Bucket) { $arguments += '--bucket', $Bucket }
    if ($StoragePath) { $arguments += '--storage-path', $StoragePath }
    if ($PSBoundParameters.ContainsKey('Replicas')) { $arguments += '--replicas', $Replicas }
    $world = Invoke-StandIn $arguments | ConvertFrom-Json
    $world | Add-Member Lab $Lab -PassThru
}

# Waits until the operator is done with the QuayRegistry as it is now, and all pods serve. Fills in the bucket that the operator made.
function Wait-QuayWorld {
    param($World, [int] $Seconds = 120)
    $null = Invoke-StandIn @('seed-quay', '--lab-state', $World.Lab.Directory, '--wait-only', '--timeout', $Seconds)
    if (-not $World.Bucket) { $World.Bucket = (Invoke-Kube $World.Lab "/api/v1/namespaces/$($World.Namespace)/configmaps/$($World.Name)-quay-datastore").data.BUCKET_NAME }
}

# Pushes an image of SampleImages.psm1, and gives what was pushed.
function Push-QuayImage {
    param($Quay, [string] $Repository, [string] $Tag, $Image)
    $folder = (New-Item -ItemType Directory "$($Quay.Lab.Directory)/data/push-$([guid]::NewGuid().ToString('n'))").FullName
    try { Push-Image $Quay.Registry $Repository $Tag $Image $folder -Credential "$($Quay.User):$($Quay.Password)" }
    finally { Remove-Item $folder -Recurse }
}

# Begins an upload as a client does, and gives what ends it: a script that sends the bytes in its last request, and says what came of it.
function Start-QuayUpload {
    param($Quay, [string] $Repository, $Layer)
    $basic = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("$($Quay.User):$($Quay.Password)"))
    $service = ([uri] $Quay.Registry).Authority
    $token = (Invoke-RestMethod "$($Quay.Registry)/v2/auth?service=$service&scope=repository:${Repository}:pull,push" -Headers @{ Authorization = "Basic $basic" } -SkipCertificateCheck).token
    $call = @{ Headers = @{ Authorization = "Bearer $token" }; SkipCertificateCheck = $true }
    $begun = Invoke-WebRequest "$($Quay.Registry)/v2/$Repository/blobs/uploads/" -Method Post @call
    $place = [uri]::new([uri] $Quay.Registry, "$($begun.Headers.Location)")
    { (Invoke-WebRequest "$place`?digest=sha256:$($Layer.Hex)" -Method Put -Body $Layer.Bytes -ContentType application/octet-stream @call -SkipHttpErrorCheck).StatusCode }.GetNewClosure()
}

# What /health/endtoend says of a service: storage, database, redis, auth.
function Get-QuayHealth {
    param($Quay)
    (Invoke-RestMethod "$($Quay.Registry)/health/endtoend" -SkipCertificateCheck -SkipHttpErrorCheck).data.services
}

function Start-QuayProcess {
    param($Quay)
    $before = $env:IGNORE_VALIDATION
    $env:IGNORE_VALIDATION = $Quay.IgnoreValidation ? 'true' : $null
    try { Start-StandIn $Quay.Lab $Quay.Name @('quay', '--config', $Quay.Configuration, '--database', $Quay.Database, '--listen', ([uri] $Quay.Address).Authority) }
    finally { $env:IGNORE_VALIDATION = $before }
}

# Below the range that the kernel takes for outgoing connections.
function Get-FreePort {
    while ($true) {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, (Get-Random -Minimum 10000 -Maximum 20000))
        try {
            $listener.Start()
            return $listener.LocalEndpoint.Port
        }
        catch [Net.Sockets.SocketException] { continue }
        finally { $listener.Stop() }
    }
}

Export-ModuleMember -Function Get-CephUser, New-CephBucket, Get-CephKey, Set-CephDamage, New-QuayLocation, New-QuayConfiguration, Start-StandaloneQuay, Stop-StandaloneQuay, Restart-StandaloneQuay,
    Start-QuayOperator, Stop-QuayOperator, Set-QuayOperatorMode, Add-QuayWorld, Wait-QuayWorld, Push-QuayImage, Start-QuayUpload, Get-QuayHealth
