# The stand-in of Quay is good enough for clients of registries: skopeo does with it what it does with Quay.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support/Cluster.psm1"
    $script:Obstacle = Get-ClusterLabObstacle
    if ($Obstacle) { Write-Warning "The stand-in of Quay's scenario skipped: $Obstacle." }
}

Describe 'The stand-in of Quay' -Skip:([bool] $script:Obstacle) {
    BeforeAll {
        Import-Module "$PSScriptRoot/Support/Lab.psm1", "$PSScriptRoot/Support/SampleImages.psm1", "$PSScriptRoot/Support/Quay.psm1"
        $script:Work = (New-Item -ItemType Directory "$([IO.Path]::GetTempPath())/quay-$([guid]::NewGuid().ToString('n'))").FullName
        $script:Lab = Start-Lab "$Work/lab" ceph, tls
        $script:Bucket = New-CephBucket $Lab
    }
    AfterAll {
        Stop-Lab $Lab
        Remove-Item $Work -Recurse -Force
    }

    It 'serves skopeo over <Scheme>, blobs by <Way>' -ForEach @(
        @{ Scheme = 'http'; Way = 'redirect'; Tls = $false; Proxy = $false }
        @{ Scheme = 'https'; Way = 'proxy'; Tls = $true; Proxy = $true }
    ) {
        $folder = "$Work/$Scheme"
        New-QuayConfiguration $Lab "$folder/stack" -Location ([ordered]@{ default = New-QuayLocation $Lab $Bucket -Tls:$Tls }) -Setting @{ FEATURE_PROXY_STORAGE = $Proxy } -Tls:$Tls
        $quay = Start-StandaloneQuay $Lab "$folder/stack" -Name "quay-$Scheme"
        $at = ([uri] $quay.Address).Authority
        $login = @('--authfile', "$folder/auth.json")
        skopeo login @login --tls-verify=false -u $quay.User -p $quay.Password $at | Should -Be 'Login Succeeded!'
        $image = Push-QuayImage $quay demo/app 1 (New-Image (New-Layer 1 200000), (New-Layer 2 3000))
        $null = Push-QuayImage $quay shop/multi stable (New-Index (New-Image (New-Layer 5 9000) -Oci), (New-Image (New-Layer 6 8000) -Oci -Architecture arm64))
        skopeo inspect @login --tls-verify=false --format '{{.Digest}}' "docker://$at/demo/app:1" | Should -Be $image.Digest
        $null = skopeo copy --all @login --src-tls-verify=false "docker://$at/shop/multi:stable" "oci:$folder/pulled:1" 2>&1
        $LASTEXITCODE | Should -Be 0
        "$(skopeo copy @login --src-tls-verify=false --dest-tls-verify=false "docker://$at/demo/app:1" "docker://$at/nobody/app:1" 2>&1)" | Should -Match 'unauthorized'
        $null = skopeo delete @login --tls-verify=false "docker://$at/demo/app:1" 2>&1
        $LASTEXITCODE | Should -Be 0
        "$(skopeo inspect @login --tls-verify=false "docker://$at/demo/app:1" 2>&1)" | Should -Match 'manifest unknown'
        Get-CephKey $Lab $Bucket | Where-Object { $_ -like 'datastorage/registry/sha256/*' } | Should -HaveCount 7
        (Get-QuayHealth $quay).storage | Should -BeTrue

        Add-Content "$folder/stack/config.yaml" 'DISABLE_PUSHES: true'
        Restart-StandaloneQuay $quay
        { Push-QuayImage $quay demo/app 2 (New-Image (New-Layer 7 2000)) } | Should -Throw '*Pushes to the registry are currently disabled*'
        Stop-StandaloneQuay $quay
    }

    It 'says why it does not start' {
        New-QuayConfiguration $Lab "$Work/bad" -Location ([ordered]@{ default = @('RadosGWStorage', @{ nonsense = 1 }) })
        { Start-StandaloneQuay $Lab "$Work/bad" -Name bad } | Should -Throw "*unexpected keyword argument 'nonsense'*"
    }
}
