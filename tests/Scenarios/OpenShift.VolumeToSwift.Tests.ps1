# Moves OpenShift's image registry from a volume to Swift, as docs/openshift-volume-to-swift.md describes it: on a real API server, with
# registries that really run and images that are really pushed and pulled; the operator and the nodes are stand-ins of tests/Lab.Cluster.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support/Cluster.psm1" -Force
    $obstacle = Get-ClusterLabObstacle
    if ($obstacle) { Write-Warning "OpenShift scenario skipped: $obstacle." }
}

Describe 'Moving OpenShift''s registry from a volume to Swift' -Skip:([bool] $obstacle) {
    BeforeAll {
        Import-Module "$PSScriptRoot/Support/Lab.psm1", "$PSScriptRoot/Support/Cluster.psm1", "$PSScriptRoot/Support/SampleImages.psm1", "$PSScriptRoot/Support/OpenShift.psm1" -Force
        Import-Module (Get-ModuleManifest) -Force
        $work = [IO.Directory]::CreateTempSubdirectory('openshift-move-').FullName
        $place = New-MovePlace $work
        $cluster = Connect-RegistryCluster -KubeConfig $place.KubeConfig
        $registry = Get-MoveRegistry $place
        $store = New-MoveStore $place
        $source = $place.World.ClaimDirectory
        $step = @{ Confirm = $false; JournalPath = $place.Journals }
        function Get-Move { Get-RegistryMigration move -JournalPath $place.Journals -Namespace openshift-image-registry }
    }

    AfterAll {
        if ($place) { Stop-ClusterLab $place.Lab }
        if ($work) { Remove-Item $work -Recurse -Force }
    }

    It 'passes the preflight and changes nothing' {
        $before = Get-ConfigSpec $place
        $checks = Test-RegistryMigration $store
        $checks | Where-Object Status -eq Failed | ForEach-Object { "$($_.Name): $($_.Evidence)" } | Should -BeNullOrEmpty
        Test-RegistryMigration $store -Quiet | Should -BeTrue
        Get-ConfigSpec $place | Should -Be $before
    }

    It 'marks the container as the cluster''s, and refuses one that others have filled' {
        New-RegistryMigration move -System OpenShift -Namespace openshift-image-registry -Destination $store -Source $source -JournalPath $place.Journals | Should -Not -BeNullOrEmpty
        $marks = @{ Openshiftclusterid = 'openshift-lrgv9'; Name = $store.Address.Container }
        $store | Initialize-RegistryStore -Metadata $marks | Should -Be $store
        (Get-ServerHeader $place.Lab.swift $store.Address.Container)['X-Container-Meta-Openshiftclusterid'] | Should -Be openshift-lrgv9
        $store | Initialize-RegistryStore -Metadata $marks | Should -Be $store

        $foreign = New-MoveStore $place | Initialize-RegistryStore
        Sync-RegistryBlobs $source $foreign | Out-Null
        { $foreign | Initialize-RegistryStore -Metadata $marks -ErrorAction Stop } | Should -Throw -ErrorId 'Conflict,*'
    }

    It 'refuses the switch before anything is proven, also with -WhatIf' {
        $before = Get-ConfigSpec $place
        { Switch-RegistryBackend (Get-Move) $store @step -ErrorAction Stop } | Should -Throw '*Set-RegistryReadOnly*'
        { Switch-RegistryBackend (Get-Move) $store -JournalPath $place.Journals -WhatIf -ErrorAction Stop } | Should -Throw '*Set-RegistryReadOnly*'
        Get-ConfigSpec $place | Should -Be $before
    }

    It 'suspends the pruner and copies while pushes go on' {
        (Suspend-RegistryPruner (Get-Move) @step).State | Should -Be Done
        $pass = Sync-RegistryBlobs $source $store -Migration (Get-Move)
        $pass.Copied | Should -BeGreaterThan 0
        Push-MoveImage $place demo/late 1 (New-Image (New-Layer 11 4000))
    }

    It 'blocks writes, proven by a refused push, while pulls go on' {
        $blocked = Set-RegistryReadOnly (Get-Move) @registry @step
        $blocked.Proof | Should -Match '405'
        { Push-WorldImage $place.World demo/refused 1 (New-Image (New-Layer 12 100)) } | Should -Throw
        Get-MissingImage $place | Should -BeNullOrEmpty
    }

    It 'does not take a wrong token for a proof' {
        $wrong = @{ Registry = $registry.Registry; CertificateAuthority = $registry.CertificateAuthority; Token = ConvertTo-SecureString nonsense -AsPlainText -Force }
        Test-RegistryPush @wrong -Repository demo/app -ExpectRefused -Quiet -WarningAction SilentlyContinue | Should -BeFalse
    }

    It 'is refused until a pass copies nothing and an audit is clean' {
        { Switch-RegistryBackend (Get-Move) $store @step -ErrorAction Stop } | Should -Throw '*no pass*'
        (Sync-RegistryBlobs $source $store -Migration (Get-Move) -PassKind Final).Copied | Should -BeGreaterThan 0
        { Switch-RegistryBackend (Get-Move) $store @step -ErrorAction Stop } | Should -Throw '*still copied*'
        (Sync-RegistryBlobs $source $store -Migration (Get-Move) -PassKind Final).Copied | Should -Be 0
        { Switch-RegistryBackend (Get-Move) $store @step -ErrorAction Stop } | Should -Throw '*no audit*'
        (Test-RegistryStore $store -Source $source -Deep -Migration (Get-Move)).IsClean | Should -BeTrue
    }

    It 'switches, and serves every image from Swift' {
        $switched = Switch-RegistryBackend (Get-Move) $store @step
        $switched.State | Should -Be Done
        $switched.Forced | Should -BeNullOrEmpty
        $spec = Get-ConfigSpec $place | ConvertFrom-Json
        $spec.storage.swift.container | Should -Be $store.Address.Container
        $spec.storage.managementState | Should -Be Unmanaged
        $spec.storage.PSObject.Properties.Name | Should -Not -Contain pvc
        $spec.replicas | Should -Be 2
        $spec.rolloutStrategy | Should -Be RollingUpdate
        $spec.readOnly | Should -BeTrue
        Get-MissingImage $place | Should -BeNullOrEmpty
    }

    It 'allows writes only after a proof by pulling' {
        { Set-RegistryReadOnly (Get-Move) @registry -Off @step -ErrorAction Stop } | Should -Throw '*Test-RegistryPull*'
        $pulls = Get-RegistryImage -Sample 3 -Seed 1 | Test-RegistryPull @registry -Migration (Get-Move)
        $pulls.Count | Should -Be 3
        $pulls.Ok | Should -Not -Contain $false
        (Get-Move).IsUndoLossless | Should -BeTrue
        $allowed = Set-RegistryReadOnly (Get-Move) @registry -Off @step
        $allowed.NoReturn | Should -Not -BeNullOrEmpty
        (Get-Move).IsUndoLossless | Should -BeFalse
        (Resume-RegistryPruner (Get-Move) @step).State | Should -Be Done
        Push-MoveImage $place demo/new 1 (New-Image (New-Layer 13 4000))
        Get-MissingImage $place | Should -BeNullOrEmpty
    }

    It 'runs a finished step again without changing anything' {
        $version = (Invoke-Kube $place.Lab /apis/imageregistry.operator.openshift.io/v1/configs/cluster).metadata.generation
        (Switch-RegistryBackend (Get-Move) $store @step -WarningAction SilentlyContinue).State | Should -Be Done
        (Set-RegistryReadOnly (Get-Move) @registry -Off @step -WarningAction SilentlyContinue).State | Should -Be Done
        { Switch-RegistryBackend (Get-Move) (New-MoveStore $place) @step -WarningAction SilentlyContinue -ErrorAction Stop } | Should -Throw '*switched to*already*'
        (Invoke-Kube $place.Lab /apis/imageregistry.operator.openshift.io/v1/configs/cluster).metadata.generation | Should -Be $version
    }

    It 'keeps the old volume for the hold period' {
        { Remove-RegistryVolumeClaim (Get-Move) @step -ErrorAction Stop } | Should -Throw '*hold period*'
        Test-Path $source | Should -BeTrue
    }

    It 'removes the old volume''s claim, also where it is killed meanwhile' {
        $claim = '/api/v1/namespaces/openshift-image-registry/persistentvolumeclaims/image-registry-storage'
        # Somebody's finalizer holds the claim, so that the removal has to wait for it to go.
        $hold = @{ metadata = @{ finalizers = @((Invoke-Kube $place.Lab $claim).metadata.finalizers) + 'lab.test/hold' -ne $null } }
        $null = Invoke-Kube $place.Lab $claim -Method Patch -Body $hold -ContentType application/merge-patch+json
        $moments = @{ Record = 'RemoveVolume Started' }, @{ Record = 'RemoveVolume Started'; When = { (Invoke-Kube $place.Lab $claim).metadata.deletionTimestamp } }
        foreach ($moment in $moments) {
            $journal = "$($place.Journals)/move.jsonl"
            $written = @(Get-JournalKey $journal).Count
            $process = Start-Runbook $place $store '-Name move -RemoveVolumeClaim -HoldPeriod 0'
            $killed = Stop-RunbookAt $place $process $journal $moment.Record $moment.When $written
            $killed | Should -BeTrue -Because "it gets to $($moment.Record)$($moment.When): $((Get-Content $process.Output, $process.Errors -Raw) -join "`n")"
            (Get-Move).Steps[-1].State | Should -Be Started
        }
        Get-MissingImage $place | Should -BeNullOrEmpty
        $null = Invoke-Kube $place.Lab $claim -Method Patch -Body @{ metadata = @{ finalizers = @() } } -ContentType application/merge-patch+json

        $run = Start-Runbook $place $store '-Name move -RemoveVolumeClaim -HoldPeriod 0' -Wait
        $run.ExitCode | Should -Be 0 -Because $run.Text
        $removed = (Get-Move).Steps | Where-Object Action -eq RemoveVolume
        $removed.State | Should -Be Done
        $removed.Before['manifest']['kind'].ToString() | Should -Be PersistentVolumeClaim
        # The volume is reclaimed after its claim is gone.
        $limit = [datetime]::UtcNow.AddSeconds(20)
        while ((Test-Path $source) -and [datetime]::UtcNow -lt $limit) { Start-Sleep -Milliseconds 100 }
        Test-Path $source | Should -BeFalse
        Get-MissingImage $place | Should -BeNullOrEmpty
    }

    It 'writes down everything, and no secret' {
        $report = "$work/report.html"
        Export-RegistryMigrationReport (Get-Move) $report -JournalPath $place.Journals
        $journal = Get-Content "$($place.Journals)/move.jsonl" -Raw
        foreach ($secret in $place.World.Token, $place.Lab.swift.key) {
            $journal | Should -Not -Match ([regex]::Escape($secret))
            Get-Content $report -Raw | Should -Not -Match ([regex]::Escape($secret))
        }
        (Complete-RegistryMigration (Get-Move) @step).State | Should -Be Completed
    }
}
