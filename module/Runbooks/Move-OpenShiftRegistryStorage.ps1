<#
.SYNOPSIS
    Moves the storage of OpenShift's image registry from a volume to Swift or S3, without losing an image, and back.
.DESCRIPTION
    Every step is one cmdlet of this module and can be typed by hand; docs/openshift-volume-to-swift.md explains each of them. The steps:
    preflight, container, pruner suspended, live passes, writes blocked (proven by a refused push), passes until one copies nothing, audit,
    switch, proof by pulling, writes allowed (proven by a push), pruner resumed. The old volume stays; a later run with
    -RemoveVolumeClaim deletes it after the hold period.

    A run that was stopped, for whatever reason, is gone on with by the same command: the migration's journal knows what was done. -Undo
    brings everything back to what it was, from wherever the migration is.
.PARAMETER Destination
    The new storage: a store of New-RegistryStore, or its address (swift://container, s3://bucket).
.PARAMETER Source
    The old storage as this machine sees it: the directory where the volume is mounted, or a store.
.PARAMETER InCluster
    Copy in the cluster, on the node that holds the volume; with -Undo, from the new storage back to the volume's claim.
.PARAMETER Image
    With -InCluster: the worker's image with its digest (name@sha256:...).
.PARAMETER Shards
    With -InCluster: parts that the copy is cut into.
.PARAMETER SyncParameter
    With -InCluster: more parameters of Start-RegistrySync, as @{ EgressPort = 13808; ImagePullSecret = 'pull' }.
.PARAMETER Name
    The migration's name.
.PARAMETER Cluster
    The cluster: an object of Connect-RegistryCluster, or a context's name; the session's when left out.
.PARAMETER Registry
    The registry's address for pushes and pulls; the default route when left out.
.PARAMETER Token
    A bearer token of an account that may push and pull.
.PARAMETER Credential
    Instead of -Token: user and password. OpenShift takes any user with a token as password.
.PARAMETER CertificateAuthority
    A PEM file with authorities to trust when talking to the registry.
.PARAMETER SkipCertificateCheck
    Trust any certificate of the registry. Warns.
.PARAMETER Replicas
    Pods of the registry after the switch; 2 where two nodes take them when left out.
.PARAMETER SampleSize
    Images to pull as a proof.
.PARAMETER MaxPasses
    Passes with writes blocked; the last has to copy nothing.
.PARAMETER SkipLivePass
    Copy only while writes are blocked.
.PARAMETER DeepAudit
    Read and hash every blob at the destination before the switch. Writes stay blocked meanwhile; the copy has hashed every blob already.
.PARAMETER RemoveVolumeClaim
    Delete the old volume's claim once everything is done, and the hold period is over.
.PARAMETER HoldPeriod
    How long the new storage has to be in use before the claim is deleted.
.PARAMETER Timeout
    How long the cluster may take for one change.
.PARAMETER JournalPath
    The journal's file, or the folder of journals.
.PARAMETER ReportPath
    Where to write the report; none is written when left out.
.PARAMETER Undo
    Undo the migration. Where images were pushed to the new storage, writes are blocked and they are copied back first: to -Source, or
    with -InCluster -Image to the claim.
.PARAMETER Force
    With -Undo: undo although what was pushed since is lost.
.EXAMPLE
    $to = New-RegistryStore swift://lab-x7-image-registry-new -Cloud production
    ./Move-OpenShiftRegistryStorage.ps1 $to -InCluster -Image $image -Token $token

    Moves to Swift; the copy runs on the node that holds the volume.
.EXAMPLE
    ./Move-OpenShiftRegistryStorage.ps1 $to -Source /mnt/registry -Token $token -Undo

    Goes back to the volume. What was pushed since is copied back first.
.EXAMPLE
    ./Move-OpenShiftRegistryStorage.ps1 $to -InCluster -Image $image -Token $token -Undo

    The same, without a machine that mounts the volume: the copy back runs in the cluster too.
#>
[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High', DefaultParameterSetName = 'Directory')]
param(
    [Parameter(Mandatory, Position = 0)] $Destination,
    [Parameter(ParameterSetName = 'Directory', Mandatory)] $Source,
    [Parameter(ParameterSetName = 'InCluster', Mandatory)] [switch] $InCluster,
    [Parameter(ParameterSetName = 'InCluster')] [string] $Image,
    [Parameter(ParameterSetName = 'InCluster')] [ValidateRange(1, 256)] [int] $Shards = 1,
    [Parameter(ParameterSetName = 'InCluster')] [hashtable] $SyncParameter = @{},
    [string] $Name = 'image-registry',
    $Cluster,
    [string] $Registry,
    [securestring] $Token,
    [pscredential] $Credential,
    [string] $CertificateAuthority,
    [switch] $SkipCertificateCheck,
    [ValidateRange(1, 32)] [int] $Replicas,
    [ValidateRange(1, 100000)] [int] $SampleSize = 10,
    [ValidateRange(1, 100)] [int] $MaxPasses = 5,
    [switch] $SkipLivePass,
    [switch] $DeepAudit,
    [switch] $RemoveVolumeClaim,
    [timespan] $HoldPeriod = '7.00:00:00',
    [timespan] $Timeout = '00:15:00',
    [string] $JournalPath,
    [string] $ReportPath,
    [switch] $Undo,
    [switch] $Force
)
$ErrorActionPreference = 'Stop'
$namespace = 'openshift-image-registry'
if ($InCluster -and -not $Image -and -not $Undo) { throw 'Give -Image: the worker''s image with its digest.' }

# What several cmdlets are given alike.
$atCluster = @{}
if ($Cluster) { $atCluster.Cluster = $Cluster }
$atJournal = @{}
if ($JournalPath) { $atJournal.JournalPath = $JournalPath }
$atRegistry = @{}
if ($Token) { $atRegistry.Token = $Token }
if ($Credential) { $atRegistry.Credential = $Credential }
if ($CertificateAuthority) { $atRegistry.CertificateAuthority = $CertificateAuthority }
if ($SkipCertificateCheck) { $atRegistry.SkipCertificateCheck = $true }
if ($Destination -is [string]) { $Destination = New-RegistryStore $Destination }
if ($Source -is [string]) { $Source = New-RegistryStore $Source }

function Write-Step([string] $Text) { Write-Information "$([datetime]::Now.ToString('HH:mm:ss'))  $Text" -InformationAction Continue }

function Get-Migration { Get-RegistryMigration @atCluster @atJournal -Namespace $namespace | Where-Object { $_.Name -eq $Name -and $_.State -eq 'Active' } | Select-Object -First 1 }

# The last step of a kind that has not been undone.
function Get-Step([string] $Action) { (Get-Migration).Steps | Where-Object { $_.Action -eq $Action -and $_.State -ne 'Undone' } | Select-Object -Last 1 }

function Test-Done([string] $Action) { (Get-Step $Action).State -eq 'Done' }

# The old volume's claim: the registry's own before a switch, which has recorded it.
function Get-OldClaim {
    $switched = Get-Step SwitchBackend
    $claim = if ($switched) { "$($switched.Before['claim'])" } else { (Get-ImageRegistry @atCluster).Claim.Name }
    if (-not $claim) { throw 'The registry was not on a volume, so there is no claim to copy in the cluster. Give -Source.' }
    $claim
}

# One pass, recorded in the migration. In the cluster the volume is neither -From nor -To: it is the claim.
function Invoke-Pass($From, $To, [string] $Kind) {
    if (-not $InCluster) { return Sync-RegistryBlobs $From $To -Migration (Get-Migration) -PassKind $Kind -Confirm:$false }
    $claim = Get-OldClaim
    $store = if ($Kind -eq 'Reverse') { @{ Source = $From } } else { @{ Destination = $To } }
    $direction = if ($Kind -eq 'Reverse') { 'ToClaim' } else { 'FromClaim' }
    # A run that was stopped has left its copy running.
    $job = Get-RegistrySync -Namespace $namespace @atCluster | Where-Object {
        -not $_.IsFinished -and -not $_.IsPartial -and $_.Claim -eq $claim -and $_.Direction -eq $direction -and "$($_.Store)" -eq "$($store.Values)"
    } | Select-Object -First 1
    if ($job) { Write-Step "  the copy $job goes on" } else { $job = Start-RegistrySync $claim @store -Namespace $namespace -Image $Image -Shards $Shards @SyncParameter @atCluster -Confirm:$false }
    $job | Wait-RegistrySync | Receive-RegistrySync -Migration (Get-Migration) -PassKind $Kind -Cleanup -Confirm:$false
}

# Passes until one that began with writes blocked finds nothing to do. What that one says of the stores stays true, since nobody writes.
function Invoke-LastPass($From, $To, [string] $Kind) {
    $blocked = (Get-Step BlockWrites).Finished
    foreach ($number in 1..$MaxPasses) {
        $pass = Invoke-Pass $From $To $Kind
        Write-Step "  pass with writes blocked: $($pass.Status), copied $($pass.Copied), deferred $($pass.Deferred), failed $($pass.Failed)"
        # A copy that goes on from an earlier run may have begun before.
        if ($pass.Copied + $pass.Deferred + $pass.Failed -eq 0 -and $pass.StartedAt -ge $blocked) { return }
    }
    throw "After $MaxPasses passes with writes blocked there is still something to copy. See the last pass in (Get-RegistryMigration $Name).Passes."
}

function Get-Endpoint {
    if ($Registry) { return $Registry }
    $route = Get-ImageRegistryRoute @atCluster | Where-Object Registry | Sort-Object IsDefault -Descending | Select-Object -First 1
    if (-not $route) { throw 'The registry has no route. Give -Registry, or make the default route with Set-ImageRegistry -DefaultRoute $true.' }
    $route.Registry
}

$migration = Get-Migration
$how = @{ Timeout = $Timeout; Confirm = $false } + $atCluster + $atJournal

if ($Undo) {
    if (-not $migration) { throw "There is no migration '$Name' under way, so nothing is to be undone. Get-RegistryMigration lists those there are." }
    if (-not $PSCmdlet.ShouldProcess("image registry of $($migration.Server)", "Undo the migration $Name")) { return }
    $endpoint = Get-Endpoint
    if (-not $migration.IsUndoLossless -and -not $Force) {
        Write-Step "Not lossless: $($migration.NoReturn)"
        if ($InCluster -and -not $Image) { throw 'Give -Image, the worker''s image with its digest, so that what was pushed since is copied back in the cluster first; or -Force to lose it.' }
        # An undo knows the way back by its ends.
        $old = if ($InCluster) { "/pvc/$namespace/$(Get-OldClaim)" } else { "$Source" }
        $froms = @($migration.Passes | Where-Object Destination -eq "$Destination" | ForEach-Object Source | Select-Object -Unique)
        if ($old -notin $froms) { throw "The migration $Name copied to $Destination from $(if ($froms) { $froms -join ', ' } else { 'nowhere' }), and not from ${old}: go back the way it came, with -Source or -InCluster; or -Force to lose what was pushed since. Nothing was changed." }
        Write-Step 'Block writes'
        Set-RegistryReadOnly $migration $endpoint @atRegistry @how | Out-Null
        Write-Step "Copy back from $Destination to $old"
        Invoke-LastPass $Destination $Source Reverse
    }
    Write-Step 'Undo, last step first'
    Undo-RegistryMigration (Get-Migration) -Force:$Force @how | ForEach-Object { Write-Step "  $($_.Id): $($_.Proof)" }
    Write-Step 'Everything is as it was before.'
    return
}

Write-Step "Preflight: $Destination"
$ready = Test-RegistryMigration $Destination @atCluster
# A migration that is under way has changed what the preflight looks at.
$obstacles = $ready | Where-Object Status -eq Failed
$ready | Where-Object Status -in Failed, Warning | ForEach-Object { Write-Step "  $($_.Status): $($_.Name): $($_.Evidence -join '; ')  $($_.NextStep)" }
if ($obstacles -and -not $migration) { throw "The preflight found $(@($obstacles).Count) obstacles; nothing was changed. Remove them, or see Test-RegistryMigration for all checks." }

$question = if ($migration) { "Go on with the migration $Name to $Destination" } else { "Move the storage to $Destination" }
if (-not $PSCmdlet.ShouldProcess("image registry of $((Get-ImageRegistry @atCluster).Cluster)", $question)) {
    if ($WhatIfPreference) {
        $done = @($migration.Steps | Where-Object State -eq Done | ForEach-Object Action)
        'SuspendPruner', 'BlockWrites', 'Audit', 'SwitchBackend', 'Pull', 'AllowWrites', 'ResumePruner' | ForEach-Object { Write-Step "  $_$(if ($_ -in $done) { ': done already' })" }
    }
    return
}

try {
    if (-not $migration) {
        Write-Step "Begin the migration $Name"
        $old = if ($Source) { @{ Source = $Source } } else { @{} }
        $migration = New-RegistryMigration $Name -System OpenShift -Namespace $namespace -Destination $Destination @old @atCluster @atJournal -Confirm:$false
    }
    $endpoint = Get-Endpoint

    if (-not (Test-Done SwitchBackend)) {
        Write-Step "Make $Destination, marked as this cluster's"
        $marks = @{ Name = $Destination.Address.Container }
        $infrastructure = (Get-ImageRegistry @atCluster).InfrastructureName
        if ($infrastructure) { $marks.Openshiftclusterid = $infrastructure }
        Initialize-RegistryStore $Destination -Metadata $marks -Confirm:$false | Out-Null

        Write-Step 'Suspend the pruner'
        Suspend-RegistryPruner $migration @how | ForEach-Object { Write-Step "  $($_.Proof)" }

        if (-not $SkipLivePass -and -not (Get-Step BlockWrites)) {
            Write-Step 'Copy while the registry is in use'
            Invoke-Pass $Source $Destination Live | ForEach-Object { Write-Step "  live pass: $($_.Status), copied $($_.Copied), deferred $($_.Deferred), failed $($_.Failed)" }
        }

        Write-Step 'Block writes'
        Set-RegistryReadOnly $migration $endpoint @atRegistry @how | ForEach-Object { Write-Step "  $($_.Proof)" }

        Write-Step 'Copy what has changed since'
        Invoke-LastPass $Source $Destination Final

        Write-Step "Audit $Destination"
        $compared = if ($Source) { @{ Source = $Source } } else { @{} }
        $audit = Test-RegistryStore $Destination @compared -Deep:$DeepAudit -Migration (Get-Migration)
        Write-Step "  $($audit.Manifests) manifests, $($audit.Blobs) blobs: $($audit.DefectCount) defects"
    }

    Write-Step "Switch to $Destination"
    $shape = if ($Replicas) { @{ Replicas = $Replicas } } else { @{} }
    Switch-RegistryBackend $migration $Destination @shape @how | ForEach-Object { Write-Step "  $($_.Proof)" }

    if (-not (Test-Done AllowWrites)) {
        Write-Step "Pull $SampleSize images by digest"
        $pulls = @(Get-RegistryImage -Sample $SampleSize @atCluster | Test-RegistryPull $endpoint @atRegistry -Migration (Get-Migration))
        $broken = @($pulls | Where-Object Ok -eq $false)
        Write-Step "  $($pulls.Count) pulled, $($broken.Count) failed"
        if ($broken.Count -gt 0) { throw "$($broken.Count) of $($pulls.Count) images are not served by the new storage: $($broken[0].Reference): $($broken[0].Failures[0].Message)" }
    }

    Write-Step 'Allow writes'
    Set-RegistryReadOnly $migration $endpoint -Off @atRegistry @how | ForEach-Object { Write-Step "  $($_.Proof)" }

    Write-Step 'Resume the pruner'
    Resume-RegistryPruner $migration @how | ForEach-Object { Write-Step "  $($_.Proof)" }

    if ($RemoveVolumeClaim) {
        Write-Step 'Delete the claim of the old volume'
        Remove-RegistryVolumeClaim $migration -HoldPeriod $HoldPeriod @how | ForEach-Object { Write-Step "  $($_.Proof)" }
    } else {
        Write-Step "Done. The old volume stays: after $([int] $HoldPeriod.TotalDays) days without complaints, run this again with -RemoveVolumeClaim."
    }
} catch {
    Write-Step "Stopped: $($_.Exception.Message)"
    Write-Step 'What was done is recorded. To go on, run the same command again; to go back, run it with -Undo.'
    throw
} finally {
    if ($ReportPath -and (Get-Migration)) { Export-RegistryMigrationReport (Get-Migration) $ReportPath -Force @atCluster -Confirm:$false }
}
