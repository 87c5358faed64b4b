# Runs the scenarios with Pester against the module that the build made, and leaves the counts, what was skipped and what failed for .ci/run.
param([string] $CountsFile, [string] $SkippedFile, [string] $FailedFile)

# No strict mode and no error preference here: they would leak into the scenarios.
$root = Split-Path -Parent $PSScriptRoot
$version = (Import-PowerShellDataFile "$root/RegistryMigration.psd1").ModuleVersion
$module = "$root/output/RegistryMigration/$version"
if (-not (Test-Path "$module/RegistryMigration.psd1")) {
    throw "There is no module at $module. 'dotnet build' at the root makes it."
}
$env:PSModulePath = "$root/output" + [IO.Path]::PathSeparator + $env:PSModulePath

Import-Module Pester -MinimumVersion 5.0
$configuration = New-PesterConfiguration
$configuration.Run.Path = "$root/tests/Scenarios"
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Detailed'
$configuration.Output.CIFormat = 'None'
$result = Invoke-Pester -Configuration $configuration

# A block that is skipped as a whole gives no reason of its own: it needs servers that can't be had here.
Import-Module "$root/tests/Scenarios/Support/Cluster.psm1"
$obstacle = (Get-ClusterLabObstacle) ?? 'no reason given'
foreach ($test in @($result.Tests | Where-Object Result -in 'Skipped', 'Inconclusive')) {
    $reason = if ($test.ErrorRecord.Count -gt 0) { $test.ErrorRecord[0].Exception.Message } else { $obstacle }
    Add-Content $SkippedFile "$($test.ExpandedPath): $reason"
}
# The summary says why, so that nobody has to look for it in the output above. A block that fails names the cause of all its tests.
foreach ($failed in @($result.FailedContainers) + @($result.FailedBlocks) + @($result.Failed)) {
    $name = $failed.PSObject.Properties['ExpandedPath']?.Value ?? "$($failed.Item)"
    Add-Content $FailedFile "$($name): $(@($failed.ErrorRecord).ForEach{ "$($_.Exception.Message) $($_.ScriptStackTrace -split "`n" | Select-Object -First 1)" } -join '; ' -replace '\s+', ' ')"
}
$skipped = $result.SkippedCount + $result.PSObject.Properties['InconclusiveCount']?.Value
# A file or a block that could not be run is a failure, though no test in it could fail.
$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
Set-Content $CountsFile "succeeded: $($result.PassedCount)", "failed: $failed", "skipped: $skipped"
exit [int]($failed -gt 0)
