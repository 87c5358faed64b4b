# The procedure of docs/quay-storage.md under the operator, from the first sync to the decommission gate, and once with a test that fails at its end and goes back.
# The API server and the storage are real; Quay and its operator are stand-ins, true to their sources (tests/Lab/README.md): a wrong key, path or certificate fails there as in Quay.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support/Cluster.psm1" -Force
    $obstacle = Get-ClusterLabObstacle
    if ($obstacle) { Write-Warning "Quay scenario skipped: $obstacle." }
}

Describe 'Moving Quay''s storage to S3' -Skip:([bool] $obstacle) {
    BeforeAll {
        Import-Module "$PSScriptRoot/Support/Lab.psm1", "$PSScriptRoot/Support/Cluster.psm1", "$PSScriptRoot/Support/SampleImages.psm1", "$PSScriptRoot/Support/OpenShift.psm1", "$PSScriptRoot/Support/Quay.psm1" -Force
        Import-Module (Get-ModuleManifest) -Force
        $runbook = "$(Split-Path (Get-ModuleManifest))/Runbooks/Move-QuayStorage.ps1"
        $work = [IO.Directory]::CreateTempSubdirectory('quay-').FullName

        # A cluster of its own for each Quay.
        function Start-Place([string] $Name) {
            $lab = Start-ClusterLab "$work/$Name" ceph, tls
            Start-Node $lab
            Start-QuayOperator $lab
            $null = Connect-RegistryCluster -KubeConfig (Get-AdminKubeConfig $lab)
            $lab
        }

        # Quay's own certificate is signed by the cluster's authority, the storage's by another one.
        $trusted = "$work/ca.pem"
        function Join-Authority($World) { Get-Content $World.CertificateAuthority, $lab.ceph.caFile | Set-Content $trusted; $trusted }

        function New-Login([string] $Name, [string] $Secret) { [pscredential]::new($Name, (ConvertTo-SecureString $Secret -AsPlainText -Force)) }

        # A bucket of Ceph's second user, over HTTPS with the lab's CA.
        function New-Target {
            $keys = Get-CephUser $lab second
            New-RegistryStore "s3://$(New-CephBucket $lab second)" -Endpoint $lab.ceph.tlsEndpoint -CertificateAuthority $lab.ceph.caFile -Credential (New-Login $keys.AccessKey $keys.SecretKey)
        }

        function Push([string] $Repository, [string] $Tag, [int] $Seed, [int] $Bytes = 4000) { $images.Add((Push-QuayImage $world $Repository $Tag (New-Image (New-Layer $Seed $Bytes), (New-Layer 1 200KB)))) }

        function Get-Missing {
            foreach ($image in $images) {
                $pull = Test-RegistryPull $world.Registry -Repository $image.Repository -Tag $image.Tag @registry
                if (-not $pull.Ok -or "$($pull.Digest)" -ne $image.Digest) { "$($image.Name): $($pull.Failures.Message -join '; ')" }
            }
        }

        function Get-Spec { (Invoke-Kube $lab "/apis/quay.redhat.com/v1/namespaces/$($world.Namespace)/quayregistries/$($world.Name)").spec | ConvertTo-Json -Depth 9 }

        function Get-SecretData([string] $Name) { (Invoke-Kube $lab "/api/v1/namespaces/$($world.Namespace)/secrets/$Name").data }

        function Get-Config([string] $Name) { [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String((Get-SecretData $Name).'config.yaml')) }
    }

    AfterAll {
        if ($work) { Remove-Item $work -Recurse -Force }
    }

    Context 'from the first sync to the decommission gate' {
        BeforeAll {
            $lab = Start-Place there
            $world = Add-QuayWorld $lab -Tls
            Wait-QuayWorld $world
            $images = [Collections.Generic.List[object]]::new()
            $registry = @{ Credential = New-Login $world.User $world.Password; CertificateAuthority = Join-Authority $world }
            Push demo/app 1 2 9MB
            Push shop/web latest 3
            $target = New-Target
            $move = @{ Namespace = $world.Namespace; Name = 'move'; JournalPath = "$work/journals"; Timeout = '00:02:00'; Confirm = $false } + $registry
            $spec = Get-Spec
            $bundle = ($spec | ConvertFrom-Json).configBundleSecret
            $given = Get-Config $bundle
        }

        AfterAll { if ($lab) { Stop-ClusterLab $lab } }

        It 'shows Quay and its location' {
            $quay = Get-QuayRegistry -Namespace $world.Namespace -Health -CertificateAuthority $world.CertificateAuthority
            $quay.State | Should -Be Normal
            $quay.IsStorageManaged | Should -BeFalse
            $quay.Health['storage'] | Should -BeTrue
            $place = $quay | Get-QuayStorageLocation -CertificateAuthority $trusted
            "$($place.Store)" | Should -Be "s3://$($world.Bucket)"
            ($quay | ConvertTo-Json -Depth 6) | Should -Not -Match ([regex]::Escape((Get-CephUser $lab).SecretKey))
        }

        It 'has a preflight that changes nothing and finds no obstacle' {
            $checks = Get-QuayRegistry -Namespace $world.Namespace | Test-RegistryMigration $target
            $checks | Where-Object Status -eq Failed | ForEach-Object { "$($_.Name): $($_.Evidence)" } | Should -BeNullOrEmpty
            Get-Spec | Should -Be $spec
            Get-CephKey $lab $target.Address.Container second | Should -BeNullOrEmpty
        }

        It 'copies in stages while Quay is in use' {
            & $runbook $target @move -LivePassOnly 6> $null
            Push demo/app 2 4
            & $runbook $target @move -LivePassOnly 6> $null
            $migration = Get-RegistryMigration move -JournalPath "$work/journals" -Namespace $world.Namespace
            @($migration.Passes | Where-Object Kind -eq Live).Count | Should -Be 2
            $migration.Passes[1].Copied | Should -BeLessThan $migration.Passes[0].Copied
            $migration.Window.Duration | Should -BeGreaterThan ([timespan]::Zero)
            Get-Spec | Should -Be $spec
            # What is there by now is compared with the old storage, which only the lab's authority vouches for.
            $checks = Get-QuayRegistry -Namespace $world.Namespace | Test-RegistryMigration $target -CertificateAuthority $trusted
            ($checks | Where-Object Name -eq 'Destination is empty or ours').Status | Should -Be Passed
        }

        It 'blocks pushes with a new bundle, and not for pulls' {
            $step = Set-RegistryReadOnly move -JournalPath "$work/journals" -Namespace $world.Namespace -Timeout 120 -Confirm:$false @registry
            $step.State | Should -Be Done
            $step.Proof | Should -Match 'refused a push .* with 405'
            $now = (Get-Spec | ConvertFrom-Json).configBundleSecret
            $now | Should -Not -Be $bundle
            Get-Config $bundle | Should -Be $given
            Get-Config $now | Should -Match '(?m)^DISABLE_PUSHES: true'
            { Push demo/app 3 9 } | Should -Throw
            Get-Missing | Should -BeNullOrEmpty
        }

        It 'moves, and serves and takes images with the new storage alone' {
            & $runbook $target @move -SampleSize 4 6> $null
            $after = Get-Spec | ConvertFrom-Json
            $config = Get-Config $after.configBundleSecret
            $config | Should -Not -Match '(?m)^DISABLE_PUSHES: true'
            foreach ($comment in $given -split "`n" -match '^\s*#') { $config | Should -Match ([regex]::Escape($comment)) }
            @((Get-SecretData $after.configBundleSecret).PSObject.Properties.Name -like 'extra_ca_cert_storage-*').Count | Should -Be 1
            $place = Get-QuayRegistry -Namespace $world.Namespace | Get-QuayStorageLocation -CertificateAuthority $trusted
            $place.Name | Should -Be ($given | Select-String '(?m)DISTRIBUTED_STORAGE_PREFERENCE:\s*(?:\[|\n?\s*-\s*)(\w+)').Matches[0].Groups[1].Value
            "$($place.Store)" | Should -Be "$target"
            $place.Driver | Should -Be RadosGWStorage
            Get-Missing | Should -BeNullOrEmpty
            $old = Get-CephKey $lab $world.Bucket
            Push demo/new 1 6
            Get-Missing | Should -BeNullOrEmpty
            Get-CephKey $lab $world.Bucket | Should -Be $old
        }

        It 'keeps no secret in the journal, here and in the cluster' {
            $journal = (Get-ChildItem "$work/journals" -File | Get-Content -Raw) + (Invoke-Kube $lab "/api/v1/namespaces/$($world.Namespace)/configmaps/registry-migration-move" | ConvertTo-Json -Depth 9)
            foreach ($user in 'first', 'second') { $journal | Should -Not -Match ([regex]::Escape((Get-CephUser $lab $user).SecretKey)) }
        }

        It 'lets the old storage go only after the hold period' {
            $where = @{ JournalPath = "$work/journals"; Namespace = $world.Namespace; ErrorAction = 'Stop' }
            { Complete-RegistryMigration move @where -HoldPeriod 7.00:00:00 } | Should -Throw '*hold period*'
            (Complete-RegistryMigration move @where -HoldPeriod 0).State | Should -Be Completed
        }
    }

    Context 'with a test that fails at the end' {
        BeforeAll {
            $lab = Start-Place back
            $world = Add-QuayWorld $lab -Managed
            Wait-QuayWorld $world
            $images = [Collections.Generic.List[object]]::new()
            $registry = @{ Credential = New-Login $world.User $world.Password; CertificateAuthority = Join-Authority $world }
            Push demo/app 1 12 6MB
            Push shop/web latest 13
            $target = New-Target
            $move = @{ Namespace = $world.Namespace; Name = 'back'; JournalPath = "$work/journals"; Timeout = '00:02:00'; Confirm = $false } + $registry
            $spec = Get-Spec
        }

        AfterAll { if ($lab) { Stop-ClusterLab $lab } }

        It 'takes the storage out of the operator''s hands, and stops where an image is not served' {
            $where = @{ JournalPath = "$work/journals"; Namespace = $world.Namespace; Timeout = '00:02:00'; Confirm = $false }
            & $runbook $target @move -LivePassOnly 6> $null
            $late = New-Layer 77 5000
            $finish = Start-QuayUpload $world demo/app $late
            Set-RegistryReadOnly back @where @registry | Out-Null
            $migration = Get-RegistryMigration back -JournalPath "$work/journals" -Namespace $world.Namespace
            $script:old = Get-QuayRegistry -Namespace $world.Namespace | Get-QuayStorageLocation -CertificateAuthority $trusted
            $old.Name | Should -Be local_us
            $old.Store | Sync-RegistryBlobs -Destination $target -Migration $migration -PassKind Final | Out-Null
            $last = $old.Store | Sync-RegistryBlobs -Destination $target -Migration $migration -PassKind Final
            $last.Copied | Should -Be 0
            Test-RegistryStore $target -Migration $migration | Out-Null
            # Quay does not refuse the end of what was begun before.
            & $finish | Should -Be 201
            $switch = Switch-RegistryBackend back $target -CertificateAuthority $world.CertificateAuthority @where
            $switch.Proof | Should -Match 'has written to the new storage'
            ((Get-Spec | ConvertFrom-Json).components | Where-Object kind -eq objectstorage).managed | Should -BeFalse
            (Get-QuayRegistry -Namespace $world.Namespace | Get-QuayStorageLocation).Name | Should -Be local_us

            (Get-CephKey $lab $target.Address.Container second) -match $late.Hex | Should -BeNullOrEmpty

            # Bytes that nobody has looked at since they were copied.
            $layer = (Get-CephKey $lab $target.Address.Container second) -match ($images[0].Stored | Sort-Object Size -Descending)[0].Hex
            Set-CephDamage $lab $target.Address.Container $layer[0] second
            { & $runbook $target @move -SampleSize 5 6> $null } | Should -Throw '*are not served from the new storage*'
            (Get-CephKey $lab $target.Address.Container second) -match $late.Hex | Should -HaveCount 1
            { Set-RegistryReadOnly back -Off @where @registry -ErrorAction Stop } | Should -Throw '*Undo-RegistryMigration*'
        }

        It 'goes back to the old storage, and loses nothing' {
            # Nothing but the operator's claim says with which keys the old storage is reached; without it, the journal knows the address.
            $maps = "/api/v1/namespaces/$($world.Namespace)/configmaps"
            $claim = Invoke-Kube $lab "$maps/$($world.Name)-quay-datastore"
            $null = Invoke-Kube $lab "$maps/$($claim.metadata.name)" -Method Delete
            { & $runbook $target @move -Undo 6> $null } | Should -Throw "*bucket claim is gone*copies from $($old.Store), at $($old.Store.Server): give that as -Source*"
            $null = Invoke-Kube $lab $maps -Method Post -Body @{ metadata = @{ name = $claim.metadata.name; labels = $claim.metadata.labels }; data = $claim.data }
            & $runbook $target @move -Undo 6> $null
            $now = Get-Spec | ConvertFrom-Json
            $first = $spec | ConvertFrom-Json
            $now.configBundleSecret | Should -Be $first.configBundleSecret
            ($now.components | Where-Object kind -eq objectstorage).managed | Should -BeTrue
            Get-Missing | Should -BeNullOrEmpty
            Push demo/app 2 14
            Get-Missing | Should -BeNullOrEmpty
            (Get-RegistryMigration back -JournalPath "$work/journals" -Namespace $world.Namespace).State | Should -Be Undone
        }
    }
}
