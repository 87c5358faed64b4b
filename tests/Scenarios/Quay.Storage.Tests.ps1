# Quay's objects from what it has to what it gets, as its config.yaml says: written by a Quay, copied, and served by a Quay on the copy with the same
# database. Quay is a stand-in that keeps objects as Quay's drivers do; the storages are real.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support/Lab.psm1" -Force
    $obstacle = Get-LabObstacle
    if ($obstacle) { Write-Warning "Quay storage scenario skipped: $obstacle." }
    $moves = @(
        @{ From = 'SwiftStorage'; To = 'RadosGWStorage' }
        @{ From = 'LocalStorage'; To = 'STSS3Storage' }
        @{ From = 'RadosGWStorage'; To = 'SwiftStorage' }
        @{ From = 'STSS3Storage'; To = 'SwiftStorage' }
    )
}

Describe 'Copying Quay''s objects' -Skip:([bool] $obstacle) {
    BeforeAll {
        Import-Module "$PSScriptRoot/Support/Lab.psm1", "$PSScriptRoot/Support/SampleImages.psm1", "$PSScriptRoot/Support/OpenShift.psm1", "$PSScriptRoot/Support/Quay.psm1" -Force
        Import-Module (Get-ModuleManifest) -Force
        $work = [IO.Directory]::CreateTempSubdirectory('quay-storage-').FullName
        $lab = Start-Lab "$work/lab" ceph, swift, tls
        $path = 'datastorage/registry'

        # A location of config.yaml on a new, empty storage, and the same storage as a user names it.
        function New-Place([string] $Driver, [string] $User) {
            $name = "quay-$([guid]::NewGuid().ToString('n').Substring(0, 12))"
            switch ($Driver) {
                SwiftStorage {
                    $secret = [pscredential]::new($lab.swift.user, (ConvertTo-SecureString $lab.swift.key -AsPlainText -Force))
                    $store = New-RegistryStore "swift://$name" -AuthUrl $lab.swift.authUrl -Credential $secret | Initialize-RegistryStore
                    $settings = [ordered]@{ storage_path = "/$path"; auth_url = $lab.swift.authUrl; auth_version = 1; swift_container = $name; swift_user = $lab.swift.user; swift_password = $lab.swift.key }
                }
                LocalStorage {
                    $null = New-Item -ItemType Directory "$work/$name/$path"
                    $store = New-RegistryStore "$work/$name"
                    $settings = [ordered]@{ storage_path = "$work/$name/$path" }
                }
                STSS3Storage {
                    # By a role that Ceph's second user takes on, to reach the first one's bucket.
                    $keys = Get-CephUser $lab second
                    $null = New-CephBucket $lab first $name
                    $store = New-RegistryStore "s3://$name" -Endpoint $lab.ceph.tlsEndpoint -CertificateAuthority $lab.ceph.caFile -RoleArn $lab.ceph.roleArn -Credential ([pscredential]::new($keys.AccessKey, (ConvertTo-SecureString $keys.SecretKey -AsPlainText -Force))) -Layout Quay -Root $path
                    return [pscustomobject]@{ Store = $store; Location = New-QuayLocation $lab $name -Driver STSS3Storage -User second -Tls }
                }
                default {
                    $keys = Get-CephUser $lab $User
                    $null = New-CephBucket $lab $User $name
                    $store = New-RegistryStore "s3://$name" -Endpoint $lab.ceph.endpoint -Credential ([pscredential]::new($keys.AccessKey, (ConvertTo-SecureString $keys.SecretKey -AsPlainText -Force))) -Layout Quay -Root $path
                    return [pscustomobject]@{ Store = $store; Location = New-QuayLocation $lab $name -User $User }
                }
            }
            [pscustomobject]@{ Store = $store; Location = @($Driver, $settings) }
        }
    }

    AfterAll {
        $env:AWS_ENDPOINT_URL_STS = $null
        if ($lab) { Stop-Lab $lab }
        if ($work) { Remove-Item $work -Recurse -Force }
    }

    Context 'from <From> to <To>' -ForEach $moves {
        BeforeAll {
            $old = New-Place $From first
            $new = New-Place $To second
            $env:AWS_ENDPOINT_URL_STS = $lab.ceph.endpoint
            $here = @{ Path = "$work/$From-old/config.yaml"; CertificateAuthority = $lab.ceph.caFile }
            $there = @{ Path = "$work/$From-new/config.yaml"; CertificateAuthority = $lab.ceph.caFile }
            New-QuayConfiguration $lab "$work/$From-old" ([ordered]@{ default = $old.Location })
            New-QuayConfiguration $lab "$work/$From-new" ([ordered]@{ default = $new.Location })
            $quay = Start-StandaloneQuay $lab "$work/$From-old" -Name "$From-old"
            $images = @(
                Push-QuayImage $quay demo/app 1 (New-Image (New-Layer 1 22MB), (New-Layer 2 3000))
                Push-QuayImage $quay shop/web latest (New-Image (New-Layer 2 3000), (New-Layer 3 200KB))
            )
        }

        It 'says before what it will do, does it, and has nothing left to do' {
            $plan = Compare-RegistryStore (Get-QuayStorageLocation @here).Store $new.Store
            $pass = Get-QuayStorageLocation @here | Sync-RegistryBlobs -Destination $new.Store
            $pass.Status | Should -Be Completed
            # Two configurations and three layers: manifests are in Quay's database.
            $pass.Copied | Should -Be 5
            $pass.Copied | Should -Be @($plan | Where-Object Action -EQ Copy).Count
            $again = Get-QuayStorageLocation @here | Sync-RegistryBlobs -Destination $new.Store
            $again.Status, $again.Copied, $again.Failed | Should -Be Completed, 0, 0
        }

        It 'leaves out what is half pushed, and counts it' {
            # Quay's drivers for S3 leave the chunks of a push behind until a worker deletes them.
            $pass = Get-QuayStorageLocation @here | Sync-RegistryBlobs -Destination $new.Store
            ($pass.Skipped | Where-Object Kind -EQ Upload).Count -gt 0 | Should -Be ($From -in 'RadosGWStorage', 'STSS3Storage')
            ($pass.Skipped | Where-Object Kind -EQ Segment).Count -gt 0 | Should -Be ($From -eq 'SwiftStorage')
            ($pass.Skipped | Where-Object Kind -EQ Unknown) | Should -BeNullOrEmpty
            (Get-QuayStorageLocation @there | Measure-RegistryStore).Kinds | Where-Object Kind -EQ Upload | Should -BeNullOrEmpty
        }

        It 'is served by a Quay on the copy, and every blob is what its name says' {
            Get-QuayStorageLocation @there | Test-RegistryStore -Deep -Quiet | Should -BeTrue
            Stop-StandaloneQuay $quay
            $moved = Start-StandaloneQuay $lab "$work/$From-new" -Name "$From-new" -Database $quay.Database
            $who = [pscredential]::new($moved.User, (ConvertTo-SecureString $moved.Password -AsPlainText -Force))
            foreach ($image in $images) {
                $pull = Test-RegistryPull $moved.Address -Repository $image.Repository -Tag $image.Tag -Credential $who -CertificateAuthority $lab.ceph.caFile
                $pull.Ok, "$($pull.Digest)" | Should -Be $true, $image.Digest -Because "$($pull.Failures.Message)"
            }
            Stop-StandaloneQuay $moved
        }
    }
}
