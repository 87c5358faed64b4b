# A registry of OpenShift on a volume, with images in it, and a Swift or an S3 server beside it: what the scenarios of the move begin with.

Import-Module "$PSScriptRoot/Lab.psm1", "$PSScriptRoot/Cluster.psm1", "$PSScriptRoot/SampleImages.psm1"

# The module that the build made.
function Get-ModuleManifest {
    $root = (Resolve-Path "$PSScriptRoot/../../..").Path
    "$root/output/RegistryMigration/$((Import-PowerShellDataFile "$root/RegistryMigration.psd1").ModuleVersion)/RegistryMigration.psd1"
}

# The worker that the build made last, for pods to run.
function Get-WorkerProgram {
    Get-ChildItem "$PSScriptRoot/../../../src/RegistryMigration.Worker/bin" -Recurse -Filter registry-migration.dll | Sort-Object LastWriteTime | Select-Object -Last 1 -ExpandProperty FullName
}

# Starts everything and pushes images. The module has to be imported. -Worker is what pods of a copy run.
function New-MovePlace {
    param([string] $Directory, [string] $Worker, [ValidateSet('swift', 'ceph')][string] $Server = 'swift')
    $lab = Start-ClusterLab "$Directory/lab" $Server
    Start-Node $lab -Worker $Worker
    Start-Operator $lab
    $world = Add-RegistryWorld $lab
    Wait-RegistryWorld $lab
    $place = [pscustomobject]@{
        Lab = $lab; World = $world; Directory = $Directory; Images = [Collections.Generic.List[object]]::new()
        KubeConfig = Get-AdminKubeConfig $lab
        Token      = ConvertTo-SecureString $world.Token -AsPlainText -Force
        Journals   = "$Directory/journals"
        SwiftUser  = $lab.swift ? (New-Credential $lab.swift.user $lab.swift.key) : $null
        S3Key      = $lab.ceph ? (New-Credential $lab.ceph.accessKey $lab.ceph.secretKey) : $null
    }
    $base = New-Layer 1 200KB
    # Above one Swift segment (20 MiB), so that Swift keeps it as a large object.
    Push-MoveImage $place demo/app 1 (New-Image $base, (New-Layer 2 21MB))
    Push-MoveImage $place demo/app 2 (New-Image $base, (New-Layer 3 3000))
    Push-MoveImage $place shop/web latest (New-Image (New-Layer 4 5000), $base -Oci)
    Push-MoveImage $place shop/multi stable (New-Index (New-Image (New-Layer 5 9000) -Oci), (New-Image (New-Layer 6 8000) -Oci -Architecture arm64))
    $place
}

function New-Credential {
    param([string] $Name, [string] $Secret)
    [pscredential]::new($Name, (ConvertTo-SecureString $Secret -AsPlainText -Force))
}

function Push-MoveImage {
    param($Place, [string] $Repository, [string] $Tag, $Image)
    $Place.Images.Add((Push-WorldImage $Place.World $Repository $Tag $Image))
}

# A container or bucket of its own, as a store.
function New-MoveStore {
    param($Place)
    $name = "openshift-lrgv9-image-registry-$([guid]::NewGuid().ToString('n').Substring(0, 12))"
    if ($Place.S3Key) { return New-RegistryStore "s3://$name" -Endpoint $Place.Lab.ceph.endpoint -Credential $Place.S3Key }
    New-RegistryStore "swift://$name" -AuthUrl $Place.Lab.swift.authUrl -Credential $Place.SwiftUser
}

# How cmdlets are given the registry.
function Get-MoveRegistry {
    param($Place)
    @{ Registry = $Place.World.Registry; Token = $Place.Token; CertificateAuthority = $Place.World.CertificateAuthority }
}

function Get-ConfigSpec {
    param($Place)
    (Invoke-Kube $Place.Lab /apis/imageregistry.operator.openshift.io/v1/configs/cluster).spec | ConvertTo-Json -Depth 9
}

function Get-PrunerSpec {
    param($Place)
    (Invoke-Kube $Place.Lab /apis/imageregistry.operator.openshift.io/v1/imagepruners/cluster).spec | ConvertTo-Json -Depth 9
}

# Pulls every image that was pushed, by tag, and compares the digest. Nothing where all is well.
function Get-MissingImage {
    param($Place)
    $registry = Get-MoveRegistry $Place
    foreach ($image in $Place.Images) {
        $pull = Test-RegistryPull @registry -Repository $image.Repository -Tag $image.Tag
        if (-not $pull.Ok -or "$($pull.Digest)" -ne $image.Digest) { "$($image.Name): $($pull.Failures.Message -join '; ')" }
    }
}

# The text of a script that a PowerShell of its own runs: the runbook, with what it needs.
function Get-RunbookScript {
    param($Place, [string] $Store, [string] $Parameters)
    $volume = if ($Parameters -notmatch '-InCluster') { "-Source '$($Place.World.ClaimDirectory)'" }
    $reach = $Place.S3Key ? '-Endpoint $lab.ceph.endpoint -Credential (Get-Login $lab.ceph.accessKey $lab.ceph.secretKey)' : '-AuthUrl $lab.swift.authUrl -Credential (Get-Login $lab.swift.user $lab.swift.key)'
    @"
`$ErrorActionPreference = 'Stop'; `$ProgressPreference = 'SilentlyContinue'; `$PSStyle.OutputRendering = 'PlainText'
Import-Module '$(Get-ModuleManifest)'
`$lab = Get-Content '$($Place.Lab.Directory)/lab.json' -Raw | ConvertFrom-Json
Connect-RegistryCluster -KubeConfig '$($Place.KubeConfig)' | Out-Null
function Get-Login(`$Name, `$Secret) { [pscredential]::new(`$Name, (ConvertTo-SecureString `$Secret -AsPlainText -Force)) }
`$store = New-RegistryStore '$Store' $reach
& '$(Split-Path (Get-ModuleManifest))/Runbooks/Move-OpenShiftRegistryStorage.ps1' `$store $volume -Registry '$($Place.World.Registry)' ``
    -Token (ConvertTo-SecureString `$lab.kube.adminToken -AsPlainText -Force) -CertificateAuthority '$($Place.World.CertificateAuthority)' -JournalPath '$($Place.Journals)' $Parameters
"@
}

# Starts the runbook in a PowerShell of its own; -Wait gives what it wrote, else the process.
function Start-Runbook {
    param($Place, [string] $Store, [string] $Parameters, [switch] $Wait)
    Start-Script $Place.Directory (Get-RunbookScript $Place $Store "$Parameters -Confirm:`$false") -Wait:$Wait
}

# Lets the runbook run until it writes a record ('SwitchBackend Started', 'pass Final') and, with -When, until the configuration's spec is so as
# well, and kills it there. Says whether it did; it did not where the runbook ended before.
function Stop-RunbookAt {
    param($Place, $Process, [string] $Journal, [string] $Record, [scriptblock] $When, [int] $Skip = 0)
    $reached = $false
    while (-not $Process.HasExited) {
        if (-not $reached) { $reached = $Record -in (Get-JournalKey $Journal $Skip) }
        if ($reached -and (-not $When -or (& $When (Get-ConfigSpec $Place | ConvertFrom-Json)))) {
            $Process.Kill()
            $Process.WaitForExit()
            return $true
        }
        Start-Sleep -Milliseconds 5
    }
    $false
}

# What each record of a journal is about: a step and its state, a pass and its kind.
function Get-JournalKey {
    param([string] $Journal, [int] $Skip = 0)
    if (-not (Test-Path $Journal)) { return }
    foreach ($line in [IO.File]::ReadAllLines($Journal) | Select-Object -Skip $Skip) {
        # The last line may be half written.
        $record = try { $line | ConvertFrom-Json } catch { continue }
        if ($record.step) { "$($record.step.action) $($record.step.state)" } elseif ($record.pass) { "pass $($record.pass.kind)" } else { "$($record.kind)" }
    }
}

Export-ModuleMember -Function Get-ModuleManifest, Get-WorkerProgram, New-MovePlace, Push-MoveImage, New-MoveStore, Get-MoveRegistry, Get-ConfigSpec, Get-PrunerSpec, Get-MissingImage, Start-Runbook, Stop-RunbookAt, Get-JournalKey
