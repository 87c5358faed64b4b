# Kills the runbook of docs/quay-storage.md with -9 in every step that it begins, and once anywhere, at moments that nobody has chosen; the same command goes on each
# time. What clients were allowed to push meanwhile is served in the end, and so it is after its undo was killed, too. Under the operator and standalone.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support/Cluster.psm1" -Force
    $obstacle = Get-ClusterLabObstacle
    if ($obstacle) { Write-Warning "Quay scenario skipped: $obstacle." }
}

Describe 'Killing the move of Quay''s storage' -Skip:([bool] $obstacle) {
    BeforeAll {
        Import-Module "$PSScriptRoot/Support/Lab.psm1", "$PSScriptRoot/Support/Cluster.psm1", "$PSScriptRoot/Support/SampleImages.psm1", "$PSScriptRoot/Support/OpenShift.psm1", "$PSScriptRoot/Support/Quay.psm1" -Force
        Import-Module (Get-ModuleManifest) -Force
        $work = [IO.Directory]::CreateTempSubdirectory('quay-abort-').FullName
        $lab = Start-ClusterLab "$work/lab" ceph, tls
        $journals = "$work/journals"
        $trusted = "$work/ca.pem"

        function Push([string] $Repository, [string] $Tag) { $images.Add((Push-QuayImage $quay $Repository $Tag (New-Image (New-Layer (Get-Random -Minimum 100) 4000), (New-Layer 1 200KB)))) }

        # As a client does that knows nothing of a move: what is refused, or finds nobody, is its own to try again.
        function Push-Meanwhile { try { Push demo/meanwhile "t$(Get-Random)" } catch { Write-Debug "$_" } }

        function Get-Missing {
            foreach ($image in $images) {
                $pull = Test-RegistryPull $quay.Registry -Repository $image.Repository -Tag $image.Tag -Credential $who -CertificateAuthority $trusted
                if (-not $pull.Ok -or "$($pull.Digest)" -ne $image.Digest) { "$($image.Name): $($pull.Failures.Message -join '; ')" }
            }
        }

        # The text of the command that is run, killed, and run again.
        function Get-RunText([string] $Parameters) {
            @"
`$ErrorActionPreference = 'Stop'; `$ProgressPreference = 'SilentlyContinue'; `$PSStyle.OutputRendering = 'PlainText'
Import-Module '$(Get-ModuleManifest)'
function Get-Login(`$Name, `$Secret) { [pscredential]::new(`$Name, (ConvertTo-SecureString `$Secret -AsPlainText -Force)) }
`$lab = Get-Content '$($lab.Directory)/lab.json' -Raw | ConvertFrom-Json
`$store = New-RegistryStore '$target' -Endpoint `$lab.ceph.tlsEndpoint -CertificateAuthority `$lab.ceph.caFile -Credential (Get-Login `$lab.ceph.second.accessKey `$lab.ceph.second.secretKey)
$prepare
& '$(Split-Path (Get-ModuleManifest))/Runbooks/Move-QuayStorage.ps1' `$store $place -Name $name -Credential (Get-Login '$($quay.User)' '$($quay.Password)') -CertificateAuthority '$trusted' ``
    -JournalPath '$journals' -Timeout 00:01:00 -SampleSize 3 -Confirm:`$false $Parameters
"@
        }

        # Kills it some milliseconds after the journal has got a record that a step has begun, or after its start. Gives the steps that had begun.
        function Stop-Run([string] $Parameters, [string] $Action, [int] $Milliseconds) {
            $journal = "$journals/$name.jsonl"
            $written = @(Get-JournalKey $journal).Count
            $run = Start-Script $work (Get-RunText $Parameters)
            $clock = if (-not $Action) { [Diagnostics.Stopwatch]::StartNew() }
            while (-not $run.HasExited) {
                if (-not $clock -and "$Action Started" -in @(Get-JournalKey $journal $written)) { $clock = [Diagnostics.Stopwatch]::StartNew() }
                if ($clock -and $clock.ElapsedMilliseconds -ge $Milliseconds) {
                    $run.Kill()
                    $run.WaitForExit()
                    break
                }
                Start-Sleep -Milliseconds 20
            }
            # One that was quicker is done.
            if ($run.ExitCode -notin 0, 137) { throw "It stopped by itself in $Action, $Milliseconds ms: $((Get-Content $run.Output, $run.Errors -Raw) -join "`n")" }
            @(Get-JournalKey $journal $written) -like '* Started' -replace ' Started'
        }

        # Kills it in each of these steps, but for those that had begun in a run killed before, and lets it end.
        function Invoke-Killed([string] $Parameters, [string[]] $Action, [string[]] $Begun = @()) {
            foreach ($one in $Action) {
                # An earlier one may have been killed so late that this one was over.
                if ($one -notin $Begun) { $Begun += Stop-Run $Parameters $one (Get-Random -Maximum 1500) }
                Push-Meanwhile
            }
            foreach ($one in $Action) { $Begun | Should -Contain $one }
            $end = Start-Script $work (Get-RunText $Parameters) -Wait
            $end.ExitCode | Should -Be 0 -Because $end.Text
        }

        # What every move leaves behind, however often it was killed.
        function Assert-Moved {
            Get-Missing | Should -BeNullOrEmpty
            $location = Get-Now
            $location.Name | Should -Be $first.Name
            "$($location.Store)" | Should -Be $target
            $migration = Get-RegistryMigration @find
            $migration.Steps.State | Select-Object -Unique | Should -Be Done
            foreach ($action in 'BlockWrites', 'Audit', 'SwitchBackend', 'Pull', 'AllowWrites') { $migration.Steps.Action | Should -Contain $action }
            @($migration.Passes | Where-Object Destination -eq $target).Count | Should -BeGreaterThan 1
            [IO.File]::ReadAllLines("$journals/$name.jsonl") | ForEach-Object { $_ | ConvertFrom-Json -ErrorAction Stop } | Should -Not -BeNullOrEmpty
            # The new storage serves by itself, and takes what is new.
            $old = Get-CephKey $lab $first.Store.Address.Container $owner
            Push demo/after move
            Get-Missing | Should -BeNullOrEmpty
            Get-CephKey $lab $first.Store.Address.Container $owner | Should -Be $old
        }

        function Assert-Back {
            (Get-RegistryMigration @find).State | Should -Be Undone
            "$((Get-Now).Store)" | Should -Be "$($first.Store)"
            Get-Missing | Should -BeNullOrEmpty
            $new = Get-CephKey $lab ($target -replace '^s3://') second
            Push demo/after undo
            Get-Missing | Should -BeNullOrEmpty
            Get-CephKey $lab ($target -replace '^s3://') second | Should -Be $new
        }
    }

    AfterAll {
        if ($lab) { Stop-ClusterLab $lab }
        if ($work) { Remove-Item $work -Recurse -Force }
    }

    Context 'standalone' {
        BeforeAll {
            $name = 'alone'
            $bucket = New-CephBucket $lab
            New-QuayConfiguration $lab "$work/conf" ([ordered]@{ default = New-QuayLocation $lab -Bucket $bucket -Driver RHOCSStorage -Tls }) -Tls
            $config = "$work/conf/config.yaml"
            $quay = Start-StandaloneQuay $lab "$work/conf"
            $quay | ConvertTo-Json -Depth 9 | Set-Content "$work/quay.json"
            $who = [pscredential]::new($quay.User, (ConvertTo-SecureString $quay.Password -AsPlainText -Force))
            Get-Content $quay.CertificateAuthority, $lab.ceph.caFile | Set-Content $trusted
            $prepare = "Import-Module '$PSScriptRoot/Support/Quay.psm1'; `$quay = Get-Content '$work/quay.json' -Raw | ConvertFrom-Json"
            $place = "-Path '$config' -Restart { Restart-StandaloneQuay `$quay }"
            $target = "s3://$(New-CephBucket $lab second)"
            $owner = 'first'
            $find = @{ Name = $name; JournalPath = $journals }
            function Get-Now { Get-QuayStorageLocation -Path $config }
            $images = [Collections.Generic.List[object]]::new()
            Push demo/app 1
            Push shop/web latest
            $first = Get-Now
            $given = Get-Content $config -Raw
            $files = (Get-ChildItem "$work/conf").Name
        }

        It 'moves, killed in every step' {
            # On a quick machine this reaches the first steps.
            $begun = Stop-Run '' '' (Get-Random -Minimum 1000 -Maximum 4000)
            Push-Meanwhile
            Invoke-Killed '' BlockWrites, SwitchBackend, AllowWrites $begun
            Get-Content $config -Raw | Should -Not -Match 'DISABLE_PUSHES'
            (Get-QuayRegistry -Path $config).State | Should -Be Normal
            # Backups, the storage's certificate, and nothing half written.
            (Get-ChildItem "$work/conf" -Force).Name | Where-Object { $_ -notin $files -and $_ -notlike '*.bak' -and $_ -notlike 'extra_ca_cert_storage-*.crt' } | Should -BeNullOrEmpty
            Assert-Moved
        }

        It 'goes back with what was pushed since, killed on the way' {
            Invoke-Killed '-Undo' ('AllowWrites', 'SwitchBackend' | Get-Random)
            Get-Content $config -Raw | Should -Be $given
            (Get-ChildItem "$work/conf" -Force).Name | Where-Object { $_ -notin $files -and $_ -notlike '*.bak' } | Should -BeNullOrEmpty
            Assert-Back
        }
    }

    Context 'under the operator, which owns the storage' {
        BeforeAll {
            $name = 'owned'
            Start-Node $lab
            Start-QuayOperator $lab
            $null = Connect-RegistryCluster -KubeConfig (Get-AdminKubeConfig $lab)
            $quay = Add-QuayWorld $lab -Managed
            Wait-QuayWorld $quay
            $who = [pscredential]::new($quay.User, (ConvertTo-SecureString $quay.Password -AsPlainText -Force))
            Get-Content $quay.CertificateAuthority, $lab.ceph.caFile | Set-Content $trusted
            $prepare = "Connect-RegistryCluster -KubeConfig '$(Get-AdminKubeConfig $lab)' | Out-Null"
            $place = "-Namespace $($quay.Namespace)"
            $target = "s3://$(New-CephBucket $lab second)"
            $owner = 'second'
            $find = @{ Name = $name; JournalPath = $journals; Namespace = $quay.Namespace }
            function Get-Now { Get-QuayRegistry -Namespace $quay.Namespace | Get-QuayStorageLocation -CertificateAuthority $trusted }
            function Get-Spec { (Invoke-Kube $lab "/apis/quay.redhat.com/v1/namespaces/$($quay.Namespace)/quayregistries/$($quay.Name)").spec }
            function Get-Config([string] $Secret) { [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String((Invoke-Kube $lab "/api/v1/namespaces/$($quay.Namespace)/secrets/$Secret").data.'config.yaml')) }
            $images = [Collections.Generic.List[object]]::new()
            Push demo/app 1
            Push shop/web latest
            $first = Get-Now
            $spec = Get-Spec
            $given = Get-Config $spec.configBundleSecret
        }

        It 'moves, killed in every step' {
            Invoke-Killed '' BlockWrites, SwitchBackend, AllowWrites
            $now = Get-Spec
            $now.configBundleSecret | Should -Not -Be $spec.configBundleSecret
            ($now.components | Where-Object kind -eq objectstorage).managed | Should -BeFalse
            Get-Config $now.configBundleSecret | Should -Not -Match 'DISABLE_PUSHES'
            Get-Config $spec.configBundleSecret | Should -Be $given
            # One bundle for each step that changes it: a step that is run again makes no second one.
            (Invoke-Kube $lab "/api/v1/namespaces/$($quay.Namespace)/secrets?labelSelector=app.kubernetes.io/managed-by=registry-migration").items | Should -HaveCount 3
            Assert-Moved
        }

        It 'goes back with what was pushed since, killed on the way, and finds the storage that the operator owned' {
            Invoke-Killed '-Undo' ('AllowWrites', 'SwitchBackend' | Get-Random)
            $now = Get-Spec
            $now.configBundleSecret | Should -Be $spec.configBundleSecret
            ($now.components | Where-Object kind -eq objectstorage).managed | Should -BeTrue
            Get-Config $now.configBundleSecret | Should -Be $given
            Assert-Back
        }
    }
}
