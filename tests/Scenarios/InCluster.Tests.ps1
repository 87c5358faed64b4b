# Copies a registry's volume inside the cluster, as docs/in-cluster.md describes it: a real API server and Job controller, the real worker,
# a registry that is in use, and a real Swift. The nodes are the stand-in of tests/Lab.Cluster.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support/Cluster.psm1" -Force
    $obstacle = Get-ClusterLabObstacle
    if ($obstacle) { Write-Warning "In-cluster scenario skipped: $obstacle." }
}

Describe 'Copying a volume inside the cluster' -Skip:([bool] $obstacle) {
    BeforeAll {
        Import-Module "$PSScriptRoot/Support/Lab.psm1", "$PSScriptRoot/Support/Cluster.psm1", "$PSScriptRoot/Support/SampleImages.psm1", "$PSScriptRoot/Support/OpenShift.psm1" -Force
        Import-Module (Get-ModuleManifest) -Force
        $namespace = 'openshift-image-registry'
        $image = "registry.test/tools/registry-migration@sha256:$('0' * 64)"
        $work = [IO.Directory]::CreateTempSubdirectory('in-cluster-').FullName
        $place = New-MovePlace $work -Worker (Get-WorkerProgram)
        $null = Connect-RegistryCluster -KubeConfig $place.KubeConfig -Namespace $namespace
        $store = New-MoveStore $place | Initialize-RegistryStore
        $copy = @{ Claim = 'image-registry-storage'; Image = $image; Confirm = $false; WarningAction = 'SilentlyContinue' }
        $bytes = @($place.Images.Stored | Sort-Object Hex -Unique)

        # Everything in the namespace that a copy could make, whatever its labels say.
        function Get-Everything {
            foreach ($path in 'apis/batch/v1/jobs', 'apis/networking.k8s.io/v1/networkpolicies', 'api/v1/configmaps', 'api/v1/secrets', 'api/v1/pods') {
                $at = $path.LastIndexOf('/')
                (Invoke-Kube $place.Lab "/$($path.Substring(0, $at))/namespaces/$namespace$($path.Substring($at))").items | ForEach-Object { "$($path.Substring($at + 1))/$($_.metadata.name)" }
            }
        }

        # Pods end a moment after their Jobs.
        function Wait-Everything([string[]] $Expected) {
            $limit = [datetime]::UtcNow.AddSeconds(30)
            do {
                $now = @(Get-Everything)
                if (-not (Compare-Object $now $Expected)) { break }
                Start-Sleep -Milliseconds 300
            } while ([datetime]::UtcNow -lt $limit)
            $now
        }

        # Serves the store with a registry of its own, and pulls all that was pushed.
        function Get-Served([string] $Container) {
            $swift = $place.Lab.swift
            $url = Start-Registry $place.Lab @{ swift = @{ authurl = $swift.authUrl; username = $swift.user; password = $swift.key; container = $Container; authversion = 1 } }
            Test-RegistryPull $url -All | ForEach-Object { "$($_.Reference) $($_.Digest) $($_.Ok)" } | Sort-Object
        }

        # What an administrator types on another machine: a PowerShell of its own, which knows the way to the cluster and nothing else.
        function Start-Session([string] $Script) {
            $file = "$work/session-$([guid]::NewGuid().ToString('n')).ps1"
            Set-Content $file @"
`$ErrorActionPreference = 'Stop'; `$ProgressPreference = 'SilentlyContinue'; `$PSStyle.OutputRendering = 'PlainText'
Import-Module '$(Get-ModuleManifest)'
`$lab = Get-Content '$($place.Lab.Directory)/lab.json' -Raw | ConvertFrom-Json
`$null = Connect-RegistryCluster -KubeConfig '$($place.KubeConfig)' -Namespace $namespace
`$user = [pscredential]::new(`$lab.swift.user, (ConvertTo-SecureString `$lab.swift.key -AsPlainText -Force))
`$store = New-RegistryStore '$store' -AuthUrl `$lab.swift.authUrl -Credential `$user
$Script
"@
            $process = Start-Process (Get-Process -Id $PID).Path '-NoProfile', '-NonInteractive', '-File', $file -RedirectStandardOutput "$file.out" -RedirectStandardError "$file.err" -PassThru
            # Without the handle, .NET forgets the exit code of a process that has ended.
            $null = $process.Handle
            $process | Add-Member Log @("$file.out", "$file.err") -PassThru
        }

        function Receive-Session($Process) {
            $Process.WaitForExit()
            (Get-Content $Process.Log -Raw) -join "`n"
        }

        function Wait-Running([string] $Name) {
            $limit = [datetime]::UtcNow.AddSeconds(60)
            while ((Get-RegistrySync * | Where-Object Name -eq $Name).Parts.State -notcontains 'Running') {
                if ([datetime]::UtcNow -gt $limit) { throw "$Name does not run: $(Get-RegistrySync | Out-String)" }
                Start-Sleep -Milliseconds 200
            }
        }

        $before = @(Get-Everything)
    }

    AfterAll {
        if ($place) { Stop-ClusterLab $place.Lab }
        if ($work) { Remove-Item $work -Recurse -Force }
    }

    It 'refuses a tag, a claim that is not there and a directory, before anything is made' {
        { Start-RegistrySync @copy $store -Image registry.test/tools/registry-migration:1.0 -ErrorAction Stop } | Should -Throw '*names no digest*' -ErrorId 'ClusterConfiguration,*'
        { Start-RegistrySync @copy $store -Claim missing -ErrorAction Stop } | Should -Throw '*missing*' -ErrorId 'ClusterNotFound,*'
        { Start-RegistrySync @copy "$work/copy" -ErrorAction Stop } | Should -Throw '*pods do not have*' -ErrorId 'ClusterConfiguration,*'
        Get-Everything | Should -Be $before
    }

    It 'says with -WhatIf what it would make, and makes nothing' {
        $session = Start-Session "Start-RegistrySync image-registry-storage `$store -Image '$image' -Shards 8 -Parallelism 3 -WhatIf"
        $said = Receive-Session $session
        $session.ExitCode | Should -Be 0 -Because $said
        $said | Should -Match 'What if: Create 6 Jobs \(3 for blobs, then 3 for links\)'
        # The lab's Kubernetes is older than Indexed Jobs.
        $said | Should -Match 'no Indexed Jobs'
        Get-Everything | Should -Be $before
        Get-RegistrySync | Should -BeNullOrEmpty
    }

    It 'stops a copy and leaves nothing of it' {
        $job = Start-RegistrySync @copy $store -Name stopped -BandwidthLimit 200KB
        $job.Status | Should -Be Copying
        Wait-Running stopped
        { $job | Receive-RegistrySync -ErrorAction Stop } | Should -Throw '*not finished*' -ErrorId 'Precondition,*'
        { Start-RegistrySync @copy $store -ErrorAction Stop } | Should -Throw '*Wait-RegistrySync stopped*' -ErrorId 'Precondition,*'
        $job | Stop-RegistrySync -WhatIf
        Get-RegistrySync stopped | Should -Not -BeNullOrEmpty
        $job | Stop-RegistrySync -Confirm:$false
        Get-Everything | Should -Be $before
        { Stop-RegistrySync stopped -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'ClusterNotFound,*'
    }

    AfterEach {
        # One that failed must not stand in the next one's way.
        Get-RegistrySync | Stop-RegistrySync -Confirm:$false
    }

    It 'goes on when its session is stopped, and another one takes it up' {
        $first = Start-Session "`$job = Start-RegistrySync image-registry-storage `$store -Image '$image' -Name taken -BandwidthLimit 700KB; Set-Content '$work/waiting' 1; `$job | Wait-RegistrySync"
        $limit = [datetime]::UtcNow.AddSeconds(60)
        while (-not (Test-Path "$work/waiting") -and [datetime]::UtcNow -lt $limit) { Start-Sleep -Milliseconds 100 }
        Wait-Running taken
        $first.HasExited | Should -BeFalse
        # Ctrl-C.
        kill -INT $first.Id
        Receive-Session $first | Should -Match 'taken goes on in the cluster.*Wait-RegistrySync taken -Namespace'

        $second = Start-Session 'Get-RegistrySync taken | Wait-RegistrySync | ForEach-Object { "$_ $($_.Status) of $($_.Shards)" }; Receive-RegistrySync taken -Cleanup | ForEach-Object { "$($_.Status): $($_.Copied) copied, $($_.Failed) failed" }'
        $said = Receive-Session $second
        $second.ExitCode | Should -Be 0 -Because $said
        $said | Should -Match "$namespace/taken Completed of 1"
        $said | Should -Match 'Completed: \d+ copied, 0 failed'
        Wait-Everything $before | Should -Be $before
        (Test-RegistryStore $store -Deep).IsClean | Should -BeTrue
    }

    It 'removes the copy with its session, where that is asked for' {
        $session = Start-Session "`$job = Start-RegistrySync image-registry-storage `$store -Image '$image' -Name bound -BandwidthLimit 10KB; Set-Content '$work/bound' 1; `$job | Wait-RegistrySync -StopOnCancel"
        $limit = [datetime]::UtcNow.AddSeconds(60)
        while (-not (Test-Path "$work/bound") -and [datetime]::UtcNow -lt $limit) { Start-Sleep -Milliseconds 100 }
        Wait-Running bound
        @(Get-Everything) -match '^(jobs|networkpolicies|secrets)/' | Should -Not -Be (@($before) -match '^(jobs|networkpolicies|secrets)/')
        # Ctrl-C.
        kill -INT $session.Id
        Receive-Session $session | Should -Match 'bound is being removed'
        Get-RegistrySync | Should -BeNullOrEmpty
        Wait-Everything $before | Should -Be $before
    }

    It 'copies in parts into a migration''s journal, and a registry on the target serves every image' {
        $target = New-MoveStore $place | Initialize-RegistryStore
        $migration = New-RegistryMigration move -System OpenShift -Namespace $namespace -Destination $target -Source $place.World.ClaimDirectory -JournalPath $place.Journals
        $with = @(Get-Everything)
        $job = Start-RegistrySync @copy $target -Shards 3
        $job.Shards | Should -Be 3
        $done = $job | Wait-RegistrySync
        $done.Status | Should -Be Completed
        $done.Parts.Count | Should -Be 6
        $done.Parts.State | Select-Object -Unique | Should -Be Succeeded
        # ReadWriteOnce: beside the registry.
        $done.Parts.Node | Select-Object -Unique | Should -HaveCount 1
        # Nothing that the registry's own Service or Deployment would take for its own.
        $pods = (Invoke-Kube $place.Lab "/api/v1/namespaces/$namespace/pods?labelSelector=registry-migration/sync=$($job.Name)").items
        $pods | Should -HaveCount 6
        $pods.metadata.labels.PSObject.Properties.Name | Should -Not -Contain docker-registry

        $result = $done | Receive-RegistrySync -Cleanup -Migration $migration -Confirm:$false
        $result.Status | Should -Be Completed
        $result.Failed | Should -Be 0
        $result.Destination | Should -Be $target
        $pass = (Get-RegistryMigration move -JournalPath $place.Journals -Namespace $namespace).Passes
        $pass | Should -HaveCount 1
        $pass.Copied | Should -Be $result.Copied
        $pass.IsPartial | Should -BeFalse
        Wait-Everything $with | Should -Be $with

        (Test-RegistryStore $target -Deep -Source $place.World.ClaimDirectory).IsClean | Should -BeTrue
        Get-Served $target.Address.Container | Should -Be ($place.Images | ForEach-Object { "$($_.Name) $($_.Digest) True" } | Sort-Object)
    }

    It 'copies only what is new the next time, in one pipeline' {
        # As a later session has it: by the journal, which keeps no credentials.
        $address = (Get-RegistryMigration move -JournalPath $place.Journals -Namespace $namespace).Destination
        $target = New-RegistryStore $address -AuthUrl $place.Lab.swift.authUrl -Credential $place.SwiftUser
        Push-MoveImage $place demo/late 1 (New-Image (New-Layer 21 4000))
        $result = Start-RegistrySync @copy $target -Shards 2 | Wait-RegistrySync | Receive-RegistrySync -Cleanup -Confirm:$false
        $result.Status | Should -Be Completed
        $result.CopiedBytes | Should -BeLessThan 20KB
        $result.Copied | Should -BeGreaterThan 2
        Get-Served $target.Address.Container | Should -Contain "demo/late:1 $($place.Images[-1].Digest) True"
        Get-MissingImage $place | Should -BeNullOrEmpty
        Get-RegistrySync | Should -BeNullOrEmpty
        @(Get-Everything) -match '^(jobs|networkpolicies)/' | Should -Be (@($before) -match '^(jobs|networkpolicies)/')
    }

    It 'says what keeps a copy from its work, and gives a result of a part that left none' {
        $stuck = Start-RegistrySync @copy (New-MoveStore $place) -Image "missing.invalid/worker@sha256:$('1' * 64)"
        { $stuck | Wait-RegistrySync -ErrorAction Stop } | Should -Throw '*ImagePullBackOff*'
        $stuck | Stop-RegistrySync -Confirm:$false
        # The container was never made: the copy fails and creates none.
        $bare = New-MoveStore $place
        $failed = Start-RegistrySync @copy $bare -Retries 0 | Wait-RegistrySync -ErrorVariable problem -ErrorAction SilentlyContinue
        $failed.Status | Should -Be Failed
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'SyncFailed,*'
        "$($problem[0])" | Should -Match $bare.Address.Container
        $result = $failed | Receive-RegistrySync -Cleanup -Confirm:$false -ErrorAction SilentlyContinue
        $result.Status | Should -Be Failed
        $result.Failed | Should -BeGreaterThan 0
        Get-RegistrySync | Should -BeNullOrEmpty
    }
}
