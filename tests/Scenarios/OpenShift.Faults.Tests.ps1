# What goes wrong around the move of OpenShift's registry while the runbook runs: the API server goes away, the login expires, an account may not do
# one thing, the cluster is another one than was thought. Each ends well or with a clear result, nothing is half done, and the same command goes on.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support/Cluster.psm1" -Force
    $obstacle = Get-ClusterLabObstacle
    if ($obstacle) { Write-Warning "OpenShift scenario skipped: $obstacle." }
}

Describe 'Faults during a move' -Skip:([bool] $obstacle) {
    BeforeAll {
        Import-Module "$PSScriptRoot/Support/Lab.psm1", "$PSScriptRoot/Support/Cluster.psm1", "$PSScriptRoot/Support/SampleImages.psm1", "$PSScriptRoot/Support/OpenShift.psm1" -Force
        Import-Module (Get-ModuleManifest) -Force
        $work = [IO.Directory]::CreateTempSubdirectory('openshift-faults-').FullName
        $place = New-MovePlace $work
        $null = Connect-RegistryCluster -KubeConfig $place.KubeConfig
        $first = Get-ConfigSpec $place
        $firstPruner = Get-PrunerSpec $place

        # The same place, reached with another login.
        function Get-PlaceOf([string] $KubeConfig) {
            $other = $place.PSObject.Copy()
            $other.KubeConfig = $KubeConfig
            $other
        }
        # Lets the runbook run until it writes a record, and the configuration's spec is so.
        function Wait-Runbook($Process, [string] $Name, [string] $Record, [scriptblock] $When) {
            while ($Record -notin (Get-JournalKey "$($place.Journals)/$Name.jsonl") -or ($When -and -not (& $When (Get-ConfigSpec $place | ConvertFrom-Json)))) {
                if ($Process.HasExited) { throw "The runbook ended before '$Record': $((Get-Content $Process.Output, $Process.Errors -Raw) -join "`n")" }
                Start-Sleep -Milliseconds 5
            }
        }
        function Receive-Runbook($Process) {
            $Process.WaitForExit()
            (Get-Content $Process.Output, $Process.Errors -Raw) -join "`n"
        }
        # Ends the move and goes back, so that the next one begins where this one did.
        function Complete-Move([string] $Name, $Store) {
            $end = Start-Runbook $place $Store "-Name $Name" -Wait
            $end.ExitCode | Should -Be 0 -Because $end.Text
            Get-MissingImage $place | Should -BeNullOrEmpty
            (Get-ImageRegistry).Storage.Location | Should -Be $Store.Address.Container
            $back = Start-Runbook $place $Store "-Name $Name -Undo" -Wait
            $back.ExitCode | Should -Be 0 -Because $back.Text
            Get-ConfigSpec $place | Should -Be $first
            Get-PrunerSpec $place | Should -Be $firstPruner
            Get-MissingImage $place | Should -BeNullOrEmpty
        }
    }

    AfterAll {
        if ($place) { Stop-ClusterLab $place.Lab }
        if ($work) { Remove-Item $work -Recurse -Force }
    }

    It 'sits out an API server that goes away in the middle of a step' {
        $store = New-MoveStore $place
        $run = Start-Runbook $place $store '-Name away'
        Wait-Runbook $run away 'BlockWrites Started' { param($spec) $spec.readOnly }
        Restart-ApiServer $place.Lab 5
        Wait-Runbook $run away 'SwitchBackend Started' { param($spec) $spec.storage.swift }
        Restart-ApiServer $place.Lab 5
        $said = Receive-Runbook $run
        $run.ExitCode | Should -Be 0 -Because $said
        Complete-Move away $store
    }

    It 'says who does not answer when the server stays away, and goes on when it is back' {
        $store = New-MoveStore $place
        $run = Start-Runbook $place $store '-Name gone'
        Wait-Runbook $run gone 'SwitchBackend Started' { param($spec) $spec.storage.swift }
        Stop-ApiServer $place.Lab
        $said = Receive-Runbook $run
        Restart-ApiServer $place.Lab
        $run.ExitCode | Should -Not -Be 0
        # Sooner than the switch gives up: nobody else may find the lock free while this one goes on.
        # The patch itself may have been under way.
        $said | Should -Match 'Stopped: (The lock of migration gone was lost: the cluster did not answer in time|patch configs.*Whether the patch was done is not known)'
        $said | Should -Match 'To go on, run the same command again'
        Complete-Move gone $store
    }

    It 'stops when the login expires, and goes on with a new one' {
        $store = New-MoveStore $place
        $token = "$work/token"
        Set-Content $token $place.Lab.kube.adminToken -NoNewline
        $login = "$work/expiring.kubeconfig"
        (Get-Content $place.KubeConfig) -replace '^(\s+)token: lab-admin-token$', "`$1tokenFile: $token" | Set-Content $login
        Get-Content $login -Raw | Should -Match tokenFile
        $run = Start-Runbook (Get-PlaceOf $login) $store '-Name expired'
        Wait-Runbook $run expired 'SuspendPruner Done'
        Set-Content $token 'a-token-that-is-no-longer-good' -NoNewline
        $said = Receive-Runbook $run
        $run.ExitCode | Should -Not -Be 0
        $said | Should -Match '\(401\)'
        $said | Should -Not -Match 'a-token-that-is'
        $spec = Get-ConfigSpec $place | ConvertFrom-Json
        $spec.storage.pvc | Should -Not -BeNullOrEmpty
        Set-Content $token $place.Lab.kube.adminToken -NoNewline
        Complete-Move expired $store
    }

    It 'names the verb and the resource that an account lacks, and goes on when it has it' {
        $store = New-MoveStore $place
        $everything = @{
            apiGroups = '', 'apps', 'batch', 'coordination.k8s.io', 'config.openshift.io', 'image.openshift.io', 'route.openshift.io', 'networking.k8s.io', 'authorization.k8s.io'
            resources = , '*'; verbs = , '*'
        }
        $pruner = @{ apiGroups = , 'imageregistry.operator.openshift.io'; resources = , 'imagepruners'; verbs = , '*' }
        function Set-Rights([string[]] $Verb) {
            $rules = $everything, $pruner, @{ apiGroups = , 'imageregistry.operator.openshift.io'; resources = , 'configs'; verbs = $Verb }
            $role = @{ apiVersion = 'rbac.authorization.k8s.io/v1'; kind = 'ClusterRole'; metadata = @{ name = 'short-of-one' }; rules = $rules }
            $binding = @{
                apiVersion = 'rbac.authorization.k8s.io/v1'; kind = 'ClusterRoleBinding'; metadata = @{ name = 'short-of-one' }
                roleRef = @{ apiGroup = 'rbac.authorization.k8s.io'; kind = 'ClusterRole'; name = 'short-of-one' }
                subjects = , @{ apiGroup = 'rbac.authorization.k8s.io'; kind = 'User'; name = 'limited' }
            }
            foreach ($pair in @('clusterroles', $role), @('clusterrolebindings', $binding)) {
                $null = Invoke-Kube $place.Lab "/apis/rbac.authorization.k8s.io/v1/$($pair[0])/short-of-one?fieldManager=lab&force=true" -Method Patch -Body $pair[1] -ContentType application/apply-patch+yaml
            }
        }
        Set-Rights get, list, watch
        $limited = Get-PlaceOf (Get-KubeConfig $place.Lab -User limited)
        $stopped = Start-Runbook $limited $store '-Name short' -Wait
        $stopped.ExitCode | Should -Not -Be 0
        $stopped.Text | Should -Match 'patch configs\.imageregistry\.operator\.openshift\.io'
        Get-ConfigSpec $place | Should -Be $first
        Set-Rights get, list, watch, patch
        $end = Start-Runbook $limited $store '-Name short' -Wait
        $end.ExitCode | Should -Be 0 -Because $end.Text
        Complete-Move short $store
    }

    # The last one: it takes the type away.
    It 'says that a cluster is no OpenShift' {
        $null = Invoke-Kube $place.Lab /apis/apiextensions.k8s.io/v1/customresourcedefinitions/configs.imageregistry.operator.openshift.io -Method Delete
        $limit = [datetime]::UtcNow.AddSeconds(30)
        do {
            Start-Sleep -Milliseconds 300
            $said = try { Get-ImageRegistry -ErrorAction Stop } catch { $_ }
        } until ("$($said.FullyQualifiedErrorId)" -match 'NotServed' -or [datetime]::UtcNow -gt $limit)
        "$($said.FullyQualifiedErrorId)" | Should -Match '^ClusterNotServed'
        "$said" | Should -Match 'OpenShift'
        $run = Start-Runbook $place (New-MoveStore $place) '-Name elsewhere' -Wait
        $run.ExitCode | Should -Not -Be 0
        Test-Path "$($place.Journals)/elsewhere.jsonl" | Should -BeFalse
    }
}
