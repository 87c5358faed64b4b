# The module as PowerShell sees it: loading, help, completion, views, secrets, stopping. Needs a build, and nothing else.
BeforeDiscovery {
    $script:root = (Resolve-Path "$PSScriptRoot/../..").Path
    $script:cmdlets = (Import-PowerShellDataFile "$root/RegistryMigration.psd1").CmdletsToExport
}

BeforeAll {
    $script:root = (Resolve-Path "$PSScriptRoot/../..").Path
    $script:manifest = "$root/output/RegistryMigration/$((Import-PowerShellDataFile "$root/RegistryMigration.psd1").ModuleVersion)/RegistryMigration.psd1"
    Import-Module $manifest -Force

    # Runs text in a new PowerShell and gives back what it wrote, all streams.
    function Invoke-Fresh([string] $Script) {
        $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes("`$PSStyle.OutputRendering = 'PlainText'; `$manifest = '$manifest'; $Script"))
        (pwsh -NoProfile -NonInteractive -EncodedCommand $encoded *>&1 | Out-String).Trim()
    }

    # A registry's directory as docker-registry leaves it: one image of one layer for each tag.
    function New-SampleRegistry([string] $Path, [int] $Images = 3, [int] $LayerBytes = 1000) {
        $v2 = "$Path/docker/registry/v2"
        $put = {
            param([byte[]] $bytes)
            $hex = [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData($bytes)).ToLowerInvariant()
            $folder = New-Item -ItemType Directory -Force "$v2/blobs/sha256/$($hex.Substring(0, 2))/$hex"
            [IO.File]::WriteAllBytes("$folder/data", $bytes)
            $hex
        }
        $link = {
            param([string] $folder, [string] $hex)
            [IO.File]::WriteAllText("$(New-Item -ItemType Directory -Force "$v2/repositories/$folder")/link", "sha256:$hex")
        }
        foreach ($i in 1..$Images) {
            $layer = [byte[]]::new($LayerBytes); [Random]::new($i).NextBytes($layer)
            $config = [Text.Encoding]::UTF8.GetBytes("{`"architecture`":`"amd64`",`"os`":`"linux`",`"n`":$i}")
            $layerHex = & $put $layer; $configHex = & $put $config
            $manifestBytes = [Text.Encoding]::UTF8.GetBytes((@{
                        schemaVersion = 2; mediaType = 'application/vnd.oci.image.manifest.v1+json'
                        config = @{ mediaType = 'application/vnd.oci.image.config.v1+json'; digest = "sha256:$configHex"; size = $config.Length }
                        layers = @(@{ mediaType = 'application/vnd.oci.image.layer.v1.tar'; digest = "sha256:$layerHex"; size = $layer.Length })
                    } | ConvertTo-Json -Depth 5 -Compress))
            $hex = & $put $manifestBytes
            & $link "team/app/_layers/sha256/$layerHex" $layerHex
            & $link "team/app/_layers/sha256/$configHex" $configHex
            & $link "team/app/_manifests/revisions/sha256/$hex" $hex
            & $link "team/app/_manifests/tags/v$i/index/sha256/$hex" $hex
            & $link "team/app/_manifests/tags/v$i/current" $hex
        }
    }
    function Get-Tree([string] $Path) { @(Get-ChildItem -LiteralPath $Path -Recurse -File -Force).Count }
    function New-Place([string] $Name) { (New-Item -ItemType Directory -Force (Join-Path $TestDrive "$Name-$([guid]::NewGuid().ToString('n'))")).FullName }
}

Describe 'Loading' {
    It 'exports exactly what the manifest names' {
        (Get-Command -Module RegistryMigration).Name | Sort-Object | Should -Be (@((Import-PowerShellDataFile $manifest).CmdletsToExport) | Sort-Object)
    }

    It 'costs little over a bare PowerShell' {
        $times = 1..3 | ForEach-Object { [double](Invoke-Fresh '$t = [Diagnostics.Stopwatch]::StartNew(); Import-Module $manifest; $t.Elapsed.TotalMilliseconds.ToString([cultureinfo]::InvariantCulture)') }
        # The budget is 150 ms; the best of three on a busy machine may take twice that.
        ($times | Measure-Object -Minimum).Minimum | Should -BeLessThan 300
    }

    It 'loads neither the engine nor a package before it is used' {
        Invoke-Fresh 'Import-Module $manifest; @([AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -match "^(AWSSDK|YamlDotNet|Polly|RegistryMigration\.Engine)" }).Count' | Should -Be '0'
    }

    It 'ships no assembly of PowerShell, and packages only in dependencies' {
        $folder = Split-Path $manifest
        Get-ChildItem $folder -Filter *.dll | ForEach-Object Name | Sort-Object | Should -Be 'RegistryMigration.dll', 'RegistryMigration.Model.dll'
        Get-ChildItem "$folder/dependencies" -Filter System.Management.Automation.dll | Should -BeNullOrEmpty
        "$folder/dependencies/RegistryMigration.Engine.dll" | Should -Exist
    }

    It 'works again after -Force and after removal' {
        $place = New-Place 'force'; New-SampleRegistry $place -Images 1
        Invoke-Fresh "Import-Module `$manifest; (Get-RegistryTag '$place').Name; Import-Module `$manifest -Force; (Get-RegistryTag '$place').Name; Remove-Module RegistryMigration; Import-Module `$manifest; (Get-RegistryTag '$place').Name" |
            Should -Be ((@('v1') * 3) -join [Environment]::NewLine)
    }

    It 'works in parallel runspaces, also after one of them has removed it' {
        $place = New-Place 'parallel'; New-SampleRegistry $place -Images 1
        Invoke-Fresh "Import-Module `$manifest; (1..4 | ForEach-Object -Parallel { Import-Module '$manifest'; (Get-RegistryTag '$place').Name; Remove-Module RegistryMigration }) -join ','; (Get-RegistryTag '$place').Name" |
            Should -Be "v1,v1,v1,v1$([Environment]::NewLine)v1"
    }

    It 'lives beside other versions of <_>' -ForEach 'AWSSDK.Core', 'YamlDotNet', 'Polly.Core' {
        # The same name, version and key with nothing in it: whoever binds to it by mistake fails.
        $other = "$(New-Place 'other')/$_.dll"
        $name = [Reflection.AssemblyName]::GetAssemblyName("$(Split-Path $manifest)/dependencies/$_.dll")
        $builder = [Reflection.Emit.PersistedAssemblyBuilder]::new($name, [object].Assembly)
        $null = $builder.DefineDynamicModule($_).DefineType('NotThePackage', 'Public').CreateType()
        $builder.Save($other)
        $clouds = "$(New-Place 'clouds')/clouds.yaml"
        Set-Content $clouds "clouds:`n  lab:`n    auth:`n      auth_url: http://127.0.0.1:1/v3`n      username: u`n      password: p`n      project_name: x`n"
        $output = Invoke-Fresh @"
Add-Type -Path '$other'
Import-Module `$manifest
`$key = [pscredential]::new('k', (ConvertTo-SecureString 's' -AsPlainText -Force))
New-RegistryStore s3://bucket -Endpoint http://127.0.0.1:1 -Credential `$key | Get-RegistryRepository -ErrorAction SilentlyContinue -ErrorVariable s3
New-RegistryStore swift://box -Cloud lab -CloudsFile '$clouds' | Get-RegistryRepository -ErrorAction SilentlyContinue -ErrorVariable swift
`$s3.FullyQualifiedErrorId; `$swift.FullyQualifiedErrorId
@([AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { `$_.GetName().Name -eq '$_' }).Count
"@
        $id = 'Unreachable,RegistryMigration.Commands.Catalog.GetRegistryRepositoryCommand'
        $output -split '\r?\n' | Should -Be $id, $id, '2'
    }
}

Describe 'Help of <_>' -ForEach $cmdlets {
    BeforeAll { $script:help = Get-Help $_ -Full }

    It 'has a synopsis, a description and two examples' {
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.Description.Text | Should -Not -BeNullOrEmpty
        @($help.Examples.Example).Count | Should -BeGreaterOrEqual 2
        foreach ($example in $help.Examples.Example) {
            $example.Code | Should -Match ([regex]::Escape($_))
            $problems = $null
            $null = [Management.Automation.Language.Parser]::ParseInput($example.Code, [ref] $null, [ref] $problems)
            $problems | Should -BeNullOrEmpty
        }
    }

    It 'describes every parameter, and none that does not exist' {
        $common = [Management.Automation.PSCmdlet]::CommonParameters
        $real = (Get-Command $_).Parameters.Keys | Where-Object { $_ -notin $common } | Sort-Object
        $help.Parameters.Parameter.Name | Sort-Object | Should -Be $real
        foreach ($parameter in $help.Parameters.Parameter) { $parameter.Description.Text | Should -Not -BeNullOrEmpty -Because $parameter.Name }
    }
}

Describe 'Topics and views' {
    It 'has the topic <_>' -ForEach 'about_RegistryMigration', 'about_RegistryMigration_Stores', 'about_RegistryMigration_Migrations' {
        "$(Split-Path $manifest)/en-US/$_.help.txt" | Should -Exist
    }

    It 'has a view for everything a cmdlet gives' {
        [xml] $views = Get-Content "$(Split-Path $manifest)/RegistryMigration.Format.ps1xml" -Raw
        $given = Get-Command -Module RegistryMigration | ForEach-Object OutputType | ForEach-Object Name | Where-Object { $_ -notlike 'System.*' } | Sort-Object -Unique
        foreach ($type in $given) { $views.Configuration.ViewDefinitions.View.ViewSelectedBy.TypeName | Should -Contain $type }
    }

    It 'shows readable sizes and keeps plain numbers' {
        $place = New-Place 'views'; New-SampleRegistry $place -LayerBytes 5000
        $measure = Measure-RegistryStore $place
        $measure.Bytes | Should -BeGreaterThan 15000
        ($measure | Format-Table | Out-String) | Should -Match '\d+\.\d\d KiB'
        ($measure | Format-List | Out-String) | Should -Match 'DedupeRatio +: \d'
    }
}

Describe 'Stores as arguments' {
    It 'takes relative paths from the location of PowerShell' {
        $place = New-Place 'relative'; New-SampleRegistry "$place/registry" -Images 2
        Push-Location $place
        try {
            @(Get-RegistryTag registry).Count | Should -Be 2
            @(Get-RegistryTag file:./registry).Count | Should -Be 2
            @(Get-Item registry | Get-RegistryTag).Count | Should -Be 2
            (New-RegistryStore ./registry).Address.Container | Should -Be "$place/registry"
        }
        finally { Pop-Location }
    }

    It 'refuses what is no file system, no address, and no registry' {
        { Get-RegistryTag Env:PATH } | Should -Throw '*Environment provider*'
        { Get-RegistryTag gopher://x } | Should -Throw '*unknown scheme*'
        { Get-RegistryTag (New-Place 'empty') -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
    }

    It 'pipes repositories to tags, and a sync to its audit' {
        $source = New-Place 'source'; $target = New-Place 'target'; New-SampleRegistry $source
        (Get-RegistryRepository $source | Get-RegistryTag -Name 'v[12]').Name | Should -Be 'v1', 'v2'
        $audit = New-RegistryStore $source | Sync-RegistryBlobs -Destination $target | Test-RegistryStore -Deep
        $audit.IsClean | Should -BeTrue
        $audit.Blobs | Should -Be 9
        (Sync-RegistryBlobs $source $target).Copied | Should -Be 0
        Test-RegistryStore $target -Quiet | Should -BeTrue
    }

    It "takes a location of a Quay, by pipeline too, and refuses one that it can't reach by its problem" {
        $source = New-Place 'quay'; $target = New-Place 'target'
        $bytes = [Text.Encoding]::UTF8.GetBytes('a layer'); $hex = [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData($bytes)).ToLowerInvariant()
        [IO.File]::WriteAllBytes("$(New-Item -ItemType Directory "$source/data/sha256/$($hex.Substring(0, 2))")/$hex", $bytes)
        @"
SERVER_HOSTNAME: quay.example.com
DISTRIBUTED_STORAGE_CONFIG:
  default: [LocalStorage, {storage_path: $source/data}]
  gcs: [GoogleCloudStorage, {storage_path: /p, access_key: a, secret_key: s3cret, bucket_name: b}]
"@ | Set-Content "$source/config.yaml"
        $locations = Get-QuayRegistry -Path $source | Get-QuayStorageLocation -ErrorVariable failed -ErrorAction SilentlyContinue
        $locations.Name | Should -Be 'default', 'gcs'
        $failed | Should -Match 'not supported'
        ($locations[0] | Sync-RegistryBlobs -Destination $target).Copied | Should -Be 1
        Get-QuayStorageLocation -Path $source -ErrorAction SilentlyContinue | Where-Object IsPreferred | Test-RegistryStore -Quiet | Should -BeTrue
        (Compare-RegistryStore $locations[0] $target) | Should -BeNullOrEmpty
        { Measure-RegistryStore $locations[1] } | Should -Throw '*GoogleCloudStorage is not supported*'
        ($locations | Format-List * | Out-String) + ($locations | ConvertTo-Json -Depth 5 -WarningAction Ignore) | Should -Not -Match 's3cret'
    }

    It 'warns where certificates are not checked' {
        New-RegistryStore s3://b -Endpoint https://x -SkipCertificateCheck -WarningVariable warned -WarningAction SilentlyContinue | Out-Null
        $warned | Should -Match 'is not checked'
    }
}

Describe 'WhatIf and Confirm' {
    It 'shows the plan and writes nothing' {
        $source = New-Place 'source'; $target = New-Place 'target'; New-SampleRegistry $source
        $said = Invoke-Fresh "Import-Module `$manifest; Sync-RegistryBlobs '$source' '$target' -WhatIf; Initialize-RegistryStore '$target/new' -WhatIf | Out-Null"
        $said | Should -Match 'Copy 24 entries \(\d+\.\d\d KiB'
        $said | Should -Match 'Make the directory'
        Get-Tree $target | Should -Be 0
        "$target/new" | Should -Not -Exist
    }

    It 'asks before it prunes, unless forced' {
        $source = New-Place 'source'; $target = New-Place 'target'; New-SampleRegistry $source -Images 1; New-SampleRegistry $target -Images 2
        # Nobody can answer in a session that is not interactive.
        Invoke-Fresh "Import-Module `$manifest; Sync-RegistryBlobs '$source' '$target' -Prune" | Should -Match 'NonInteractive'
        (Get-RegistryTag $target).Count | Should -Be 2
        { Sync-RegistryBlobs $source $target -Prune -Repository x } | Should -Throw -ErrorId 'PruneNeedsEverything,*'
        (Sync-RegistryBlobs $source $target -Prune -Force).Deleted | Should -BeGreaterThan 0
        @(Get-RegistryTag $target).Count | Should -Be 1
    }
}

Describe 'Completion' {
    BeforeAll {
        $script:place = New-Place "it's here"; New-SampleRegistry $place -Images 2
        function Complete([string] $Line) { (TabExpansion2 $Line $Line.Length).CompletionMatches.CompletionText }
    }

    It 'offers repositories and tags of the store' {
        $quoted = "'$($place -replace "'", "''")'"
        Complete "Get-RegistryTag -Store $quoted -Repository t" | Should -Be 'team/app'
        Complete "Get-RegistryTag -Store $quoted -Repository team/app -Name v" | Should -Be 'v1', 'v2'
    }

    It 'answers in time when nobody is there' {
        $store = New-RegistryStore s3://b -Endpoint http://192.0.2.1
        $watch = [Diagnostics.Stopwatch]::StartNew()
        Complete 'Get-RegistryTag -Store $store -Repository t' | Out-Null
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 4
        $watch.Restart()
        Complete 'Get-RegistryTag -Store $store -Repository te' | Out-Null
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 1.4
    }

    It 'offers clouds and profiles, quoted where needed' {
        $file = "$TestDrive/clouds.yaml"
        Set-Content $file "clouds:`n  prod:`n    region_name: r`n  `"it's two`":`n    region_name: r`n"
        Complete "New-RegistryStore swift://c -CloudsFile '$file' -Cloud " | Should -Be "'it''s two'", 'prod'
        $env:AWS_CONFIG_FILE = "$TestDrive/config"
        try {
            Set-Content $env:AWS_CONFIG_FILE "[profile lab]`nregion = x`n[sso-session y]`n"
            Complete 'New-RegistryStore s3://b -Profile l' | Should -Be 'lab'
        }
        finally { Remove-Item Env:AWS_CONFIG_FILE }
    }
}

Describe 'Secrets' {
    It 'shows none of them, however a store is printed' {
        $output = Invoke-Fresh @'
$env:OS_PASSWORD = 'hunter2-env'
Import-Module $manifest
function Secure($text) { ConvertTo-SecureString $text -AsPlainText -Force }
$stores = @(
    New-RegistryStore s3://b -Endpoint http://127.0.0.1:1 -Credential ([pscredential]::new('k', (Secure 'hunter2-key'))) -SessionToken (Secure 'hunter2-session') -Verbose
    New-RegistryStore swift://c -AuthUrl http://127.0.0.1:1/v3 -Credential ([pscredential]::new('u', (Secure 'hunter2-pass'))) -ProjectName p -Token (Secure 'hunter2-token') -Verbose
    New-RegistryStore swift://c -AuthUrl http://127.0.0.1:1/v3 -ApplicationCredentialId i -ApplicationCredentialSecret (Secure 'hunter2-app')
)
$stores | Out-String; $stores | Format-List * -Force | Out-String
$stores.S3 | Format-List * -Force | Out-String; $stores.Swift | Format-List * -Force | Out-String
$stores.Swift.Environment | Out-String; $stores.Swift.Environment | Format-List * | Out-String
$stores | ConvertTo-Json -Depth 6 -WarningAction Ignore
"$stores"; $stores.S3.SecretKey; "$($stores.Swift.Password)"
[Management.Automation.PSSerializer]::Serialize($stores, 5)
$stores | Get-RegistryRepository -Verbose -Debug -ErrorVariable failed 2>&1 | Out-String
$failed | Format-List * -Force | Out-String
$stores | Initialize-RegistryStore -WhatIf | Out-String
Test-RegistryPull http://127.0.0.1:1 -Credential ([pscredential]::new('k', (Secure 'hunter2-pull'))) -Verbose 2>&1 | Out-String
'end'
'@
        $output | Should -Match 'end$'
        $output | Should -Match 'OS_PASSWORD'
        $output | Should -Not -Match 'hunter2'
    }
}

Describe 'Stopping' {
    It 'ends at once when downstream has enough' {
        $source = New-Place 'source'; $target = New-Place 'target'; New-SampleRegistry $source -Images 50
        foreach ($i in 1..20) { @(Compare-RegistryStore $source $target | Select-Object -First 1).Count | Should -Be 1 }
    }

    It 'stops on Ctrl-C, leaves nothing partial, and goes on when run again' -Skip:$IsWindows {
        $source = New-Place 'source'; $target = New-Place 'target'; New-SampleRegistry $source -Images 8 -LayerBytes 1MB
        $child = Start-Process pwsh -PassThru -ArgumentList '-NoProfile', '-Command', "Import-Module '$manifest'; Sync-RegistryBlobs '$source' '$target' -BandwidthLimit 500KB" -RedirectStandardOutput "$TestDrive/out" -RedirectStandardError "$TestDrive/err"
        $watch = [Diagnostics.Stopwatch]::StartNew()
        while ((Get-Tree $target) -eq 0 -and $watch.Elapsed.TotalSeconds -lt 30) { Start-Sleep -Milliseconds 100 }
        kill -INT $child.Id
        $child.WaitForExit(10000) | Should -BeTrue -Because 'Ctrl-C ends the work'
        Get-ChildItem "$target/docker/registry/v2/repositories" -Recurse -Filter link -ErrorAction Ignore | Should -BeNullOrEmpty -Because 'links come after blobs'
        $again = Sync-RegistryBlobs $source $target
        $again.Status | Should -Be 'Completed'
        Test-RegistryStore $target -Deep -Quiet | Should -BeTrue
        (Sync-RegistryBlobs $source $target).Copied | Should -Be 0
    }
}

Describe 'Culture' {
    It 'speaks the same under tr-TR' {
        $source = New-Place 'source'; $target = New-Place 'target'; New-SampleRegistry $source
        $script = "Import-Module `$manifest; Sync-RegistryBlobs '$source' '$target' -WhatIf; (New-RegistryStore S3://B -AddressingStyle virtual -Endpoint http://x).S3.PathStyle; (Sync-RegistryBlobs '$source' '$target' | Test-RegistryStore -Deep).IsClean"
        $turkish = Invoke-Fresh "[cultureinfo]::CurrentCulture = 'tr-TR'; $script"
        $turkish | Should -Match 'Copy 24 entries \(\d+\.\d\d KiB'
        $turkish -split '\r?\n' | Select-Object -Last 2 | Should -Be 'False', 'True'
    }
}
