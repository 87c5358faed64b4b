<#
.SYNOPSIS
    Builds, tests and packs the module. Every task is one call of dotnet or Pester, and works without this script too.
.EXAMPLE
    ./build.ps1
    Builds; the module is then in output/RegistryMigration/<version>.
.EXAMPLE
    ./build.ps1 Build, Test, Scenario
    Builds and runs every test.
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Scenario', 'Pack')]
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
        Pack {
            dotnet build "$PSScriptRoot/src/RegistryMigration" --configuration Release
            $module = Get-Item "$PSScriptRoot/output/RegistryMigration/$((Import-PowerShellDataFile "$PSScriptRoot/RegistryMigration.psd1").ModuleVersion)"
            Compress-Archive -Path $module -DestinationPath "$PSScriptRoot/output/RegistryMigration-$($module.Name).zip" -Force
        }
    }
}
