# A cluster of the lab for scenarios: a real API server with OpenShift's types, and stand-ins for its nodes and for the image registry
# operator as processes of their own, which a scenario starts, stops and tells how to behave. See tests/Lab/README.md.

# Without -Force, which would take it away from the scenario that has imported it.
Import-Module "$PSScriptRoot/Lab.psm1"
$script:LabScript = Resolve-Path "$PSScriptRoot/../../Lab/lab.sh"

# Why there can be no cluster on this machine; nothing where it can run.
function Get-ClusterLabObstacle {
    $obstacle = Get-LabObstacle
    if ($obstacle) { return $obstacle }
    if (-not (Get-Command etcd -CommandType Application -ErrorAction Ignore)) { return "not installed: etcd; 'tests/Lab/lab.sh install' does it" }
    $cache = $env:XDG_CACHE_HOME ? $env:XDG_CACHE_HOME : "$HOME/.cache"
    if (-not (Test-Path "$cache/registry-migration/kube-1.20.2/kube-controller-manager")) { return "Kubernetes is not built; 'tests/Lab/lab.sh install' does it, once" }
    if (-not (Find-LabCluster)) { return 'tests/Lab.Cluster is not built' }
}

# Starts the cluster and other servers; they go down by themselves when this process does.
function Start-ClusterLab {
    param([string] $Directory, [string[]] $Server = @())
    Start-Lab $Directory (@('openshift') + $Server)
}

function Stop-ClusterLab {
    param($Lab)
    Stop-Node $Lab
    Stop-Lab $Lab
}

# A kubeconfig whose current context is a user's: admin, admin-certificate, viewer, nobody, limited.
function Get-KubeConfig {
    param($Lab, [string] $User = 'admin')
    $file = "$($Lab.Directory)/etc/kubeconfig-$User"
    (Get-Content $Lab.kube.kubeconfig) -replace '^current-context:.*', "current-context: $User" | Set-Content $file
    $file
}

function Get-AdminKubeConfig {
    param($Lab)
    Get-KubeConfig $Lab
}

# Runs pods, and serves the registry's address. -Worker is what a container runs that has no command of this machine.
function Start-Node {
    param($Lab, [string] $Worker)
    $arguments = @('node', '--lab-state', $Lab.Directory)
    if ($Worker) { $arguments += '--worker', $Worker }
    Start-StandIn $Lab node $arguments
}

function Stop-Node {
    param($Lab)
    Stop-StandIn $Lab node
}

# Mode: none, or several of slow, pruner-degraded, write-back, drop-edits, conflict, degraded, never-ready, stuck, ignore-read-only.
function Start-Operator {
    param($Lab, [string[]] $Mode = @())
    Start-StandIn $Lab operator @('operator', '--lab-state', $Lab.Directory, '--mode', ($Mode -join ','))
}

function Stop-Operator {
    param($Lab)
    Stop-StandIn $Lab operator
}

# Changes the mode of the operator that runs; without a mode it is well again. Takes effect within half a second.
function Set-OperatorMode {
    param($Lab, [string[]] $Mode = @())
    $map = @{ apiVersion = 'v1'; kind = 'ConfigMap'; metadata = @{ name = 'registry-lab-operator' }; data = @{ mode = $Mode -join ',' } }
    $path = '/api/v1/namespaces/openshift-image-registry/configmaps/registry-lab-operator?fieldManager=lab&force=true'
    $null = Invoke-Kube $Lab $path -Method Patch -Body $map -ContentType 'application/apply-patch+yaml'
    Start-Sleep -Milliseconds 600
}

# Makes the objects of a cluster with an image registry: Registry, CertificateAuthority, Token, ClaimDirectory, Container.
function Add-RegistryWorld {
    param(
        $Lab, [ValidateSet('pvc', 'swift', 's3')][string] $Storage = 'pvc', [string] $Container, [switch] $Keystone, [switch] $UserSecret,
        [string] $AccessMode, [int] $Replicas, [switch] $ReadOnly, [switch] $StorageManaged, [switch] $PrunerSuspended, [string] $Platform
    )
    $arguments = @('seed', '--lab-state', $Lab.Directory, '--storage', $Storage)
    if ($Container) { $arguments += '--container', $Container }
    if ($AccessMode) { $arguments += '--access-mode', $AccessMode }
    if ($PSBoundParameters.ContainsKey('Replicas')) { $arguments += '--replicas', $Replicas }
    if ($Platform) { $arguments += '--platform', $Platform }
    if ($Keystone) { $arguments += '--keystone' }
    if ($UserSecret) { $arguments += '--user-secret' }
    if ($ReadOnly) { $arguments += '--read-only' }
    if ($StorageManaged) { $arguments += '--storage-managed' }
    if ($PrunerSuspended) { $arguments += '--pruner-suspended' }
    $world = Invoke-StandIn $arguments | ConvertFrom-Json
    $world | Add-Member Lab $Lab -PassThru
}

# Waits until the operator is done with the Config as it is now, and the registry serves.
function Wait-RegistryWorld {
    param($Lab, [int] $Seconds = 120)
    $null = Invoke-StandIn @('seed', '--lab-state', $Lab.Directory, '--wait-only', '--timeout', $Seconds)
}

# Pushes an image of SampleImages.psm1 with the administrator's token, and gives what was pushed.
function Push-WorldImage {
    param($World, [string] $Repository, [string] $Tag, $Image)
    $folder = (New-Item -ItemType Directory "$($World.Lab.Directory)/data/push-$([guid]::NewGuid().ToString('n'))").FullName
    try { Push-Image $World.Registry $Repository $Tag $Image $folder -Credential "any:$($World.Token)" }
    finally { Remove-Item $folder -Recurse }
}

# One request to the API server, as the administrator or with another token.
function Invoke-Kube {
    param($Lab, [string] $Path, [string] $Method = 'Get', $Body, [string] $ContentType = 'application/json', [string] $Token = $Lab.kube.adminToken)
    $call = @{ Uri = "$($Lab.kube.server)$Path"; Method = $Method; Headers = @{ Authorization = "Bearer $Token" }; SkipCertificateCheck = $true }
    if ($null -ne $Body) { $call += @{ Body = ($Body -is [string] ? $Body : (ConvertTo-Json $Body -Depth 20)); ContentType = $ContentType } }
    Invoke-RestMethod @call
}

# Takes the API server away for some seconds, and brings it back on its port.
function Restart-ApiServer {
    param($Lab, [double] $Seconds = 0)
    $log = & $script:LabScript restart $Lab.Directory kube-apiserver $Seconds 2>&1
    if ($LASTEXITCODE -ne 0) { throw "The API server does not come back: $log" }
}

# Takes it away for good; Restart-ApiServer brings it back.
function Stop-ApiServer {
    param($Lab)
    & $script:LabScript stop $Lab.Directory kube-apiserver 2>&1 | Out-Null
}

function Find-LabCluster {
    Get-ChildItem "$PSScriptRoot/../../Lab.Cluster/bin" -Recurse -Filter RegistryMigration.Lab.Cluster.dll -ErrorAction Ignore |
        Sort-Object LastWriteTime -Descending | Select-Object -First 1 -ExpandProperty FullName
}

function Invoke-StandIn {
    param([string[]] $Argument)
    $said = dotnet (Find-LabCluster) @Argument 2>&1
    if ($LASTEXITCODE -ne 0) { throw "$($Argument[0]) failed: $($said | Out-String)" }
    $said
}

# As a process of the lab, which goes down with it.
function Start-StandIn {
    param($Lab, [string] $Name, [string[]] $Argument)
    $file = "$($Lab.Directory)/log/$Name.log"
    Remove-Item $file -ErrorAction Ignore
    $log = & $script:LabScript start $Lab.Directory $Name dotnet (Find-LabCluster) @Argument 2>&1
    if ($LASTEXITCODE -ne 0) { throw "The $Name does not start: $log" }
    $limit = [datetime]::UtcNow.AddSeconds(60)
    while (-not ((Get-Content $file -Raw -ErrorAction Ignore) -match '(?m)^ready')) {
        # It has ended when nothing of it is in the process table any more.
        $process = (Get-Content "$($Lab.Directory)/run/$Name.pid" -ErrorAction Ignore) -split ' ' | Select-Object -First 1
        if (($process -and -not (Test-Path "/proc/$process")) -or [datetime]::UtcNow -gt $limit) { throw "The $Name does not start: $(Get-Content $file -Raw -ErrorAction Ignore)" }
        Start-Sleep -Milliseconds 100
    }
}

function Stop-StandIn {
    param($Lab, [string] $Name)
    & $script:LabScript stop $Lab.Directory $Name 2>&1 | Out-Null
}

Export-ModuleMember -Function Get-ClusterLabObstacle, Start-ClusterLab, Stop-ClusterLab, Get-KubeConfig, Get-AdminKubeConfig, Start-Node, Stop-Node,
    Start-Operator, Stop-Operator, Set-OperatorMode, Add-RegistryWorld, Wait-RegistryWorld, Push-WorldImage, Invoke-Kube, Restart-ApiServer, Stop-ApiServer,
    Invoke-StandIn, Start-StandIn, Stop-StandIn
