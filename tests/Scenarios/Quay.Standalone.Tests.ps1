# The procedure of docs/quay-storage.md for a standalone Quay: its config.yaml is written in place, and it is restarted by the runbook. Quay is a stand-in
# that boots and serves by its configuration as Quay does; the storage is real.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support/Lab.psm1" -Force
    $obstacle = Get-LabObstacle
    if ($obstacle) { Write-Warning "Quay scenario skipped: $obstacle." }
}

Describe 'Moving the storage of a standalone Quay' -Skip:([bool] $obstacle) {
    BeforeAll {
        Import-Module "$PSScriptRoot/Support/Lab.psm1", "$PSScriptRoot/Support/SampleImages.psm1", "$PSScriptRoot/Support/OpenShift.psm1", "$PSScriptRoot/Support/Quay.psm1" -Force
        Import-Module (Get-ModuleManifest) -Force
        $runbook = "$(Split-Path (Get-ModuleManifest))/Runbooks/Move-QuayStorage.ps1"
        $work = [IO.Directory]::CreateTempSubdirectory('quay-').FullName
        $lab = Start-Lab "$work/lab" ceph, tls
        $bucket = New-CephBucket $lab
        New-QuayConfiguration $lab "$work/conf" ([ordered]@{ default = New-QuayLocation $lab -Bucket $bucket -Driver RHOCSStorage -Tls }) -Setting @{ SUPER_USERS = @('admin') } -Tls
        $config = "$work/conf/config.yaml"
        $quay = Start-StandaloneQuay $lab "$work/conf"
        $images = [Collections.Generic.List[object]]::new()
        function Push([string] $Repository, [string] $Tag, [int] $Seed, [int] $Bytes = 4000) { $images.Add((Push-QuayImage $quay $Repository $Tag (New-Image (New-Layer $Seed $Bytes), (New-Layer 1 200KB)))) }
        Push demo/app 1 2 9MB
        Push shop/web latest 3

        $who = [pscredential]::new($quay.User, (ConvertTo-SecureString $quay.Password -AsPlainText -Force))
        $registry = @{ Credential = $who; CertificateAuthority = $quay.CertificateAuthority }
        $keys = Get-CephUser $lab second
        $new = New-RegistryStore "s3://$(New-CephBucket $lab second)" -Endpoint $lab.ceph.tlsEndpoint -CertificateAuthority $lab.ceph.caFile -Credential ([pscredential]::new($keys.AccessKey, (ConvertTo-SecureString $keys.SecretKey -AsPlainText -Force)))
        $move = @{ Path = $config; Restart = { Restart-StandaloneQuay $quay }; Name = 'move'; JournalPath = "$work/journals"; Timeout = '00:01:00'; Confirm = $false } + $registry

        function Get-Token([string] $Name) { ConvertTo-SecureString $Name -AsPlainText -Force }

        function Get-Missing {
            foreach ($image in $images) {
                $pull = Test-RegistryPull $quay.Address -Repository $image.Repository -Tag $image.Tag @registry
                if (-not $pull.Ok -or "$($pull.Digest)" -ne $image.Digest) { "$($image.Name): $($pull.Failures.Message -join '; ')" }
            }
        }
    }

    AfterAll {
        if ($lab) { Stop-Lab $lab }
        if ($work) { Remove-Item $work -Recurse -Force }
    }

    It 'reads what the configuration says, without its secrets' {
        $read = Get-QuayRegistry -Path $config
        $read.State | Should -Be Normal
        $place = $read | Get-QuayStorageLocation
        $place.Driver | Should -Be RHOCSStorage
        "$($place.Store)" | Should -Be "s3://$bucket"
        $place.Settings['secret_key'] | Should -Be '***'
        ($read | ConvertTo-Json -Depth 6) + ($place | ConvertTo-Json -Depth 6) | Should -Not -Match ([regex]::Escape((Get-CephUser $lab).SecretKey))
    }

    It 'copies as often as one likes while Quay is in use, and predicts the window' {
        & $runbook $new @move -LivePassOnly 6> $null
        Push demo/app 2 4
        & $runbook $new @move -LivePassOnly 6> $null
        $migration = Get-RegistryMigration move -JournalPath "$work/journals"
        @($migration.Passes).Count | Should -Be 2
        $migration.Passes[1].Copied | Should -BeGreaterThan 0
        $migration.Window | Should -Not -BeNullOrEmpty
        @($migration.Steps).Count | Should -Be 0
    }

    It 'does not switch before pushes are blocked and the copy is proven' {
        { Switch-RegistryBackend move $new -JournalPath "$work/journals" -Confirm:$false -ErrorAction Stop } | Should -Throw '*run Set-RegistryReadOnly*'
    }

    It 'moves: the location keeps its name, comments and unknown keys stay, and the new certificate is trusted' {
        $before = Get-Content $config -Raw
        Push shop/web 2 5
        & $runbook $new @move -SampleSize 3 6> $null
        $after = Get-Content $config -Raw
        $read = Get-QuayRegistry -Path $config
        $read.State | Should -Be Normal
        $place = $read | Get-QuayStorageLocation
        $place.Name | Should -Be default
        $place.Driver | Should -Be RadosGWStorage
        $place.StoragePath | Should -Be /datastorage/registry
        "$($place.Store)" | Should -Be "$new"
        foreach ($line in ($before -split "`n") -match '^(#|SOMETHING|REGISTRY_TITLE|DB_URI)') { $after | Should -Match ([regex]::Escape($line)) }
        Get-ChildItem "$work/conf" -Filter 'extra_ca_cert_storage-*' | Should -HaveCount 1
        Get-Missing | Should -BeNullOrEmpty
        # The old storage has nothing to do with it any more.
        $old = Get-CephKey $lab $bucket
        Push demo/new 1 6
        Get-CephKey $lab $bucket | Should -Be $old
        Get-Missing | Should -BeNullOrEmpty
    }

    It 'keeps no secret in the journal' {
        $text = Get-ChildItem "$work/journals" -File | Get-Content -Raw
        foreach ($user in 'first', 'second') { $text | Should -Not -Match ([regex]::Escape((Get-CephUser $lab $user).SecretKey)) }
        $text | Should -Not -Match 'postgresql://quay:secret'
    }

    It 'lets the old storage go only after the hold period' {
        { Complete-RegistryMigration move -JournalPath "$work/journals" -HoldPeriod 7.00:00:00 -ErrorAction Stop } | Should -Throw '*hold period*'
        (Get-RegistryMigration move -JournalPath "$work/journals").State | Should -Be Active
    }

    It 'goes back with what was pushed since' {
        & $runbook $new @move -Undo 6> $null
        $read = Get-QuayRegistry -Path $config
        $read.State | Should -Be Normal
        ($read | Get-QuayStorageLocation).Driver | Should -Be RHOCSStorage
        Get-Missing | Should -BeNullOrEmpty
        Push demo/back 1 7
        Get-Missing | Should -BeNullOrEmpty
        Get-ChildItem "$work/conf" -Filter 'extra_ca_cert_storage-*' | Should -BeNullOrEmpty
    }

    It 'makes no service key for who may not, and says what is missing' {
        $ask = @{ Registry = $quay.Address; CertificateAuthority = $quay.CertificateAuthority; ErrorAction = 'Stop' }
        { New-QuayServiceKey @ask -Token (Get-Token over) } | Should -Throw '*has expired*Super User Access*' -ErrorId 'Unauthenticated,*'
        { New-QuayServiceKey @ask -Token (Get-Token reader) } | Should -Throw '*scope is too small*' -ErrorId 'Denied,*'
        { New-QuayServiceKey @ask -Token (Get-Token nobody) } | Should -Throw '*no superuser*' -ErrorId 'Denied,*'
        { New-QuayServiceKey @ask -Token (Get-Token superuser) -Expiration ([datetime]::Now.AddMinutes(-1)) } | Should -Throw '*is over*AddDays*' -ErrorId 'InvalidArgument,*'
        { New-QuayServiceKey @ask -Token (Get-Token superuser) -Name 'a.b' } | Should -Throw '*friendly name: a.b*'
        New-QuayServiceKey @ask -Token (Get-Token superuser) -WhatIf | Should -BeNullOrEmpty
        Test-Path "$($quay.Database)/service-keys.json" | Should -BeFalse
    }

    It 'makes the database read-only with a key of its own, which is needed until the migration is undone' {
        $ask = @{ CertificateAuthority = $quay.CertificateAuthority; Token = Get-Token superuser; ErrorAction = 'Stop' }
        $step = @{ JournalPath = "$work/journals"; Restart = { Restart-StandaloneQuay $quay }; Timeout = '00:01:00'; Confirm = $false; ErrorAction = 'Stop' }
        $before = Get-Content $config -Raw
        $key = New-QuayServiceKey $quay.Address @ask
        $key | Should -BeOfType pscredential
        $null = New-RegistryMigration sealed -System Quay -Path $config -Destination $new -JournalPath "$work/journals" -Confirm:$false
        (Set-RegistryReadOnly sealed $quay.Address -ServiceKey $key @registry @step).Proof | Should -Match 'refused a push'
        (Get-QuayRegistry -Path $config).State | Should -Be ReadOnly
        { Push demo/sealed 1 8 } | Should -Throw
        Get-Missing | Should -BeNullOrEmpty
        { New-QuayServiceKey $quay.Address @ask } | Should -Throw '*read-only takes no new keys*'

        (Set-RegistryReadOnly sealed $quay.Address -Off @registry @step).Proof | Should -Match "keep the service key $([regex]::Escape($key.UserName)) until"
        Push demo/sealed 1 8
        $undone = Undo-RegistryMigration sealed -Registry $quay.Address @registry @step
        ($undone | Where-Object Id -eq BlockWrites).Proof | Should -Match "nothing needs the service key $([regex]::Escape($key.UserName)) any more: Remove-QuayServiceKey"
        Get-Content $config -Raw | Should -Be $before
        Get-Content "$work/journals/sealed.jsonl" -Raw | Should -Not -Match 'PRIVATE KEY'
        Get-Missing | Should -BeNullOrEmpty

        $key | Remove-QuayServiceKey $quay.Address @ask -Confirm:$false
        { $key | Remove-QuayServiceKey $quay.Address @ask -Confirm:$false } | Should -Throw '*There is no such key*'
    }
}
