# A migration with a memory, through the real module in a real PowerShell, against a real API server: made, locked, taken over on
# another machine, undone, written down.
BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support/Cluster.psm1" -Force
    $script:obstacle = Get-ClusterLabObstacle
    if ($obstacle) { Write-Warning "Migration scenario skipped: $obstacle." }
}

BeforeAll {
    $script:root = (Resolve-Path "$PSScriptRoot/../..").Path
    Import-Module "$PSScriptRoot/Support/Lab.psm1" -Force
    Import-Module "$root/output/RegistryMigration/$((Import-PowerShellDataFile "$root/RegistryMigration.psd1").ModuleVersion)/RegistryMigration.psd1" -Force

    # What another machine's admin does: a process of its own, with a folder of journals of its own.
    function Invoke-OtherMachine([string] $Script) {
        $manifest = (Get-Module RegistryMigration).Path -replace '\.dll$', '.psd1'
        $text = "`$PSStyle.OutputRendering = 'PlainText'; Import-Module '$manifest'; `$cluster = Connect-RegistryCluster -KubeConfig '$kubeconfig' -Namespace registry; $Script"
        (pwsh -NoProfile -NonInteractive -EncodedCommand ([Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($text))) *>&1 | Out-String).Trim()
    }

    function New-Tree([string] $Path, [int] $Size = 5000) {
        $bytes = [byte[]]::new($Size); [Random]::new($Size).NextBytes($bytes)
        $hex = [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData($bytes)).ToLowerInvariant()
        [IO.File]::WriteAllBytes("$(New-Item -ItemType Directory -Force "$Path/docker/registry/v2/blobs/sha256/$($hex.Substring(0, 2))/$hex")/data", $bytes)
        $null = New-Item -ItemType Directory -Force "$Path/docker/registry/v2/repositories"
        $Path
    }
}

Describe 'A migration of a registry without a cluster' {
    BeforeAll {
        $script:journals = Join-Path $TestDrive 'standalone'
        $script:config = Join-Path $TestDrive 'config.yaml'
        Set-Content $config 'DISTRIBUTED_STORAGE_CONFIG: {}'
        $script:from = New-Tree (Join-Path $TestDrive 'from')
        $script:to = (New-Item -ItemType Directory (Join-Path $TestDrive 'to')).FullName
    }

    It 'is made once, and says how to go on' {
        $made = New-RegistryMigration quay -Path $config -System Quay -Source $from -Destination $to -JournalPath $journals
        $made.State | Should -Be 'Active'
        $made.ConfigurationPath | Should -Be $config
        $made.JournalPath | Should -Be (Join-Path $journals 'quay.jsonl')
        (Get-Item $made.JournalPath).UnixFileMode | Should -Be 'UserWrite, UserRead'
        { New-RegistryMigration quay -Path $config -JournalPath $journals -ErrorAction Stop } | Should -Throw -ErrorId 'Precondition,*' -ExpectedMessage '*Get-RegistryMigration quay*'
    }

    It 'changes nothing with -WhatIf and refuses a name that can be none' {
        New-RegistryMigration other -Path $config -JournalPath $journals -WhatIf | Should -BeNullOrEmpty
        Join-Path $journals 'other.jsonl' | Should -Not -Exist
        { New-RegistryMigration '../x' -Path $config -JournalPath $journals } | Should -Throw -ErrorId 'InvalidArgument,*'
        { New-RegistryMigration other -Path "$config.missing" -JournalPath $journals } | Should -Throw -ErrorId 'NotFound,*'
    }

    It 'keeps its passes and predicts the window from them' {
        $migration = Get-RegistryMigration quay -JournalPath $journals
        Sync-RegistryBlobs $from $to -Migration $migration | Should -Not -BeNullOrEmpty
        (Get-RegistryMigration quay -JournalPath $journals).Window | Should -BeNullOrEmpty
        $null = New-Tree $from 700
        $null = Sync-RegistryBlobs $from $to -Migration $migration
        $after = Get-RegistryMigration quay -JournalPath $journals
        $after.Passes.Count | Should -Be 2
        $after.Passes[1].CopiedBytes | Should -Be 700
        $after.Window.Basis | Should -Match 'since pass 1'
        $after | Format-List | Out-String | Should -Match 'Listing took'
    }

    It 'is locked while a pass runs' {
        $lock = [IO.File]::Open((Join-Path $journals 'quay.jsonl.lock'), 'OpenOrCreate', 'ReadWrite', 'None')
        try {
            Set-Content (Join-Path $journals 'quay.jsonl.holder') '{"holder":"ben@there 9","since":"2026-03-01T12:00:00+00:00","token":"x"}'
            { Complete-RegistryMigration quay -JournalPath $journals -ErrorAction Stop } | Should -Throw -ErrorId 'Locked,*' -ExpectedMessage '*ben@there 9*2026-03-01*'
            (Get-RegistryMigration quay -JournalPath $journals).Holder.Name | Should -Be 'ben@there 9'
        }
        finally { $lock.Dispose() }
        (Get-RegistryMigration quay -JournalPath $journals).Holder | Should -BeNullOrEmpty
    }

    It 'goes on after a record was cut' {
        [IO.File]::AppendAllText((Join-Path $journals 'quay.jsonl'), '{"sequence":99,"ki')
        $null = Sync-RegistryBlobs $from $to -Migration (Get-RegistryMigration quay -JournalPath $journals) -PassKind Final -WarningVariable warned -WarningAction SilentlyContinue
        "$warned" | Should -Match '\.torn'
        $last = (Get-RegistryMigration quay -JournalPath $journals).Passes[-1]
        $last.Kind | Should -Be 'Final'
        $last.IsProofOfSameness | Should -BeTrue
    }

    It 'is written down as one page that is not written over' {
        $page = Get-RegistryMigration quay -JournalPath $journals | Export-RegistryMigrationReport -Path $TestDrive -PassThru
        $page.Name | Should -Be 'migration-quay.html'
        $html = Get-Content $page -Raw
        $html | Should -Match '<title>Migration quay</title>'
        $html | Should -Match 'both sides hold the same'
        $html | Should -Not -Match '<script|src='
        { Export-RegistryMigrationReport quay -JournalPath $journals -Path $TestDrive -ErrorAction Stop } | Should -Throw -ErrorId 'FileExists,*'
        Export-RegistryMigrationReport quay -JournalPath $journals -Path $TestDrive -Force
        @(Get-ChildItem $TestDrive -Filter '*.tmp').Count | Should -Be 0
    }

    It 'ends, and makes room for a new one' {
        (Complete-RegistryMigration quay -JournalPath $journals).State | Should -Be 'Completed'
        { Sync-RegistryBlobs $from $to -Migration (Get-RegistryMigration quay -JournalPath $journals) -ErrorAction Stop } | Should -Throw -ErrorId 'Precondition,*'
        (New-RegistryMigration quay -Path $config -JournalPath $journals).State | Should -Be 'Active'
        @(Get-RegistryMigration quay -JournalPath $journals).Count | Should -Be 2
        { Get-RegistryMigration nothing -JournalPath $journals -ErrorAction Stop } | Should -Throw -ErrorId 'ClusterNotFound,*'
    }
}

Describe 'A migration of a registry in a cluster' -Skip:([bool]$obstacle) {
    BeforeAll {
        $script:lab = Start-Lab (Join-Path $TestDrive 'lab') kube
        $script:kubeconfig = $lab.kube.kubeconfig
        $call = @{ Headers = @{ Authorization = "Bearer $($lab.kube.adminToken)" }; SkipCertificateCheck = $true }
        $null = Invoke-RestMethod @call -Method Post -Uri "$($lab.kube.server)/api/v1/namespaces" -ContentType application/json -Body '{"metadata":{"name":"registry"}}'
        $script:here = Join-Path $TestDrive 'here'
        $script:there = Join-Path $TestDrive 'there'
        $null = Connect-RegistryCluster -KubeConfig $kubeconfig -Namespace registry
        $script:from = New-Tree (Join-Path $TestDrive 'from-cluster')
        $script:to = (New-Item -ItemType Directory (Join-Path $TestDrive 'to-cluster')).FullName
    }

    AfterAll { if ($lab) { Stop-Lab $lab } }

    It 'has a copy beside the registry' {
        $made = New-RegistryMigration m -Source $from -Destination $to -JournalPath $here
        $made.Namespace | Should -Be 'registry'
        $copy = Invoke-RestMethod @call -Uri "$($lab.kube.server)/api/v1/namespaces/registry/configmaps/registry-migration-m"
        $copy.metadata.labels.'app.kubernetes.io/managed-by' | Should -Be 'registry-migration'
        $copy.data.'journal.jsonl' | Should -Match $made.Id
        Get-Content $made.JournalPath -Raw | Should -Not -Match $lab.kube.adminToken
    }

    It 'is refused to a second admin, with the name of the first' {
        $lease = Invoke-RestMethod @call -Uri "$($lab.kube.server)/apis/coordination.k8s.io/v1/namespaces/registry/leases/registry-migration-m"
        $spec = @{ holderIdentity = 'carl@far 5'; leaseDurationSeconds = 60; acquireTime = '2026-01-01T00:00:00.000000Z'; renewTime = [DateTime]::UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", [cultureinfo]::InvariantCulture) }
        $null = Invoke-RestMethod @call -Method Patch -Uri "$($lab.kube.server)/apis/coordination.k8s.io/v1/namespaces/registry/leases/registry-migration-m" -ContentType application/merge-patch+json -Body (@{ spec = $spec } | ConvertTo-Json)
        { Complete-RegistryMigration m -JournalPath $here -ErrorAction Stop } | Should -Throw -ErrorId 'Locked,*' -ExpectedMessage '*carl@far 5*2026-01-01*'
        (Get-RegistryMigration m -JournalPath $here).Holder.Name | Should -Be 'carl@far 5'
        $null = Invoke-RestMethod @call -Method Patch -Uri "$($lab.kube.server)/apis/coordination.k8s.io/v1/namespaces/registry/leases/registry-migration-m" -ContentType application/merge-patch+json -Body '{"spec":{"holderIdentity":null}}'
    }

    It 'goes on from another machine and comes back' {
        $null = Sync-RegistryBlobs $from $to -Migration (Get-RegistryMigration m -JournalPath $here)
        $said = Invoke-OtherMachine "`$m = Get-RegistryMigration m -JournalPath '$there'; 'passes ' + `$m.Passes.Count; (`$m | Complete-RegistryMigration -JournalPath '$there').State"
        $said | Should -Match 'passes 1'
        $said | Should -Match 'Completed'
        Join-Path $there 'm.jsonl' | Should -Exist
        $seen = Get-RegistryMigration m -JournalPath $here
        $seen.State | Should -Be 'Completed'
        $seen.Passes.Count | Should -Be 1
        Get-Content (Join-Path $there 'm.jsonl') -Raw | Should -Match '"kind":"Restored"'
    }

    It 'is not opened by an account without the rights, which are named' {
        $said = Invoke-OtherMachine "`$env:KUBECONFIG = '$kubeconfig'; Complete-RegistryMigration m -JournalPath '$here' -Cluster viewer; `$Error[0].FullyQualifiedErrorId"
        $said | Should -Match 'ClusterDenied,'
        $said | Should -Match 'may not get leases'
    }

    It 'offers the undo with what it would restore, and nothing where nothing was changed' {
        Undo-RegistryMigration m -JournalPath $here -WhatIf | Should -BeNullOrEmpty
        Undo-RegistryMigration m -JournalPath $here -Confirm:$false | Should -BeNullOrEmpty
    }
}
