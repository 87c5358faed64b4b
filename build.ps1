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
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Scenario', 'Bench', 'Pack')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug'
)
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

foreach ($name in $Task) {
    switch ($name) {
        Build { dotnet build "$PSScriptRoot/RegistryMigration.sln" --configuration $Configuration }
        Test { dotnet test --solution "$PSScriptRoot/RegistryMigration.sln" --configuration $Configuration }
        Scenario {
            $result = Invoke-Pester -Path "$PSScriptRoot/tests/Scenarios" -Output Detailed -PassThru
            if ($result.Result -ne 'Passed') { throw "$($result.FailedCount) scenarios failed." }
        }
        Bench { dotnet run --project "$PSScriptRoot/tests/Benchmarks" --configuration Release -- run }
        Pack {
            dotnet build "$PSScriptRoot/src/RegistryMigration" --configuration Release
            $module = Get-Item "$PSScriptRoot/output/RegistryMigration/$((Import-PowerShellDataFile "$PSScriptRoot/RegistryMigration.psd1").ModuleVersion)"
            Compress-Archive -Path $module -DestinationPath "$PSScriptRoot/output/RegistryMigration-$($module.Name).zip" -Force
        }
    }
}
