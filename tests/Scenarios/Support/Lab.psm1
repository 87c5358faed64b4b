# The lab (tests/Lab) for scenarios: real servers with a state directory of their own, and registries on any of their storages.

$script:LabScript = Resolve-Path "$PSScriptRoot/../../Lab/lab.sh"

# Why there can be no lab on this machine; nothing where it can run.
function Get-LabObstacle {
    if ($env:REGISTRYMIGRATION_LAB -eq 'off') { return 'REGISTRYMIGRATION_LAB=off' }
    if (-not $IsLinux) { return "the lab's servers come from Debian's packages" }
    $missing = 'docker-registry', 'skopeo', 'radosgw', 'swift-proxy-server' | Where-Object { -not (Get-Command $_ -CommandType Application -ErrorAction Ignore) }
    if ($missing) { "not installed: $($missing -join ', '); 'tests/Lab/lab.sh install' does it" }
}

# Starts servers; they go down by themselves when this process does.
function Start-Lab {
    param([string] $Directory, [string[]] $Server)
    $log = & $script:LabScript up $Directory --owner $PID --delete @Server 2>&1
    if ($LASTEXITCODE -ne 0) { throw "The lab does not start: $log" }
    $lab = Get-Content "$Directory/lab.json" -Raw | ConvertFrom-Json
    $lab | Add-Member Directory $Directory
    $lab | Add-Member Registries 0
    $lab
}

function Stop-Lab {
    param($Lab)
    & $script:LabScript down $Lab.Directory --delete 2>&1 | Out-Null
}

# Starts a docker-registry on a storage, as its administrator would configure it, and says where it is.
function Start-Registry {
    param($Lab, [Parameter(Mandatory)] $Storage, [switch] $ReadOnly, [string] $PasswordFile)
    $settings = [ordered]@{
        version = 0.1
        log     = @{ level = 'error'; accesslog = @{ disabled = $true } }
        storage = [ordered]@{ delete = @{ enabled = $true } } + $Storage
        http    = @{ addr = '127.0.0.1:0' }
    }
    if ($ReadOnly) { $settings.storage.maintenance = @{ readonly = @{ enabled = $true } } }
    if ($PasswordFile) { $settings.auth = @{ htpasswd = @{ realm = 'lab'; path = $PasswordFile } } }
    $name = "scenario-$((++$Lab.Registries))"
    $file = "$($Lab.Directory)/etc/$name.yml"
    # JSON is YAML.
    $settings | ConvertTo-Json -Depth 9 | Set-Content $file
    $url = & $script:LabScript registry $Lab.Directory $name $file 2>$null
    if ($LASTEXITCODE -ne 0) { throw "$name does not start: $(Get-Content "$($Lab.Directory)/log/$name.log" -Tail 5)" }
    $url
}

# Runs a script in a PowerShell of its own, so that it can be killed. The process, with the files of its Output and Errors; or with -Wait ExitCode and Text.
function Start-Script {
    param([string] $Directory, [string] $Text, [switch] $Wait)
    $file = "$Directory/run-$([guid]::NewGuid().ToString('n')).ps1"
    Set-Content $file $Text
    $process = Start-Process (Get-Process -Id $PID).Path '-NoProfile', '-NonInteractive', '-File', $file -RedirectStandardOutput "$file.out" -RedirectStandardError "$file.err" -PassThru
    # Without the handle, .NET forgets the exit code of a process that has ended.
    $null = $process.Handle
    $process | Add-Member Output "$file.out"
    $process | Add-Member Errors "$file.err"
    if (-not $Wait) { return $process }
    $process.WaitForExit()
    [pscustomobject]@{ ExitCode = $process.ExitCode; Text = (Get-Content "$file.out", "$file.err" -Raw) -join "`n" }
}

# What a container (or bucket) holds, asked of the server itself through its Swift API: a line for each object. Ceph speaks it as well.
function Get-ServerListing {
    param($Swift, [string] $Container)
    $call = Connect-Swift $Swift "$Container`?format=json&limit=10000"
    Invoke-RestMethod @call | ForEach-Object { $_ } |
        ForEach-Object { "$($_.name) $($_.bytes) $($_.hash) $($_.last_modified)" }
}

# The headers of a container or bucket.
function Get-ServerHeader {
    param($Swift, [string] $Container)
    $call = Connect-Swift $Swift "$Container`?limit=1"
    (Invoke-WebRequest @call).Headers
}

function Connect-Swift {
    param($Swift, [string] $Path)
    $granted = (Invoke-WebRequest $Swift.authUrl -Headers @{ 'X-Auth-User' = $Swift.user; 'X-Auth-Key' = $Swift.key }).Headers
    @{ Uri = "$($granted['X-Storage-Url'])/$Path"; Headers = @{ 'X-Auth-Token' = "$($granted['X-Auth-Token'])" } }
}

Export-ModuleMember -Function Get-LabObstacle, Start-Lab, Stop-Lab, Start-Registry, Start-Script, Get-ServerListing, Get-ServerHeader
