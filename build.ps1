<#
.SYNOPSIS
    Builds, tests and packs the module. Every task is one call of dotnet or Pester, and works without this script too.
.EXAMPLE
    ./build.ps1
    Builds; the module is then in output/RegistryMigration/<version>.
.EXAMPLE
    ./build.ps1 Build, Test, Scenario
    Builds and runs every test.
.EXAMPLE
    ./build.ps1 Bench
    Measures this project's tools and others side by side; takes hours, see tests/Benchmarks/README.md.
.EXAMPLE
    ./build.ps1 Image -BaseImage registry.example/base@sha256:… -ImageName registry.example/tools/registry-migration:0.1.0
    Builds the worker's image with podman, buildah or docker; see docs/in-cluster.md.
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Scenario', 'Bench', 'Pack', 'Image')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug',

    # What the worker's image is built on, by digest: glibc, libstdc++, OpenSSL and CA certificates.
    [string] $BaseImage,

    # What the worker's image is to be called.
    [string] $ImageName = 'localhost/registry-migration:latest'
)
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

function Build-Image {
    if ($BaseImage -notmatch '^[^@\s]+@sha256:[0-9a-f]{64}$') {
        throw "Image needs -BaseImage name@sha256:…, an image with glibc, libstdc++, OpenSSL and CA certificates. A tag is not enough: what it points at changes. 'skopeo inspect --format ""{{.Digest}}"" docker://NAME:TAG' tells a digest."
    }
    $tool = Get-Command podman, buildah, docker -CommandType Application -ErrorAction Ignore | Select-Object -First 1
    if (-not $tool) {
        throw 'Image needs podman, buildah or docker on the PATH. Without them, publish the worker (docs/worker.md) and build src/RegistryMigration.Worker/Containerfile where one of them is.'
    }
    $folder = "$PSScriptRoot/output/worker"
    dotnet publish "$PSScriptRoot/src/RegistryMigration.Worker" --configuration Release --runtime linux-x64 --output $folder
    & $tool.Source build --build-arg "BASE=$BaseImage" --file "$PSScriptRoot/src/RegistryMigration.Worker/Containerfile" --tag $ImageName $folder
}

foreach ($name in $Task) {
    switch ($name) {
        Build { dotnet build "$PSScriptRoot/RegistryMigration.sln" --configuration $Configuration }
        Test { dotnet test --solution "$PSScriptRoot/RegistryMigration.sln" --configuration $Configuration }
        Scenario {
            $result = Invoke-Pester -Path "$PSScriptRoot/tests/Scenarios" -Output Detailed -PassThru
            if ($result.Result -ne 'Passed') { throw "$($result.FailedCount) scenarios failed." }
        }
        Bench { dotnet run --project "$PSScriptRoot/tests/Benchmarks" --configuration Release -- run }
        Image { Build-Image }
        Pack {
            dotnet build "$PSScriptRoot/src/RegistryMigration" --configuration Release
            $module = Get-Item "$PSScriptRoot/output/RegistryMigration/$((Import-PowerShellDataFile "$PSScriptRoot/RegistryMigration.psd1").ModuleVersion)"
            Compress-Archive -Path $module -DestinationPath "$PSScriptRoot/output/RegistryMigration-$($module.Name).zip" -Force
        }
    }
}
