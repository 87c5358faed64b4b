@{
  RootModule             = 'RegistryMigration.dll'
  ModuleVersion          = '0.1.0'
  GUID                   = '5d3c8f5e-6b0e-4b0f-9d58-8f2f6d1d7a41'
  Author                 = 'RegistryMigration contributors'
  CompanyName            = 'RegistryMigration'
  Copyright              = '(c) RegistryMigration contributors. Apache-2.0.'
  Description            = 'Moves container registries between storage backends and clusters without losing an image.'
  PowerShellVersion      = '7.4'
  CompatiblePSEditions   = @('Core')
  FormatsToProcess       = @('RegistryMigration.Format.ps1xml')
  TypesToProcess         = @('RegistryMigration.Types.ps1xml')
  CmdletsToExport        = @(
    'New-RegistryStore', 'Initialize-RegistryStore', 'Measure-RegistryStore', 'Get-RegistryRepository', 'Get-RegistryTag',
    'Sync-RegistryBlobs', 'Compare-RegistryStore', 'Test-RegistryStore', 'Test-RegistryPull', 'Test-RegistryPush',
    'Get-TlsCertificateChain',
    'Connect-RegistryCluster',
    'New-RegistryMigration', 'Get-RegistryMigration', 'Undo-RegistryMigration', 'Complete-RegistryMigration', 'Export-RegistryMigrationReport',
    'Test-RegistryMigration', 'Suspend-RegistryPruner', 'Resume-RegistryPruner', 'Set-RegistryReadOnly', 'Switch-RegistryBackend',
    'Confirm-RegistryBackend', 'Get-RegistryImage', 'Remove-RegistryVolumeClaim',
    'Start-RegistrySync', 'Wait-RegistrySync', 'Receive-RegistrySync', 'Stop-RegistrySync', 'Get-RegistrySync',
    'Get-ImageRegistry', 'Test-ImageRegistry', 'Set-ImageRegistry', 'Set-ImageRegistryCredential', 'Get-ImageRegistryRoute', 'Update-ImageReference',
    'Get-QuayRegistry', 'Get-QuayStorageLocation', 'New-QuayServiceKey', 'Remove-QuayServiceKey'
  )
  FunctionsToExport      = @()
  AliasesToExport        = @()
  VariablesToExport      = @()
  PrivateData            = @{ PSData = @{ Tags = @('container', 'registry', 'migration', 's3', 'swift', 'oci'); LicenseUri = 'https://www.apache.org/licenses/LICENSE-2.0' } }
}
