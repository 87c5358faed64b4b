# Moves the storage of a real registry between a directory, S3 and Swift, as docs/storage.md describes it: typed by hand, through
# the built module, on the servers of tests/Lab.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support/Lab.psm1" -Force
    $obstacle = Get-LabObstacle
    if ($obstacle) { Write-Warning "Storage scenario skipped: $obstacle." }
    $moves = @(
        @{ From = 'directory'; To = 'swift' }
        @{ From = 'directory'; To = 's3' }
        @{ From = 'swift'; To = 's3' }
        @{ From = 's3'; To = 's3' }
        @{ From = 's3'; To = 'directory' }
    )
}

Describe 'Moving a registry''s storage' -Skip:([bool] $obstacle) {
    BeforeAll {
        Import-Module "$PSScriptRoot/Support/Lab.psm1", "$PSScriptRoot/Support/SampleImages.psm1" -Force
        $version = (Import-PowerShellDataFile "$PSScriptRoot/../../RegistryMigration.psd1").ModuleVersion
        $manifest = (Resolve-Path "$PSScriptRoot/../../output/RegistryMigration/$version/RegistryMigration.psd1").Path
        Import-Module $manifest -Force

        # Not in Pester's TestDrive: that loses with each context what was written since, and with it what servers store.
        $work = [IO.Directory]::CreateTempSubdirectory('storage-scenario-').FullName
        $lab = Start-Lab "$work/lab" ceph, swift
        $swiftUser = [pscredential]::new($lab.swift.user, (ConvertTo-SecureString $lab.swift.key -AsPlainText -Force))
        $s3Key = [pscredential]::new($lab.ceph.accessKey, (ConvertTo-SecureString $lab.ceph.secretKey -AsPlainText -Force))

        # A store as a user names it, and the same storage as a registry's administrator configures it.
        function New-Place {
            param([string] $Kind)
            $name = "place-$([guid]::NewGuid().ToString('n').Substring(0, 12))"
            switch ($Kind) {
                swift {
                    $store = New-RegistryStore "swift://$name" -AuthUrl $lab.swift.authUrl -Credential $swiftUser
                    $storage = @{ swift = @{ authurl = $lab.swift.authUrl; username = $lab.swift.user; password = $lab.swift.key; container = $name; authversion = 1 } }
                }
                s3 {
                    $store = New-RegistryStore "s3://$name" -Endpoint $lab.ceph.endpoint -Credential $s3Key
                    $storage = @{ s3 = @{ regionendpoint = $lab.ceph.endpoint; region = 'us-east-1'; accesskey = $lab.ceph.accessKey; secretkey = $lab.ceph.secretKey; bucket = $name; secure = $false; v4auth = $true } }
                }
                directory {
                    $store = New-RegistryStore "$work/$name"
                    $storage = @{ filesystem = @{ rootdirectory = "$work/$name" } }
                }
            }
            [pscustomobject]@{ Name = $name; Kind = $Kind; Store = $store | Initialize-RegistryStore; Storage = $storage; Server = $Kind -eq 's3' ? $lab.ceph.swift : $lab.swift }
        }

        # A PowerShell of its own with the module and the lab's stores in it; gives everything it says.
        $prelude = @"
            `$ProgressPreference = 'SilentlyContinue'
            `$PSStyle.OutputRendering = 'PlainText'
            Import-Module '$manifest'
            `$lab = Get-Content '$($lab.Directory)/lab.json' -Raw | ConvertFrom-Json
            `$swiftUser = [pscredential]::new(`$lab.swift.user, (ConvertTo-SecureString `$lab.swift.key -AsPlainText -Force))
            `$s3Key = [pscredential]::new(`$lab.ceph.accessKey, (ConvertTo-SecureString `$lab.ceph.secretKey -AsPlainText -Force))
"@
        function Save-Script {
            param([string] $Script)
            $file = "$work/$([guid]::NewGuid().ToString('n')).ps1"
            Set-Content $file "$prelude`n$Script"
            $file
        }
        function Invoke-Fresh {
            param([string] $Script)
            $file = Save-Script $Script
            (& (Get-Process -Id $PID).Path -NoProfile -NonInteractive -File $file 2>&1 | Out-String).Trim()
        }
        function Get-Source([string] $Address) { "(New-RegistryStore s3://$Address -Endpoint `$lab.ceph.endpoint -Credential `$s3Key)" }

        $origin = New-Place directory
        $originUrl = Start-Registry $lab $origin.Storage
        $push = @{ Registry = $originUrl; Folder = "$work" }
        # Above one Swift segment (20 MiB), so that Swift keeps it as a large object; twice S3's smallest part.
        $base = New-Layer 1 22MB
        $shared = New-Layer 2 3000
        $pushed = @(
            Push-Image @push team/app 1.0 (New-Image $base, $shared)
            Push-Image @push team/app 1.1 (New-Image $base, (New-Layer 3 5000))
            Push-Image @push team/app 2.0 (New-Image $base, (New-Layer 4 5000))
            Push-Image @push team/web latest (New-Image $shared, (New-Layer 5 100KB) -Oci -Annotations ([ordered]@{ 'org.opencontainers.image.title' = 'Größe 日本語 🚢' }))
            Push-Image @push other/multi stable (New-Index (New-Image (New-Layer 6 9000) -Oci), (New-Image (New-Layer 7 8000) -Oci -Architecture arm64))
        )
        $stored = $pushed.Stored | Sort-Object Hex -Unique
        $storedBytes = ($stored | Measure-Object Size -Sum).Sum
        $filled = @{ directory = $origin }

        # The first place of a kind that holds the whole registry.
        function Get-Filled {
            param([string] $Kind)
            if (-not $filled[$Kind]) {
                $place = New-Place $Kind
                (Sync-RegistryBlobs $origin.Store $place.Store).Status | Should -Be Completed
                $filled[$Kind] = $place
            }
            $filled[$Kind]
        }
    }

    AfterAll {
        if ($lab) { Stop-Lab $lab }
        if ($work) { Remove-Item $work -Recurse -Force }
    }

    Context 'from <From> to <To>' -ForEach $moves {
        BeforeAll {
            $source = Get-Filled $From
            $target = New-Place $To
        }

        It 'copies everything and proves every byte' {
            $audit = $source.Store | Sync-RegistryBlobs -Destination $target.Store -WarningVariable warned -WarningAction SilentlyContinue | Tee-Object -Variable result | Test-RegistryStore -Deep -Source $source.Store
            $result.Status | Should -Be Completed
            $result.Copied | Should -Be (Measure-RegistryStore $source.Store).SyncEntries
            $result.Failed + $result.Deferred + $result.Defects.Count | Should -Be 0
            # One server under one name copies by itself, and what it copied is not proven before it is read.
            $result.ServerSideCopied -gt 0 | Should -Be ($From -eq $To)
            "$warned" | Should -Match ($From -eq $To ? 'copied by the server itself' : '^$')
            $audit.IsClean | Should -BeTrue
            $audit.Blobs | Should -Be $stored.Count
            $audit.HashedBytes | Should -Be $storedBytes
            $audit.Tags | Should -Be $pushed.Count
        }

        It 'serves every image from there' {
            $url = Start-Registry $lab $target.Storage
            $pulls = Test-RegistryPull $url -All
            $pulls.Ok | Should -Not -Contain $false
            $pulls | ForEach-Object { "$($_.Reference) $($_.Digest)" } | Sort-Object | Should -Be ($pushed | ForEach-Object { "$($_.Name) $($_.Digest)" } | Sort-Object)
            ($pulls | Measure-Object Bytes -Sum).Sum | Should -Be $storedBytes
        }

        It 'copies nothing the second time' {
            $again = Sync-RegistryBlobs $source.Store $target.Store
            $again.Copied | Should -Be 0
            $again.Unchanged | Should -Be $again.Listed
            $again.DestinationTraffic.BytesWritten | Should -Be 0
            @(Compare-RegistryStore $source.Store $target.Store).Count | Should -Be 0
        }

        It 'takes pushes there, and refuses them where it is read-only' {
            $proof = Test-RegistryPush (Start-Registry $lab $target.Storage)
            $proof.Ok | Should -BeTrue
            $proof.Verdict | Should -Be Accepted
            $readOnly = Start-Registry $lab $target.Storage -ReadOnly
            Test-RegistryPush $readOnly -ExpectRefused -Quiet | Should -BeTrue
            Test-RegistryPush $readOnly -Quiet -WarningAction SilentlyContinue | Should -BeFalse
        }
    }

    Context 'looking before copying' {
        BeforeAll { $s3 = New-Place s3 }

        It 'says under -WhatIf what it would copy, and writes nothing' {
            $before = Get-ServerListing $s3.Server $s3.Name
            $said = Invoke-Fresh "Sync-RegistryBlobs '$($origin.Store)' $(Get-Source $s3.Name) -WhatIf"
            $plan = Compare-RegistryStore $origin.Store $s3.Store -Summary
            $plan.Bytes | Should -BeGreaterThan $storedBytes
            $readable = ($plan.Bytes / 1MB).ToString('F2', [cultureinfo]::InvariantCulture)
            $said | Should -Be "What if: Copy $($plan.Copies) entries ($readable MiB; 0 replace something else) from $($origin.Store) to s3://$($s3.Name)"
            Get-ServerListing $s3.Server $s3.Name | Should -Be $before
            $before | Should -BeNullOrEmpty
        }

        It 'measures what was pushed' {
            $measure = Measure-RegistryStore $origin.Store
            $blobs = $measure.Kinds | Where-Object Kind -eq Blob
            $blobs.Count | Should -Be $stored.Count
            $blobs.Bytes | Should -Be $storedBytes
            $measure.SyncEntries | Should -Be @(Compare-RegistryStore $origin.Store $s3.Store).Count
            $measure.Repositories.Name | Should -Be 'other/multi', 'team/app', 'team/web'
            $measure.Repositories.Tags | Should -Be 1, 3, 1
            $measure.Repositories.Manifests | Should -Be 3, 3, 1
            $app = $pushed | Where-Object Repository -eq team/app | ForEach-Object Stored | Sort-Object Hex -Unique
            $measure.Repositories[1].Bytes | Should -Be ($app | Measure-Object Size -Sum).Sum
            # One small layer is in two repositories.
            $measure.DedupeRatio | Should -BeGreaterThan 1
        }

        It 'lists repositories and tags through the pipeline' {
            $tags = Get-RegistryRepository $origin.Store | Get-RegistryTag
            $tags | ForEach-Object { "$_ $($_.Digest)" } | Should -Be ($pushed | ForEach-Object { "$($_.Name) $($_.Digest)" } | Sort-Object)
            (Get-RegistryRepository $origin.Store team/*).Name | Should -Be 'team/app', 'team/web'
            (Get-RegistryTag $origin.Store other/multi -Detailed).Platforms | Should -Be 'linux/amd64', 'linux/arm64'
            # What the storage says is what the registry serves.
            ($tags | Test-RegistryPull $originUrl).Ok | Should -Be (@($true) * $pushed.Count)
        }
    }

    Context 'catching up' {
        BeforeAll {
            $live = New-Place directory
            Sync-RegistryBlobs $origin.Store $live.Store | Out-Null
            $url = Start-Registry $lab $live.Storage
            $s3 = New-Place s3
            $first = Sync-RegistryBlobs $live.Store $s3.Store
        }

        It 'copies of a new image only what is new' {
            $new = Push-Image -Registry $url -Folder "$work" team/app 2.1 (New-Image $base, $shared, (New-Layer 8 7000))
            $added = $new.Stored | Where-Object Hex -notin $stored.Hex
            $plan = Compare-RegistryStore $live.Store $s3.Store
            @($plan | Where-Object Kind -eq Blob).Key | Sort-Object | Should -Be ($added.Hex | ForEach-Object { "blobs/sha256/$($_.Substring(0, 2))/$_/data" } | Sort-Object)
            $plan.Action | Should -Not -Contain Overwrite
            $delta = Sync-RegistryBlobs $live.Store $s3.Store
            $delta.Copied | Should -Be $plan.Count
            $delta.CopiedBytes | Should -Be ($plan | Measure-Object Size -Sum).Sum
            $delta.CopiedBytes | Should -BeLessThan 20KB
            $delta.Unchanged | Should -Be $first.Copied
        }

        It 'moves a tag that moved' {
            $moved = Push-Image -Registry $url -Folder "$work" team/web latest (New-Image $shared, (New-Layer 9 2000) -Oci)
            (Sync-RegistryBlobs $live.Store $s3.Store).Overwritten | Should -Be 1
            (Get-RegistryTag $s3.Store team/web latest).Digest | Should -Be $moved.Digest
        }

        It 'prunes only when told twice, and says before what it would delete' {
            Remove-Item "$work/$($live.Name)/docker/registry/v2/repositories/other" -Recurse
            $before = Get-ServerListing $s3.Server $s3.Name
            $plan = Compare-RegistryStore $live.Store $s3.Store -Prune | Where-Object Action -eq Delete
            $said = Invoke-Fresh "Sync-RegistryBlobs '$($live.Store)' $(Get-Source $s3.Name) -Prune -WhatIf"
            $said | Should -Match "and delete $($plan.Count) entries there"
            (Sync-RegistryBlobs $live.Store $s3.Store).Deleted | Should -Be 0
            Get-ServerListing $s3.Server $s3.Name | Should -Be $before
            # A schedule asks nobody.
            (Sync-RegistryBlobs $live.Store $s3.Store -Prune -Confirm:$false).Deleted | Should -Be $plan.Count
            (Get-RegistryRepository $s3.Store).Name | Should -Be 'team/app', 'team/web'
            Test-RegistryStore $s3.Store -Source $live.Store -Quiet | Should -BeTrue
        }
    }

    Context 'a part of a registry' {
        It 'takes repositories, tags and the newest tags by name, with all they need' {
            $s3 = New-Place s3
            Sync-RegistryBlobs $origin.Store $s3.Store -Repository team/* -Tag 1.* | Test-RegistryStore -Deep -Quiet | Should -BeTrue
            (Get-RegistryTag $s3.Store) | ForEach-Object ToString | Should -Be 'team/app:1.0', 'team/app:1.1'
            Sync-RegistryBlobs $origin.Store $s3.Store -Repository team/app, other/* -NewestTags 1 | Test-RegistryStore -Deep -Quiet | Should -BeTrue
            (Get-RegistryTag $s3.Store) | ForEach-Object ToString | Should -Be 'other/multi:stable', 'team/app:1.0', 'team/app:1.1', 'team/app:2.0'
            (Test-RegistryPull (Start-Registry $lab $s3.Storage) -All).Ok | Should -Be (@($true) * 4)
        }
    }

    Context 'making the place' {
        It 'makes a container with metadata, once' {
            $store = New-RegistryStore swift://labelled -AuthUrl $lab.swift.authUrl -Credential $swiftUser
            Invoke-Fresh "New-RegistryStore swift://labelled -AuthUrl `$lab.swift.authUrl -Credential `$swiftUser | Initialize-RegistryStore -WhatIf" | Should -Match 'What if: .*Make the container.*swift://labelled'
            { Get-RegistryRepository $store -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
            $said = $store | Initialize-RegistryStore -Metadata @{ Owner = 'platform' } -Verbose 4>&1
            "$said" | Should -Match 'Made swift://labelled'
            (Get-ServerHeader $lab.swift labelled)['X-Container-Meta-Owner'] | Should -Be platform
            "$($store | Initialize-RegistryStore -Verbose 4>&1)" | Should -Match 'was there already'
        }
    }

    Context 'stopping' {
        It 'goes on after Ctrl-C where it was' {
            $s3 = New-Place s3
            $file = Save-Script "Sync-RegistryBlobs '$($origin.Store)' $(Get-Source $s3.Name) -BandwidthLimit 2MB -Concurrency 4"
            $child = Start-Process (Get-Process -Id $PID).Path '-NoProfile', '-File', $file -PassThru -RedirectStandardOutput "$work/stopped.out" -RedirectStandardError "$work/stopped.err"
            $patience = [Diagnostics.Stopwatch]::StartNew()
            while (@(Get-ServerListing $s3.Server $s3.Name).Count -lt 3 -and $patience.Elapsed.TotalSeconds -lt 30) { Start-Sleep -Milliseconds 100 }
            kill -INT $child.Id
            $child.WaitForExit(5000) | Should -BeTrue -Because 'Ctrl-C ends a transfer under way'
            $there = Get-ServerListing $s3.Server $s3.Name
            $there.Count | Should -BeGreaterOrEqual 3
            $there -match '/repositories/' | Should -BeNullOrEmpty -Because 'links come after blobs, so nothing unfinished is served'
            $result = Sync-RegistryBlobs $origin.Store $s3.Store
            $result.Unchanged | Should -Be $there.Count
            $result | Test-RegistryStore -Deep -Quiet | Should -BeTrue
            # What was there was not written again.
            $there | ForEach-Object { Get-ServerListing $s3.Server $s3.Name | Should -Contain $_ }
        }

        It 'ends with the first answer when no more is wanted' {
            $clock = [Diagnostics.Stopwatch]::StartNew()
            @(Compare-RegistryStore $origin.Store (New-Place swift).Store | Select-Object -First 1).Count | Should -Be 1
            @(Test-RegistryPull $originUrl -All | Select-Object -First 1).Count | Should -Be 1
            @(Get-RegistryTag $origin.Store | Select-Object -First 1).Count | Should -Be 1
            $clock.Elapsed.TotalSeconds | Should -BeLessThan 5
        }
    }

    Context 'what is broken' {
        It 'copies everything but the broken blob, and says where it broke' {
            $damaged = New-Place directory
            Sync-RegistryBlobs $origin.Store $damaged.Store | Out-Null
            $hex = ($pushed | Where-Object Name -eq team/web:latest).Stored[-1].Hex
            $key = "blobs/sha256/$($hex.Substring(0, 2))/$hex/data"
            $blob = [IO.File]::OpenWrite("$work/$($damaged.Name)/docker/registry/v2/$key")
            $blob.WriteByte(0xff); $blob.WriteByte(0xfe); $blob.Dispose()

            $s3 = New-Place s3
            $result = Sync-RegistryBlobs $damaged.Store $s3.Store -WarningVariable warnings -WarningAction SilentlyContinue -ErrorVariable errors -ErrorAction SilentlyContinue
            $result.Status | Should -Be CompletedWithDefects
            $result.Defects[0].Kind | Should -Be WrongDigest
            $result.Defects.Digest | Should -Be "sha256:$hex"
            "$warnings" | Should -Match '1 WrongDigest'
            $errors | Should -BeNullOrEmpty
            Get-ServerListing $s3.Server $s3.Name -match $hex | Should -Not -Match "$key "

            $audit = Test-RegistryStore $s3.Store -Deep -Source $damaged.Store -WarningAction SilentlyContinue
            $audit.IsClean | Should -BeFalse
            $audit.Defects[0].Kind | Should -Be MissingBlob
            $audit.Defects.Origin | Should -Be BrokenAtSource
            $audit.Defects.Digest | Should -Be "sha256:$hex"
            (Test-RegistryStore $damaged.Store -Deep -WarningAction SilentlyContinue).Defects.Kind | Should -Be WrongDigest

            # Everything else is served.
            $pulls = Test-RegistryPull (Start-Registry $lab $s3.Storage) -Repository team/app, other/* -All
            $pulls.Ok | Should -Be (@($true) * 4)
        }

        It 'ends with the error <Id> and a next step: <Case>' -ForEach @(
            @{ Case = 'wrong key for S3'; Id = 'Unauthenticated'; Says = 'Check the access key'; Store = { New-RegistryStore s3://somewhere -Endpoint $lab.ceph.endpoint -Credential ([pscredential]::new($lab.ceph.accessKey, (ConvertTo-SecureString wrong -AsPlainText -Force))) } }
            @{ Case = 'wrong key for Swift'; Id = 'Unauthenticated'; Says = 'Check the user'; Store = { New-RegistryStore swift://somewhere -AuthUrl $lab.swift.authUrl -Credential ([pscredential]::new($lab.swift.user, (ConvertTo-SecureString wrong -AsPlainText -Force))) } }
            @{ Case = 'no bucket'; Id = 'NotFound'; Says = 'Initialize-RegistryStore'; Store = { New-RegistryStore s3://nobucket -Endpoint $lab.ceph.endpoint -Credential $s3Key } }
            @{ Case = 'no container'; Id = 'NotFound'; Says = 'Initialize-RegistryStore'; Store = { New-RegistryStore swift://nocontainer -AuthUrl $lab.swift.authUrl -Credential $swiftUser } }
            @{ Case = 'no directory'; Id = 'NotFound'; Says = 'Check the path'; Store = { New-RegistryStore "$work/nodirectory" } }
            @{ Case = 'nobody at the endpoint'; Id = 'Unreachable'; Says = 'host, port and scheme'; Store = { New-RegistryStore s3://somewhere -Endpoint http://127.0.0.1:1 -Credential $s3Key } }
            @{ Case = 'nobody at the login'; Id = 'Unreachable'; Says = 'host, port and scheme'; Store = { New-RegistryStore swift://somewhere -AuthUrl http://127.0.0.1:1/auth/v1.0 -Credential $swiftUser } }
        ) {
            $store = & $Store
            $caught = { Sync-RegistryBlobs $origin.Store $store -ErrorAction Stop } | Should -Throw -PassThru
            $caught.FullyQualifiedErrorId | Should -Be "$Id,RegistryMigration.Commands.Sync.SyncRegistryBlobsCommand"
            $caught.ToString() | Should -Match "^Destination: .*$Says"
            { Test-RegistryStore $store -ErrorAction Stop } | Should -Throw -ErrorId "$Id,*"
        }
    }

    Context 'in other sessions' {
        It 'works beside other versions of the AWS SDK and of YamlDotNet' {
            $folder = (New-Item -ItemType Directory "$work/other").FullName
            Set-Content "$folder/other.csproj" @'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net8.0</TargetFramework><ManagePackageVersionsCentrally>false</ManagePackageVersionsCentrally></PropertyGroup>
  <ItemGroup><PackageReference Include="AWSSDK.Core" Version="[4.0.3.3]" /><PackageReference Include="YamlDotNet" Version="[15.3.0]" /></ItemGroup>
</Project>
'@
            $said = dotnet restore $folder 2>&1 | Out-String
            $LASTEXITCODE | Should -Be 0 -Because $said
            $packages = (Get-Content "$folder/obj/project.assets.json" -Raw | ConvertFrom-Json).project.restore.packagesPath
            $sdk = Join-Path $packages awssdk.core/4.0.3.3/lib/net8.0/AWSSDK.Core.dll
            $yaml = Join-Path $packages yamldotnet/15.3.0/lib/net8.0/YamlDotNet.dll
            $s3 = Get-Filled s3
            $clouds = "$work/clouds.yaml"
            Set-Content $clouds "clouds: {lab: {auth: {auth_url: '$($lab.swift.authUrl)', username: '$($lab.swift.user)', password: '$($lab.swift.key)'}, identity_api_version: 1}}"
            $swift = Get-Filled swift
            $said = Invoke-Fresh @"
                Add-Type -Path '$sdk', '$yaml'
                [YamlDotNet.Serialization.DeserializerBuilder]::new().Build().Deserialize[object]('a: 1')['a']
                @(Get-RegistryTag $(Get-Source $s3.Name)).Count
                @(New-RegistryStore swift://$($swift.Name) -Cloud lab -CloudsFile '$clouds' | Get-RegistryTag).Count
                [Amazon.Util.AWSSDKUtils].Assembly.Location
"@
            $said -split '\r?\n' | Should -Be '1', $pushed.Count, $pushed.Count, $sdk
        }

        It 'says the same under tr-TR, with sizes a person can read' {
            $s3 = Get-Filled s3
            $said = Invoke-Fresh @"
                [cultureinfo]::CurrentCulture = [cultureinfo]::CurrentUICulture = 'tr-TR'
                Sync-RegistryBlobs '$($origin.Store)' $(Get-Source $s3.Name) | Out-String
                Measure-RegistryStore $(Get-Source $s3.Name) | Out-String
                Measure-RegistryStore $(Get-Source $s3.Name) | Format-List | Out-String
                Sync-RegistryBlobs '$($origin.Store)' $(Get-Source $s3.Name) | Format-List | Out-String
                Compare-RegistryStore '$($origin.Store)' (New-Item -ItemType Directory '$work/turkish') | Out-String
                Test-RegistryStore $(Get-Source $s3.Name) | Out-String
                Get-RegistryTag $(Get-Source $s3.Name) -Repository TEAM/* -Detailed | Out-String
                Test-RegistryPull $originUrl -Repository other/* | Out-String
"@
            $said | Should -Match 'Completed +0 +0 B'
            $said | Should -Match "Distribution +\d+ +$(($storedBytes / 1MB).ToString('F1', [cultureinfo]::InvariantCulture))\d MiB"
            $said | Should -Match 'Copy +Blob +22\.00 MiB'
            $said | Should -Match 'Kinds +: Blob \d'
            $said | Should -Match 'SourceTraffic +: \d+ requests'
            $said | Should -Match 'other/multi:stable'
            $said | Should -Not -Match '(?<![\w/])\d{7,}(?![\w/])' -Because 'plain bytes are for machines'
        }

        It 'shows no secret anywhere' {
            # The hash of the password below, made with bcrypt; a registry knows no other kind.
            $password = 'registry-pass-5Qz'
            Set-Content "$work/htpasswd" 'mover:$2b$05$RTdSfaaVvdTw3lL2QJ8neeYTdKmhqQgo8CpPgjcmAvzaQx/Vz4/8W'
            $guarded = Start-Registry $lab $origin.Storage -PasswordFile "$work/htpasswd"
            $s3 = New-Place s3
            $swift = New-Place swift
            $said = Invoke-Fresh @"
                `$null = Start-Transcript '$work/transcript.txt'
                `$VerbosePreference = `$DebugPreference = `$InformationPreference = 'Continue'
                function Show { process { `$_; `$_ | Format-List * -Force | Out-String -Width 500; `$_ | ConvertTo-Json -Depth 5 -WarningAction Ignore } }
                `$s3 = $(Get-Source $s3.Name)
                `$swift = New-RegistryStore swift://$($swift.Name) -AuthUrl `$lab.swift.authUrl -Credential `$swiftUser
                `$mover = [pscredential]::new('mover', (ConvertTo-SecureString '$password' -AsPlainText -Force))
                & {
                    `$s3, `$swift | Show; `$s3.S3, `$swift.Swift | Show
                    Sync-RegistryBlobs '$($origin.Store)' `$swift -Repository team/web -WhatIf
                    Sync-RegistryBlobs '$($origin.Store)' `$swift -Repository team/web | Show
                    `$swift | Sync-RegistryBlobs -Destination `$s3 | Show
                    Compare-RegistryStore `$swift `$s3 -Summary | Show
                    Test-RegistryStore `$s3 -Deep -Source `$swift | Show
                    Measure-RegistryStore `$swift | Show
                    `$s3 | Initialize-RegistryStore | Show
                    Get-RegistryRepository `$s3 | Show
                    Get-RegistryTag `$swift | Show
                    Test-RegistryPull $guarded -All -Credential `$mover | Show
                    Test-RegistryPush $guarded -ExpectRefused -Credential `$mover | Show
                    Test-RegistryPull $guarded -Repository team/web -Tag latest | Show
                    New-RegistryStore s3://nothere -Endpoint `$lab.ceph.endpoint -Credential `$s3Key | Measure-RegistryStore
                    New-RegistryStore swift://nothere -AuthUrl `$lab.swift.authUrl -Credential `$swiftUser | Measure-RegistryStore
                } *>&1 | Out-String -Width 500
                `$Error | Format-List * -Force | Out-String -Width 500
                `$Error | ForEach-Object { Get-Error -InputObject `$_ } | Out-String -Width 500
                `$null = Stop-Transcript
"@
            $said += Get-Content "$work/transcript.txt" -Raw
            # It did what it was to do, and met the errors it was to meet.
            $said | Should -Match 'Pulled 5 images'
            $said | Should -Match 'NotFound,RegistryMigration'
            $said | Should -Match 'What if: Copy'
            foreach ($secret in $password, $lab.ceph.secretKey, $lab.swift.key) {
                $said.Contains($secret) | Should -BeFalse -Because "'$secret' is a secret"
                $said.Contains([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("mover:$secret"))) | Should -BeFalse
            }
            $said | Should -Not -Match 'AUTH_tk' -Because 'a token is a secret, too'
        }
    }
}
