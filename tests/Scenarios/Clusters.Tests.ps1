# Connecting to a cluster: a real API server, with kubeconfigs, tokens and refusals.
BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support/Cluster.psm1" -Force
    $script:obstacle = Get-ClusterLabObstacle
    if ($obstacle) { Write-Warning "Clusters scenario skipped: $obstacle." }
}

Describe 'Connecting to a cluster' -Skip:([bool] $obstacle) {
    BeforeAll {
        Import-Module "$PSScriptRoot/Support/Cluster.psm1" -Force
        $root = (Resolve-Path "$PSScriptRoot/../..").Path
        $script:manifest = "$root/output/RegistryMigration/$((Import-PowerShellDataFile "$root/RegistryMigration.psd1").ModuleVersion)/RegistryMigration.psd1"
        Import-Module $manifest -Force
        $script:lab = Start-ClusterLab "$TestDrive/lab"
        $script:kube = $lab.kube
        $script:config = Get-KubeConfig $lab admin
        function Protect-Token([string] $Text) { ConvertTo-SecureString $Text -AsPlainText -Force }
    }
    AfterAll { if ($lab) { Stop-ClusterLab $lab } }

    It 'uses the current context of a kubeconfig, or another' {
        $cluster = Connect-RegistryCluster -KubeConfig $config
        $cluster.Context | Should -Be 'admin'
        $cluster.Version | Should -Match '^v1\.'
        $cluster.Server.Port | Should -Be ([uri] $kube.server).Port
        ('admin-certificate' | Connect-RegistryCluster -KubeConfig $config).UserName | Should -Be 'admin'
    }

    It 'follows KUBECONFIG, and paths from the location of PowerShell' {
        $before = $env:KUBECONFIG
        try {
            $env:KUBECONFIG = "$TestDrive/missing$([IO.Path]::PathSeparator)$config"
            (Connect-RegistryCluster viewer).Context | Should -Be 'viewer'
        }
        finally { $env:KUBECONFIG = $before }
        Push-Location (Split-Path $config)
        try { (Connect-RegistryCluster -KubeConfig (Split-Path -Leaf $config)).Context | Should -Be 'admin' }
        finally { Pop-Location }
    }

    It 'takes a server and a token' {
        $cluster = Connect-RegistryCluster -Server $kube.server -Token (Protect-Token $kube.adminToken) -CertificateAuthority $kube.certificateAuthority -Namespace apps
        $cluster.Namespace | Should -Be 'apps'
        $cluster.Context | Should -BeNullOrEmpty
    }

    It 'shows no secret, however it is printed' {
        $cluster = Connect-RegistryCluster -Server $kube.server -Token (Protect-Token $kube.adminToken) -CertificateAuthority $kube.certificateAuthority -Verbose 4>&1
        $env:REGISTRY_TEST_SECRET = 'in-the-environment'
        try {
            $cluster += Connect-RegistryCluster -KubeConfig $config
            $shown = ($cluster | Format-List * | Out-String) + ($cluster | Format-Table | Out-String) + ($cluster | ConvertTo-Json -Depth 6 -WarningAction SilentlyContinue) +
            [Management.Automation.PSSerializer]::Serialize($cluster, 5) + ($cluster.Options | Format-List * | Out-String) + "$($cluster.Options)"
        }
        finally { Remove-Item Env:REGISTRY_TEST_SECRET }
        $shown | Should -Not -Match ([regex]::Escape($kube.adminToken))
        $shown | Should -Not -Match 'in-the-environment'
    }

    It 'names the contexts that there are' {
        { Connect-RegistryCluster nowhere -KubeConfig $config -ErrorAction Stop } | Should -Throw '*no context ''nowhere''. It has: admin,*' -ErrorId 'ClusterConfiguration,*'
        { Connect-RegistryCluster -KubeConfig "$TestDrive/missing" -ErrorAction Stop } | Should -Throw -ErrorId 'ClusterConfiguration,*'
    }

    It 'tells of a wrong token without showing it' {
        $null = Connect-RegistryCluster -Server $kube.server -Token (Protect-Token 'guessed-token') -CertificateAuthority $kube.certificateAuthority -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'ClusterUnauthenticated,*'
        $failed[0].CategoryInfo.Category | Should -Be 'AuthenticationError'
        ($failed[0] | Format-List * -Force | Out-String) + ($failed[0].Exception | Format-List * -Force | Out-String) | Should -Not -Match 'guessed-token'
    }

    It 'trusts no unknown authority, unless told to, and then says so' {
        { Connect-RegistryCluster -Server $kube.server -Token (Protect-Token $kube.adminToken) -ErrorAction Stop } | Should -Throw -ErrorId 'ClusterCertificate,*'
        $cluster = Connect-RegistryCluster -Server $kube.server -Token (Protect-Token $kube.adminToken) -SkipCertificateCheck -WarningVariable warned -WarningAction SilentlyContinue
        $cluster | Should -Not -BeNullOrEmpty
        @($warned).Count | Should -Be 1
        $warned | Should -Match 'is not checked'
    }

    It 'tells quickly that nobody answers' {
        { Connect-RegistryCluster -Server https://127.0.0.1:1 -Token (Protect-Token 'x') -ErrorAction Stop } | Should -Throw -ErrorId 'ClusterUnreachable,*'
    }

    It 'completes contexts, and namespaces of the cluster that is meant' {
        $line = "Connect-RegistryCluster -KubeConfig '$config' -Context adm"
        [Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.CompletionText | Should -Be 'admin', 'admin-certificate'
        $line = "Connect-RegistryCluster -KubeConfig '$config' -Context admin -Namespace kube-s"
        [Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.CompletionText | Should -Contain 'kube-system'
    }
}
