<#
.SYNOPSIS
    Moves Quay's object storage to another one with a window of minutes, without losing an image, and back.
.DESCRIPTION
    Every step is one cmdlet of this module and can be typed by hand; docs/quay-storage.md explains each of them. The steps: preflight, live passes (as many as
    one likes, over days, with -LivePassOnly), pushes blocked (proven by a refused push), passes until one copies nothing, audit, switch (proven by Quay's own
    write to the new storage), proof by pulling, pushes allowed (proven by a push that is pulled and deleted). The old storage stays.

    Works for Quay under its operator (-Namespace) and for a standalone Quay (-Path), whose configuration is written in place and which -Restart restarts.

    A run that was stopped, for whatever reason, is gone on with by the same command. -Undo brings everything back to what it was, from wherever the migration is.
.PARAMETER Destination
    The new storage: a store of New-RegistryStore, or its address (s3://bucket, swift://container).
.PARAMETER Namespace
    The namespace of the QuayRegistry.
.PARAMETER Instance
    The QuayRegistry, where the namespace has several.
.PARAMETER Path
    The config.yaml of a standalone Quay.
.PARAMETER Restart
    What restarts a standalone Quay: { podman restart quay }. When left out, the runbook waits while somebody does it by hand.
.PARAMETER Source
    The old storage; what Quay's configuration says, or said before the switch, when left out.
.PARAMETER Location
    The storage location that moves, where there are several. Its name stays, since Quay's database knows blobs by it.
.PARAMETER LivePassOnly
    Copy once while Quay is in use, and stop there: for schedules, and for the days before the window.
.PARAMETER Driver
    Quay's driver for the new storage; chosen by the store when left out.
.PARAMETER DriverSetting
    More settings of the driver: @{ maximum_chunk_size_mb = 100 }.
.PARAMETER StorageCredential
    The account that Quay uses at the new storage; that of the store when left out.
.PARAMETER Fingerprint
    SHA-256 of a certificate of the new storage's chain, where it can't be verified.
.PARAMETER Name
    The migration's name.
.PARAMETER Cluster
    The cluster: an object of Connect-RegistryCluster, or a context's name; the session's when left out.
.PARAMETER Registry
    Quay's address for pushes, pulls and its health; what the system says when left out.
.PARAMETER Credential
    User and password (or a robot's) of an account that may push and pull.
.PARAMETER Repository
    Where the probe is pushed to; below the user's name when left out.
.PARAMETER Image
    Repositories, as wildcards, that images for the proof by pulling are drawn from; all that the account sees when left out.
.PARAMETER ServiceKey
    Make the database read-only too (REGISTRY_STATE: readonly), with this key: what New-QuayServiceKey gives, once for all runs.
.PARAMETER CertificateAuthority
    A PEM file with authorities to trust when talking to Quay, to the storage that it redirects to, and to its old storage.
.PARAMETER SkipCertificateCheck
    Trust any certificate of Quay. Warns.
.PARAMETER SampleSize
    Images to pull as a proof.
.PARAMETER MaxPasses
    Passes with pushes blocked; the last has to copy nothing.
.PARAMETER DeepAudit
    Read and hash every blob at the destination before the switch. Pushes stay blocked meanwhile; the copy has hashed every blob already.
.PARAMETER Complete
    End the migration, once the new storage has been in use for the hold period: the old one may be removed then.
.PARAMETER HoldPeriod
    How long that is.
.PARAMETER Timeout
    How long Quay may take for one change.
.PARAMETER JournalPath
    The journal's file, or the folder of journals.
.PARAMETER ReportPath
    Where to write the report; none is written when left out.
.PARAMETER Undo
    Undo the migration. Where images were pushed to the new storage, pushes are blocked and they are copied back first.
.PARAMETER Force
    With -Undo: undo although what was pushed since is lost.
.EXAMPLE
    $new = New-RegistryStore s3://quay -Endpoint https://s3.example.com -Credential (Get-Credential)
    ./Move-QuayStorage.ps1 $new -Namespace quay -Credential $robot -LivePassOnly

    Copies while Quay is in use; as often as one likes, for instance each night.
.EXAMPLE
    ./Move-QuayStorage.ps1 $new -Namespace quay -Credential $robot

    Moves: pushes are blocked for the last pass, the switch and the proofs.
.EXAMPLE
    ./Move-QuayStorage.ps1 $new -Path /quay/config/config.yaml -Restart { podman restart quay } -Credential $robot

    Moves a standalone Quay.
#>
[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High', DefaultParameterSetName = 'Operator')]
param(
    [Parameter(Mandatory, Position = 0)] $Destination,
    [Parameter(ParameterSetName = 'Operator', Mandatory)] [string] $Namespace,
    [Parameter(ParameterSetName = 'Operator')] [string] $Instance,
    [Parameter(ParameterSetName = 'Standalone', Mandatory)] [string] $Path,
    [Parameter(ParameterSetName = 'Standalone')] [scriptblock] $Restart,
    $Source,
    [string] $Location,
    [switch] $LivePassOnly,
    [string] $Driver,
    [hashtable] $DriverSetting,
    [pscredential] $StorageCredential,
    [string] $Fingerprint,
    [string] $Name = 'quay-storage',
    [Parameter(ParameterSetName = 'Operator')] $Cluster,
    [string] $Registry,
    [pscredential] $Credential,
    [string] $Repository,
    [string[]] $Image,
    [pscredential] $ServiceKey,
    [string] $CertificateAuthority,
    [switch] $SkipCertificateCheck,
    [ValidateRange(1, 100000)] [int] $SampleSize = 10,
    [ValidateRange(1, 100)] [int] $MaxPasses = 5,
    [switch] $DeepAudit,
    [switch] $Complete,
    [timespan] $HoldPeriod = '7.00:00:00',
    [timespan] $Timeout = '00:15:00',
    [string] $JournalPath,
    [string] $ReportPath,
    [switch] $Undo,
    [switch] $Force
)
$ErrorActionPreference = 'Stop'

# What several cmdlets are given alike: only what was given here.
$parameters = $PSBoundParameters
function Select-Given([string[]] $Names) {
    $selected = @{}
    foreach ($one in $Names) { if ($parameters.ContainsKey($one)) { $selected[$one] = $parameters[$one] } }
    $selected
}
$atCluster = Select-Given Cluster
$atJournal = Select-Given JournalPath
$atRestart = Select-Given Restart
$atRegistry = Select-Given Credential, CertificateAuthority, SkipCertificateCheck
# Only a Quay that runs in no cluster is asked whether an undo is in force.
$atUndo = if ($Path) { Select-Given Restart, Registry, Credential, Repository, CertificateAuthority, SkipCertificateCheck } else { @{} }
$atPlace = Select-Given Namespace
$how = @{ Timeout = $Timeout; Confirm = $false } + $atCluster + $atJournal
if ($Destination -is [string]) { $Destination = New-RegistryStore $Destination }
if ($Source -is [string]) { $Source = New-RegistryStore $Source }

function Write-Step([string] $Text) { Write-Information "$([datetime]::Now.ToString('HH:mm:ss'))  $Text" -InformationAction Continue }

function Get-Migration { Get-RegistryMigration @atCluster @atJournal @atPlace | Where-Object { $_.Name -eq $Name -and $_.State -eq 'Active' } | Select-Object -First 1 }

# The last step of a kind that has not been undone.
function Get-Step([string] $Action) { (Get-Migration).Steps | Where-Object { $_.Action -eq $Action -and $_.State -ne 'Undone' } | Select-Object -Last 1 }

function Test-Done([string] $Action) { (Get-Step $Action).State -eq 'Done' }

function Get-Quay {
    if ($Path) { return Get-QuayRegistry -Path $Path }
    $named = if ($Instance) { @{ Name = $Instance } } else { @{} }
    Get-QuayRegistry -Namespace $Namespace @named @atCluster
}

# Quay's configuration says where the images are; once it is switched, the one of before does: the old bundle (or the operator's claim, where that names
# no storage), or the file's backup.
function Get-OldStorage {
    if ($Source) { return $Source }
    $trust = Select-Given CertificateAuthority
    $current = @(Get-Quay | Get-QuayStorageLocation @trust | Where-Object { -not $Location -or $_.Name -eq $Location })
    $switched = if ("$($current.Store)" -eq "$Destination") { Get-Step SwitchBackend }
    $places = @(
        if (-not $switched) { $current }
        else {
            try {
                if ($Path) { Get-QuayStorageLocation -Path "$($switched.Before['backup'])" @trust }
                else { Get-QuayStorageLocation $Namespace "$($switched.Before['registry'])" -ConfigBundle "$($switched.Before['spec']['configBundleSecret'])" @trust @atCluster }
            }
            catch { throw "Quay is switched, and where its old storage is can't be read any more: $($_.Exception.Message) $(Get-SourceAdvice)" }
        }
    ) | Where-Object { -not $Location -or $_.Name -eq $Location }
    if (@($places).Count -ne 1) { throw "Quay keeps its images in $(@($places).Count) locations ($($places.Name -join ', ')). Say with -Location which one moves." }
    @($places)[0].Store
}

# What to type where only the journal remembers the old storage.
function Get-SourceAdvice {
    $from = (Get-Migration).Passes | Where-Object { $_.Destination -eq "$Destination" -and $_.Source -ne "$Destination" } | Select-Object -Last 1
    if (-not $from) { return 'Give the old storage as -Source.' }
    $server = if ($from.SourceServer) { ", at $($from.SourceServer)" }
    "The journal has copies from $($from.Source)$server`: give that as -Source (New-RegistryStore $($from.Source) and how to reach it)."
}

function Get-Endpoint {
    if ($Registry) { return $Registry }
    $endpoint = (Get-Quay).Endpoint
    if (-not $endpoint) { throw 'Nothing says where Quay is reached. Give -Registry.' }
    $endpoint
}

# Passes until one that began with pushes blocked finds nothing to do. What that one says of the stores stays true, since nobody writes.
function Invoke-LastPass($From, $To, [string] $Kind) {
    foreach ($number in 1..$MaxPasses) {
        $pass = Sync-RegistryBlobs $From $To -Migration (Get-Migration) -PassKind $Kind -Confirm:$false
        Write-Step "  pass with pushes blocked: $($pass.Status), copied $($pass.Copied), failed $($pass.Failed)"
        if ($pass.Copied + $pass.Deferred + $pass.Failed -eq 0) { return }
    }
    throw "After $MaxPasses passes with pushes blocked there is still something to copy. See the last pass in (Get-RegistryMigration $Name).Passes."
}

function Set-ReadOnly([switch] $Off) {
    $more = if ($Off) { @{ Off = $true } } else { Select-Given ServiceKey }
    $where = Select-Given Repository
    Set-RegistryReadOnly (Get-Migration) (Get-Endpoint) @more @where @atRegistry @atRestart @how
}

$migration = Get-Migration

if ($Undo) {
    if (-not $migration) { throw "There is no migration '$Name' under way, so nothing is to be undone. Get-RegistryMigration lists those there are." }
    if (-not $PSCmdlet.ShouldProcess("Quay ($(if ($Path) { $Path } else { $Namespace }))", "Undo the migration $Name")) { return }
    $behind = Get-Step SwitchBackend
    $old = if ($behind -and -not $Force) { Get-OldStorage }
    if (-not $migration.IsUndoLossless -and -not $Force) {
        Write-Step "Not lossless: $($migration.NoReturn)"
        # An undo knows the way back by its ends.
        $froms = @($migration.Passes | Where-Object Destination -eq "$Destination" | ForEach-Object Source | Select-Object -Unique)
        if ("$old" -notin $froms) { throw "The migration $Name copied to $Destination from $(if ($froms) { $froms -join ', ' } else { 'nowhere' }), and not from ${old}: give that as -Source; or -Force to lose what was pushed since. Nothing was changed." }
        Write-Step 'Block pushes'
        Set-ReadOnly | Out-Null
        Write-Step "Copy back from $Destination to $old"
        Invoke-LastPass $Destination $old Reverse
    }
    # Back to the old storage first, with pushes blocked: what came to the new one until its last pod was gone is copied back before they are allowed.
    $blocked = (Get-Migration).Steps | Where-Object { $_.State -ne 'Undone' -and $_.Action -in 'BlockWrites', 'SwitchBackend' } | Select-Object -First 1 | Where-Object Action -eq BlockWrites
    if ($old -and $blocked) {
        Write-Step 'Undo down to the block, last step first'
        Undo-RegistryMigration (Get-Migration) -To $blocked.Id @atUndo @how | ForEach-Object { Write-Step "  $($_.Id): $($_.Proof)" }
        Write-Step "Copy back what has come to $Destination since"
        try { Invoke-LastPass $Destination $old Reverse }
        catch { throw "Quay uses its old storage again and pushes are still blocked, but $Destination can't be copied back: $($_.Exception.Message) Run the same command again; or with -Force, when what uploads left there since the switch may be lost." }
    }
    Write-Step 'Undo, last step first'
    Undo-RegistryMigration (Get-Migration) -Force:$Force @atUndo @how | ForEach-Object { Write-Step "  $($_.Id): $($_.Proof)" }
    Write-Step 'Everything is as it was before.'
    return
}

Write-Step "Preflight: $Destination"
$moving = Select-Given Location, CertificateAuthority
$ready = Get-Quay | Test-RegistryMigration $Destination @moving @atCluster
# A migration that is under way has changed what the preflight looks at.
$obstacles = $ready | Where-Object Status -eq Failed
$ready | Where-Object Status -in Failed, Warning | ForEach-Object { Write-Step "  $($_.Status): $($_.Name): $($_.Evidence -join '; ')  $($_.NextStep)" }
if ($obstacles -and -not $migration) { throw "The preflight found $(@($obstacles).Count) obstacles; nothing was changed. Remove them, or see Test-RegistryMigration for all checks." }

$question = if ($LivePassOnly) { "Copy to $Destination while Quay is in use" } elseif ($migration) { "Go on with the migration $Name to $Destination" } else { "Move the storage to $Destination" }
if (-not $PSCmdlet.ShouldProcess("Quay ($(if ($Path) { $Path } else { $Namespace }))", $question)) {
    if ($WhatIfPreference) {
        $done = @($migration.Steps | Where-Object State -eq Done | ForEach-Object Action)
        'BlockWrites', 'Audit', 'SwitchBackend', 'Pull', 'AllowWrites' | ForEach-Object { Write-Step "  $_$(if ($_ -in $done) { ': done already' })" }
    }
    return
}

try {
    if (-not $migration) {
        Write-Step "Begin the migration $Name"
        $which = if ($Path) { @{ Path = $Path } } else { $atPlace + (Select-Given Instance) + $atCluster }
        $migration = New-RegistryMigration $Name -System Quay -Source (Get-OldStorage) -Destination $Destination @which @atJournal -Confirm:$false
    }

    if (-not (Test-Done SwitchBackend)) {
        $old = Get-OldStorage
        Initialize-RegistryStore $Destination -Confirm:$false | Out-Null

        if (-not (Get-Step BlockWrites)) {
            Write-Step "Copy from $old while Quay is in use"
            $pass = Sync-RegistryBlobs $old $Destination -Migration $migration -PassKind Live -Confirm:$false
            Write-Step "  live pass: $($pass.Status), copied $($pass.Copied), failed $($pass.Failed)"
            $window = (Get-Migration).Window
            if ($window) { Write-Step "  with pushes blocked, the last pass will take about $([Math]::Ceiling($window.Duration.TotalSeconds)) s" }
        }
        if ($LivePassOnly) { return }

        Write-Step 'Block pushes'
        Set-ReadOnly | ForEach-Object { Write-Step "  $($_.Proof)" }

        Write-Step 'Copy what has changed since'
        Invoke-LastPass $old $Destination Final

        Write-Step "Audit $Destination"
        $audit = Test-RegistryStore $Destination -Source $old -Deep:$DeepAudit -Migration (Get-Migration)
        Write-Step "  $($audit.Blobs) blobs: $($audit.DefectCount) defects"
    }

    Write-Step "Switch to $Destination"
    $target = Select-Given Driver, DriverSetting, Location, StorageCredential, Fingerprint
    $asked = Select-Given CertificateAuthority, SkipCertificateCheck
    Switch-RegistryBackend (Get-Migration) $Destination -Registry (Get-Endpoint) @target @asked @atRestart @how | ForEach-Object { Write-Step "  $($_.Proof)" }

    if (-not (Test-Done AllowWrites)) {
        # An upload that was begun before pushes were blocked may have ended until the last old pod was gone.
        if (-not $old) { $old = Get-OldStorage }
        $late = Sync-RegistryBlobs $old $Destination -Migration (Get-Migration) -PassKind Final -Confirm:$false
        Write-Step "  pass since the switch: $($late.Status), copied $($late.Copied), failed $($late.Failed)"

        Write-Step "Pull $SampleSize images, every byte hashed"
        $drawn = if ($Image) { @{ Repository = $Image } } else { @{} }
        $pulls = @(Test-RegistryPull (Get-Endpoint) -Sample $SampleSize @drawn @atRegistry -Migration (Get-Migration))
        $broken = @($pulls | Where-Object Ok -eq $false)
        Write-Step "  $($pulls.Count) pulled, $($broken.Count) failed"
        if ($pulls.Count -eq 0) { throw 'No image was found to pull, so nothing is proven. Give -Credential of an account that sees images, or -Image.' }
        if ($broken.Count -gt 0) { throw "$($broken.Count) of $($pulls.Count) images are not served from the new storage: $($broken[0].Reference): $($broken[0].Failures[0].Message)" }
    }

    Write-Step 'Allow pushes'
    Set-ReadOnly -Off | ForEach-Object { Write-Step "  $($_.Proof)" }

    if ($Complete) {
        Write-Step 'Complete the migration'
        Complete-RegistryMigration (Get-Migration) -HoldPeriod $HoldPeriod @atCluster @atJournal -Confirm:$false | ForEach-Object { Write-Step "  $($_.NextStep)" }
    }
    Write-Step "Quay keeps its images in $Destination. The old storage is as it was; keep it until the hold period is over."
} catch {
    Write-Step "Stopped: $($_.Exception.Message)"
    Write-Step 'What was done is recorded. To go on, run the same command again; to go back to the old storage, run it with -Undo.'
    throw
} finally {
    if ($ReportPath -and (Get-Migration)) { Export-RegistryMigrationReport (Get-Migration) $ReportPath -Force @atCluster -Confirm:$false }
}
