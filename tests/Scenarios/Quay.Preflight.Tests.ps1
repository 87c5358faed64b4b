# Before Quay's storage is moved: the certificates of the new storage's host in place of the document's openssl command, and the preflight
# with a trial of the new bucket. Through the built module, on the servers of tests/Lab.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support/Lab.psm1" -Force
    $obstacle = Get-LabObstacle
    if ($obstacle) { Write-Warning "Quay preflight scenario skipped: $obstacle." }
}

Describe 'Before Quay''s storage is moved' -Skip:([bool] $obstacle) {
    BeforeAll {
        Import-Module "$PSScriptRoot/Support/Lab.psm1" -Force
        $version = (Import-PowerShellDataFile "$PSScriptRoot/../../RegistryMigration.psd1").ModuleVersion
        Import-Module (Resolve-Path "$PSScriptRoot/../../output/RegistryMigration/$version/RegistryMigration.psd1").Path -Force
        $work = [IO.Directory]::CreateTempSubdirectory('quay-preflight-').FullName
        $lab = Start-Lab "$work/lab" ceph
        $endpoint = [uri] $lab.ceph.tlsEndpoint
        $key = [pscredential]::new($lab.ceph.accessKey, (ConvertTo-SecureString $lab.ceph.secretKey -AsPlainText -Force))
        $old = New-RegistryStore s3://quay-old -Endpoint $lab.ceph.endpoint -Credential $key -Layout Quay -Root datastorage/registry | Initialize-RegistryStore
        $new = New-RegistryStore s3://quay-new -Endpoint $endpoint -CertificateAuthority $lab.ceph.caFile -Credential $key -Layout Quay -Root datastorage/registry | Initialize-RegistryStore
        Set-Content "$work/config.yaml" 'USERFILES_LOCATION: default'
        $quay = [RegistryMigration.Model.QuayRegistry] @{
            Name = 'quay.example.org'; ConfigurationPath = "$work/config.yaml"; Version = '3.13.2'
            Locations = [RegistryMigration.Model.QuayStorageLocation[]] @([RegistryMigration.Model.QuayStorageLocation] @{ Name = 'default'; Driver = 'RadosGWStorage'; Store = $old; IsPreferred = $true })
        }
    }

    AfterAll {
        if ($lab) { Stop-Lab $lab }
        if ($work) { Remove-Item $work -Recurse -Force -ErrorAction Ignore }
    }

    It 'gives no certificate that nobody vouches for, and says how to go on' {
        $chain = Get-TlsCertificateChain "$endpoint" -ErrorAction SilentlyContinue -ErrorVariable refused
        $chain | Should -BeNullOrEmpty
        $refused.FullyQualifiedErrorId | Should -Be 'Certificate,RegistryMigration.Commands.Tls.GetTlsCertificateChainCommand'
        "$refused" | Should -BeLike '*-Fingerprint*-CertificateAuthority*'
        $seen = $refused[0].TargetObject
        "$refused" | Should -BeLike "*$($seen.Certificates[0].Fingerprint)*"
        # Compared with what the server's administrator says, it is known.
        $fingerprint = bash -c "openssl s_client -connect $($endpoint.Authority) 2>/dev/null </dev/null | openssl x509 -noout -fingerprint -sha256"
        (Get-TlsCertificateChain $endpoint.Host -Port $endpoint.Port -Fingerprint $fingerprint).IsPinned | Should -BeTrue
        Get-TlsCertificateChain $endpoint.Authority -Fingerprint ('a' * 64) -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $loud = Get-TlsCertificateChain $endpoint.Authority -SkipVerification -WarningAction SilentlyContinue -WarningVariable warned
        $loud.IsVerified | Should -BeFalse
        "$warned" | Should -BeLike '*Nobody vouches*'
    }

    It 'writes a file with which openssl trusts the host' {
        $file = "$work/extra_ca_cert_storage.crt"
        $new | Get-TlsCertificateChain -OutFile $file -WhatIf | Out-Null
        $file | Should -Not -Exist
        $chain = $new | Get-TlsCertificateChain -OutFile $file
        $chain.IsVerified, $chain.IsComplete | Should -Be $true, $true
        ($chain | Format-Table | Out-String -Width 300) | Should -Match ([regex]::Escape($lab.ceph.caFile))
        $quay.Locations[0] | Get-TlsCertificateChain -ErrorAction SilentlyContinue -ErrorVariable plain | Should -BeNullOrEmpty
        "$plain" | Should -BeLike '*plain http*'
        bash -c "openssl s_client -connect $($endpoint.Authority) -CAfile $file -verify_return_error -no-CApath </dev/null >/dev/null 2>&1"
        $LASTEXITCODE | Should -Be 0
        $new | Get-TlsCertificateChain -OutFile $file -ErrorAction SilentlyContinue -ErrorVariable there | Should -BeNullOrEmpty
        $there.FullyQualifiedErrorId | Should -BeLike 'FileExists,*'
    }

    It 'tries the new bucket and leaves nothing in it' {
        $checks = $quay | Test-RegistryMigration $new
        $checks.Where{ $_.Status -eq 'Failed' } | Should -BeNullOrEmpty
        $checks.Where{ $_.Name -in "Storage's certificate", 'Clocks agree', 'Lifecycle rules', 'Small object', 'Large object in parts' }.Status | Should -Be (@('Passed') * 5)
        $checks.Where{ $_.Name -eq 'Clients reach the storage' }.Evidence | Should -BeLike "*$($endpoint.Authority)*"
        (Measure-RegistryStore $new).Entries | Should -Be 0
        Test-RegistryMigration $new -Quay $quay -Quiet | Should -BeTrue
        $missing = New-RegistryStore s3://nowhere -Endpoint $lab.ceph.endpoint -Credential $key
        Test-RegistryMigration $missing -Quay $quay -Quiet | Should -BeFalse
    }
}
