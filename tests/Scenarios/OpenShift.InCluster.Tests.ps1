# Moves OpenShift's image registry from a volume to Swift and back with the runbook, where no machine mounts the volume: both copies run in the
# cluster, as docs/openshift-volume-to-swift.md describes it. A real API server and Job controller, the real worker, registries that really
# run, and a real Swift; the operator and the nodes are stand-ins of tests/Lab.Cluster.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support/Cluster.psm1" -Force
    $obstacle = Get-ClusterLabObstacle
    if ($obstacle) { Write-Warning "OpenShift scenario skipped: $obstacle." }
}

Describe 'Moving OpenShift''s registry and back, copied in the cluster' -Skip:([bool] $obstacle) {
    BeforeAll {
        Import-Module "$PSScriptRoot/Support/Lab.psm1", "$PSScriptRoot/Support/Cluster.psm1", "$PSScriptRoot/Support/SampleImages.psm1", "$PSScriptRoot/Support/OpenShift.psm1" -Force
        Import-Module (Get-ModuleManifest) -Force
        $namespace = 'openshift-image-registry'
        $image = "registry.test/tools/registry-migration@sha256:$('0' * 64)"
        $work = [IO.Directory]::CreateTempSubdirectory('openshift-in-cluster-').FullName
        $place = New-MovePlace $work -Worker (Get-WorkerProgram)
        $null = Connect-RegistryCluster -KubeConfig $place.KubeConfig -Namespace $namespace
        $first = Get-ConfigSpec $place
        $firstPruner = Get-PrunerSpec $place
        $copy = @{ Claim = 'image-registry-storage'; Image = $image; Confirm = $false; WarningAction = 'SilentlyContinue' }
        $volume = "/pvc/$namespace/image-registry-storage"
        function Get-Move([string] $Name) { Get-RegistryMigration $Name -JournalPath $place.Journals -Namespace $namespace }
        function Invoke-Book([string] $Name, $Store, [string] $Parameters) {
            $run = Start-Runbook $place $Store "-Name $Name -InCluster $Parameters" -Wait
            $run.ExitCode | Should -Be 0 -Because $run.Text
            $run.Text
        }
        # Starts the runbook, and kills it when its copy runs; gives the copy, which goes on.
        function Stop-BookAtCopy([string] $Name, $Store, [string] $Parameters) {
            $run = Start-Runbook $place $Store "-Name $Name -InCluster $Parameters"
            $limit = [datetime]::UtcNow.AddSeconds(120)
            while (-not $run.HasExited -and [datetime]::UtcNow -lt $limit -and (Get-RegistrySync).Parts.State -notcontains 'Running') { Start-Sleep -Milliseconds 200 }
            $run.HasExited | Should -BeFalse -Because (Get-Content $run.Output, $run.Errors -Raw -ErrorAction Ignore | Out-String)
            $run.Kill()
            $run.WaitForExit()
            Get-RegistrySync
        }
        # As it was before the move: what is configured, what serves, and nothing of a copy.
        function Assert-Restored {
            Get-ConfigSpec $place | Should -Be $first
            Get-PrunerSpec $place | Should -Be $firstPruner
            (Get-ImageRegistry).Storage.Kind | Should -Be Volume
            Get-MissingImage $place | Should -BeNullOrEmpty
            (Test-RegistryStore $place.World.ClaimDirectory -Deep).IsClean | Should -BeTrue
            Get-RegistrySync | Should -BeNullOrEmpty
        }
    }

    AfterAll {
        if ($place) { Stop-ClusterLab $place.Lab }
        if ($work) { Remove-Item $work -Recurse -Force }
    }

    It 'copies nothing into a claim that the registry uses' {
        $store = New-MoveStore $place | Initialize-RegistryStore
        { Start-RegistrySync @copy -Source $store -ErrorAction Stop } | Should -Throw '*image-registry-*may write to it*' -ErrorId 'Precondition,*'
        { Start-RegistrySync @copy -Source $work -ErrorAction Stop } | Should -Throw '*pods do not have*' -ErrorId 'ClusterConfiguration,*'
        Get-RegistrySync | Should -BeNullOrEmpty
    }

    It 'moves to Swift, and every image is served' {
        $store = New-MoveStore $place
        $said = Invoke-Book book $store "-Image $image -Shards 2"
        $said | Should -Match 'live pass: Completed'
        $spec = Get-ConfigSpec $place | ConvertFrom-Json
        $spec.storage.swift.container | Should -Be $store.Address.Container
        Get-MissingImage $place | Should -BeNullOrEmpty
        $passes = (Get-Move book).Passes
        $passes.Source | Select-Object -Unique | Should -Be $volume
        $passes.Destination | Select-Object -Unique | Should -Be "$store"
        Get-RegistrySync | Should -BeNullOrEmpty
    }

    It 'says with -WhatIf what a copy back would make, and makes nothing' {
        $store = New-RegistryStore (Get-Move book).Destination -AuthUrl $place.Lab.swift.authUrl -Credential $place.SwiftUser
        $job = Start-RegistrySync @copy -Source $store -Shards 2 -WhatIf -WarningVariable warned
        $job | Should -BeNullOrEmpty
        "$warned" | Should -Match 'user 1000330000 and group 1000330000'
        Get-RegistrySync | Should -BeNullOrEmpty
    }

    It 'goes back with what was pushed since' {
        $store = (Get-Move book).Destination
        Push-MoveImage $place demo/since 1 (New-Image (New-Layer 41 6000))
        Push-MoveImage $place demo/app 2 (New-Image (New-Layer 42 7000))
        # The tag points elsewhere now.
        $null = $place.Images.Remove(($place.Images | Where-Object Name -eq 'demo/app:2' | Select-Object -First 1))
        (Get-Move book).IsUndoLossless | Should -BeFalse
        $short = Start-Runbook $place $store '-Name book -InCluster -Undo' -Wait
        $short.ExitCode | Should -Be 1
        $short.Text | Should -Match 'Give -Image'
        # Copied in the cluster: a directory is not where the images came from.
        $other = Start-Runbook $place $store '-Name book -Undo' -Wait
        $other.ExitCode | Should -Be 1
        $other.Text | Should -Match 'go back the way it came'
        (Get-ImageRegistry).ReadOnly | Should -BeFalse
        (Get-Move book).Passes.Kind | Should -Not -Contain Reverse

        $said = Invoke-Book book $store "-Image $image -Shards 2 -Undo"
        $said | Should -Match "Copy back from .* to $volume"
        $said | Should -Match 'copied 0, deferred 0, failed 0'
        $migration = Get-Move book
        $migration.State | Should -Be Undone
        $migration.Steps | Where-Object Forced | Should -BeNullOrEmpty
        $back = @($migration.Passes | Where-Object Kind -eq Reverse)
        $back[0].Copied | Should -BeGreaterThan 0
        $back.Source | Select-Object -Unique | Should -Be "$store"
        $back.Destination | Select-Object -Unique | Should -Be $volume
        Assert-Restored
        Push-MoveImage $place demo/since 2 (New-Image (New-Layer 43 6000))
        Get-MissingImage $place | Should -BeNullOrEmpty
    }

    It 'goes on with the copies that killed runs have left, there and back' {
        $store = New-MoveStore $place
        $left = Stop-BookAtCopy killed $store "-Image $image -Shards 2 -SyncParameter @{ BandwidthLimit = 2MB }"
        $left.Direction | Should -Be FromClaim
        Invoke-Book killed $store "-Image $image -Shards 2" | Should -Match "the copy $namespace/$($left.Name) goes on"
        Push-MoveImage $place demo/large 1 (New-Image (New-Layer 51 4MB))
        $left = Stop-BookAtCopy killed $store "-Image $image -Shards 2 -SyncParameter @{ BandwidthLimit = 600KB } -Undo"
        $left.Direction | Should -Be ToClaim
        # No pod held the claim, and it is ReadWriteOnce: all parts went where the first did.
        $left.Parts.Node | Where-Object { $_ } | Select-Object -Unique | Should -HaveCount 1
        { Start-RegistrySync @copy -Source $store -ErrorAction Stop } | Should -Throw "*Wait-RegistrySync $($left.Name)*"
        { Start-RegistrySync @copy (New-MoveStore $place) -ErrorAction Stop } | Should -Throw "*Wait-RegistrySync $($left.Name)*"

        $said = Invoke-Book killed $store "-Image $image -Shards 2 -Undo"
        $said | Should -Match "the copy $namespace/$($left.Name) goes on"
        (Get-Move killed).State | Should -Be Undone
        Assert-Restored
    }
}
