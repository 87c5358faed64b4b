# Moves OpenShift's image registry from a volume to S3, as docs/openshift-volume-to-swift.md describes it, and back after a push: with the
# runbook, on a real API server, with registries that really run, and a real S3 server.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support/Cluster.psm1" -Force
    $obstacle = Get-ClusterLabObstacle
    if ($obstacle) { Write-Warning "OpenShift scenario skipped: $obstacle." }
}

Describe 'Moving OpenShift''s registry from a volume to S3' -Skip:([bool] $obstacle) {
    BeforeAll {
        Import-Module "$PSScriptRoot/Support/Lab.psm1", "$PSScriptRoot/Support/Cluster.psm1", "$PSScriptRoot/Support/SampleImages.psm1", "$PSScriptRoot/Support/OpenShift.psm1" -Force
        Import-Module (Get-ModuleManifest) -Force
        $work = [IO.Directory]::CreateTempSubdirectory('openshift-s3-').FullName
        $place = New-MovePlace $work -Server ceph
        $cluster = Connect-RegistryCluster -KubeConfig $place.KubeConfig
        $store = New-MoveStore $place
        $first = Get-ConfigSpec $place
        $firstPruner = Get-PrunerSpec $place
        # A cloud that has no S3 of its own: the operator knows the administrator's keys or none.
        $cloud = '/api/v1/namespaces/openshift-image-registry/secrets/installer-cloud-credentials'
        $null = Invoke-Kube $place.Lab $cloud -Method Delete
        function Get-CredentialCheck { Test-RegistryMigration $store | Where-Object Name -eq 'Operator''s credentials' }
    }

    AfterAll {
        if ($place) { Stop-ClusterLab $place.Lab }
        if ($work) { Remove-Item $work -Recurse -Force }
    }

    It 'is refused as long as the operator has no credentials for S3' {
        (Get-CredentialCheck).Status | Should -Be Failed
        (Get-CredentialCheck).NextStep | Should -Match 'Set-ImageRegistryCredential'
        $run = Start-Runbook $place $store -Wait
        $run.ExitCode | Should -Not -Be 0
        $run.Text | Should -Match 'obstacles; nothing was changed'
        Get-ConfigSpec $place | Should -Be $first
        Get-RegistryMigration -JournalPath $place.Journals -Namespace openshift-image-registry | Should -BeNullOrEmpty

        (Set-ImageRegistryCredential -Backend S3 -Credential $place.S3Key -WarningAction SilentlyContinue).Applied | Should -BeTrue
        (Get-CredentialCheck).Status | Should -Be Passed
    }

    It 'moves, and serves every image from S3' {
        $run = Start-Runbook $place $store -Wait
        $run.ExitCode | Should -Be 0 -Because $run.Text
        $run.Text | Should -Match "with REGISTRY_STORAGE=s3 on $($store.Address.Container)"
        $s3 = (Get-ConfigSpec $place | ConvertFrom-Json).storage.s3
        $s3.bucket | Should -Be $store.Address.Container
        $s3.regionEndpoint | Should -Be $place.Lab.ceph.endpoint
        # The volume has nothing to do with it any more.
        $away = "$($place.World.ClaimDirectory).away"
        Move-Item $place.World.ClaimDirectory $away
        try { Get-MissingImage $place | Should -BeNullOrEmpty }
        finally { Move-Item $away $place.World.ClaimDirectory }
        Get-PrunerSpec $place | Should -Be $firstPruner
    }

    It 'goes back with what was pushed since' {
        # Above the size from which the registry sends a blob in parts.
        Push-MoveImage $place shop/since 1 (New-Image (New-Layer 11 12MB), (New-Layer 12 4000))
        Get-MissingImage $place | Should -BeNullOrEmpty
        $undo = Start-Runbook $place $store -Parameters '-Undo' -Wait
        $undo.ExitCode | Should -Be 0 -Because $undo.Text
        Get-ConfigSpec $place | Should -Be $first
        Get-PrunerSpec $place | Should -Be $firstPruner
        Get-MissingImage $place | Should -BeNullOrEmpty
        (Test-RegistryStore $place.World.ClaimDirectory -Deep).IsClean | Should -BeTrue
        Push-MoveImage $place shop/since 2 (New-Image (New-Layer 13 4000))
        foreach ($file in Get-ChildItem $place.Journals -File) { Get-Content $file -Raw | Should -Not -Match ([regex]::Escape($place.Lab.ceph.secretKey)) }
    }
}
