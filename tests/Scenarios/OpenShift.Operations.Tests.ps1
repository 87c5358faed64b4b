# Operates and diagnoses OpenShift's image registry as docs/openshift-operations.md describes it: every command of the old procedure from the first
# to the last as this module's cmdlets, and the traps in them. Through the built module, on a real API server and a registry on S3 (tests/Lab).

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support/Cluster.psm1" -Force
    $obstacle = Get-ClusterLabObstacle
    if ($obstacle) { Write-Warning "Operations scenario skipped: $obstacle." }
}

Describe 'Operating the image registry' -Skip:([bool] $obstacle) {
    BeforeAll {
        Import-Module "$PSScriptRoot/Support/Cluster.psm1", "$PSScriptRoot/Support/Lab.psm1", "$PSScriptRoot/Support/SampleImages.psm1" -Force
        $version = (Import-PowerShellDataFile "$PSScriptRoot/../../RegistryMigration.psd1").ModuleVersion
        Import-Module (Resolve-Path "$PSScriptRoot/../../output/RegistryMigration/$version/RegistryMigration.psd1").Path -Force
        $ProgressPreference = 'SilentlyContinue'

        $work = [IO.Directory]::CreateTempSubdirectory('operations-scenario-').FullName
        $lab = Start-ClusterLab "$work/lab" ceph
        $world = Add-RegistryWorld $lab -Storage s3
        Start-Node $lab
        Start-Operator $lab
        Wait-RegistryWorld $lab
        Push-WorldImage $world demo/app 1 (New-Image (New-Layer 1 20000))

        $config = '/apis/imageregistry.operator.openshift.io/v1/configs/cluster'
        function Get-Spec { (Invoke-Kube $lab $config).spec }
        function Get-Version { (Invoke-Kube $lab $config).metadata.resourceVersion }
        # What the registry's pods were started with.
        function Get-Variable([string] $Name) {
            (Invoke-Kube $lab /apis/apps/v1/namespaces/openshift-image-registry/deployments/image-registry).spec.template.spec.containers[0].env | Where-Object name -eq $Name | ForEach-Object value
        }
        # Runs a command that has to fail, and gives its error.
        function Get-Failure([scriptblock] $Command) {
            try { & $Command } catch { return $_ }
            throw 'It did not fail.'
        }
        function Get-Secure([string] $Text) { ConvertTo-SecureString $Text -AsPlainText -Force }
        $key = [pscredential]::new($lab.ceph.accessKey, (Get-Secure $lab.ceph.secretKey))
        Connect-RegistryCluster -KubeConfig (Get-AdminKubeConfig $lab) | Out-Null
    }

    AfterAll {
        if ($lab) { Stop-ClusterLab $lab }
        if ($work) { Remove-Item $work -Recurse -Force -ErrorAction Ignore }
    }

    Context 'Deployment status' {
        It 'shows what is asked for and what is there' {
            $registry = Get-ImageRegistry
            $registry.ManagementState | Should -Be Managed
            "$($registry.Storage)" | Should -Be "S3 $($world.Container)"
            "$($registry.ObservedStorage)" | Should -Be "$($registry.Storage)"
            $registry.ReadyReplicas | Should -Be 2
            ($registry.Conditions | Where-Object Type -eq Available).Status | Should -BeTrue
            $registry.Credentials.Secret | Should -Be installer-cloud-credentials
            $registry.IsReadOnly | Should -BeFalse
            $text = $registry | Out-String -Width 200
            $text | Should -Match 'Storage +: S3 '
            $text | Should -Match 'Available=True'
            $text | Should -Not -Match 'lab-http-secret'
        }

        It 'refuses Removed, since the operator would delete every image' {
            $before = Get-Version
            Set-ImageRegistry -StorageManagementState Managed -WarningVariable warned -WarningAction SilentlyContinue | Out-Null
            "$warned" | Should -Match 'deletes all images'
            $failure = Get-Failure { Set-ImageRegistry -ManagementState Removed -Force -Confirm:$false -ErrorAction Stop }
            $failure.FullyQualifiedErrorId | Should -Match '^Precondition'
            "$failure" | Should -Match "S3 bucket $($world.Container) with all images"
            Set-ImageRegistry -StorageManagementState Unmanaged | Out-Null
            "$(Get-Failure { Set-ImageRegistry -ManagementState Removed -Confirm:$false -ErrorAction Stop })" | Should -Match '-Force'
            (Get-Spec).managementState | Should -Be Managed
            Get-Version | Should -Not -Be $before
        }

        It 'manages a registry that is managed without a change' {
            $change = Set-ImageRegistry -ManagementState Managed
            $change.Applied | Should -BeFalse
            $change.Changes | Should -BeNullOrEmpty
            $change.Converged | Should -BeTrue
        }
    }

    Context 'Identifying errors' {
        It 'makes all checks in order, and a healthy registry fails none' {
            $checks = @(Test-ImageRegistry)
            $checks.Name | Should -Be @(
                'ClusterOperator', 'OperatorDeployment', 'OperatorPods', 'OperatorLog', 'Configuration', 'RegistryDeployment', 'RegistryPods', 'RegistryLog', 'Events', 'Storage', 'Credentials', 'Route', 'Pull')
            $checks | Where-Object Status -eq Failed | ForEach-Object { "$_ $($_.Evidence)" } | Should -BeNullOrEmpty
            Test-ImageRegistry -Quiet | Should -BeTrue
            $checks | Out-String -Width 200 | Should -Match 'ClusterOperator +Passed'
        }

        It 'tells the pruner from the registry' {
            Set-OperatorMode $lab pruner-degraded
            try {
                $change = Set-ImageRegistry -LogLevel Debug -WarningVariable warned -WarningAction SilentlyContinue
                $change.Converged | Should -BeTrue
                $check = Test-ImageRegistry | Select-Object -First 1
                $check.Status | Should -Be Warning
                $check.NextStep | Should -Match 'image pruner'
            }
            finally { Set-OperatorMode $lab }
        }

        It 'ends the wait at once when the operator refuses the configuration for good' {
            Set-OperatorMode $lab degraded
            try {
                $clock = [Diagnostics.Stopwatch]::StartNew()
                $failure = Get-Failure { Set-ImageRegistry -LogLevel Trace -Timeout 120 -ErrorAction Stop }
                "$failure" | Should -Match 'VerificationFailed'
                $clock.Elapsed.TotalSeconds | Should -BeLessThan 60
                $check = Test-ImageRegistry | Where-Object Name -eq Configuration
                $check.Status | Should -Be Failed
                Test-ImageRegistry -Quiet | Should -BeFalse
            }
            finally { Set-OperatorMode $lab; Set-ImageRegistry -LogLevel Normal | Out-Null }
        }

        It 'says what it waits for when the operator does nothing' {
            Set-OperatorMode $lab stuck
            try {
                $result = Set-ImageRegistry -LogLevel Debug -Timeout 3 -ErrorVariable failure -ErrorAction SilentlyContinue
                "$($failure[0])" | Should -Match 'the operator has not seen the change yet'
                $failure[0].FullyQualifiedErrorId | Should -Match '^ClusterTimedOut'
                $result.Applied | Should -BeTrue
                $result.Converged | Should -BeFalse
                $result.RevertPatch | Should -Match 'logLevel'
            }
            finally { Set-OperatorMode $lab; Set-ImageRegistry -LogLevel Normal | Out-Null }
        }

        It 'passes an operator that writes all the time, or says so, and never half changes' {
            Set-OperatorMode $lab conflict
            try {
                Set-ImageRegistry -OperatorLogLevel Debug -NoWait -ErrorVariable failure -ErrorAction SilentlyContinue | Out-Null
                if ($failure) { $failure[0].FullyQualifiedErrorId | Should -Match '^ClusterConflict' }
                else { (Get-Spec).operatorLogLevel | Should -Be Debug }
            }
            finally { Set-OperatorMode $lab }
        }
    }

    Context 'Customizing' {
        It 'shows a change and makes none with -WhatIf' {
            $before = Get-Version
            $change = Set-ImageRegistry -Replicas 3 -WhatIf
            $change.Applied | Should -BeFalse
            "$($change.Changes)" | Should -Be 'spec.replicas: 2 → 3'
            (Get-Spec).replicas | Should -Be 2
            Get-Version | Should -Be $before
        }

        It 'configures a proxy' {
            $change = Set-ImageRegistry -ProxyHttp http://proxy.company.tld:80 -ProxyHttps http://proxy.company.tld:443 -NoProxy 127.0.0.1,localhost
            $change.Converged | Should -BeTrue
            Get-Variable HTTPS_PROXY | Should -Be http://proxy.company.tld:443
            Set-ImageRegistry -ProxyHttp '' -ProxyHttps '' -NoProxy '' | Out-Null
            Get-Variable HTTPS_PROXY | Should -BeNullOrEmpty
        }

        It 'sets replicas, and takes a change back with its own patch' {
            $change = Set-ImageRegistry -Replicas 3
            $change.Converged | Should -BeTrue
            (Get-ImageRegistry).Deployment.Available | Should -Be 3
            Invoke-Kube $lab $config -Method Patch -ContentType application/json-patch+json -Body $change.RevertPatch | Out-Null
            (Get-Spec).replicas | Should -Be 2
            (Set-ImageRegistry -Replicas 2).Converged | Should -BeTrue
        }

        It 'logs in once for what it looks at and what it then changes' {
            Set-Content "$work/login" "#!/bin/sh", "echo >>'$work/logins'", "echo '{`"apiVersion`":`"client.authentication.k8s.io/v1beta1`",`"kind`":`"ExecCredential`",`"status`":{`"token`":`"$($lab.kube.adminToken)`"}}'"
            chmod +x "$work/login"
            Set-Content "$work/exec.kubeconfig" @"
current-context: exec
contexts: [{name: exec, context: {cluster: lab, user: exec}}]
clusters: [{name: lab, cluster: {server: '$($lab.kube.server)', certificate-authority: '$($lab.kube.certificateAuthority)'}}]
users: [{name: exec, user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: '$work/login'}}}]
"@
            try {
                $cluster = Connect-RegistryCluster -KubeConfig "$work/exec.kubeconfig"
                Remove-Item "$work/logins"
                (Set-ImageRegistry -Cluster $cluster -LogLevel Debug -NoWait).Applied | Should -BeTrue
                @(Get-Content "$work/logins").Count | Should -Be 1
            } finally {
                Connect-RegistryCluster -KubeConfig (Get-AdminKubeConfig $lab) | Out-Null
            }
            (Set-ImageRegistry -LogLevel Normal).Converged | Should -BeTrue
        }

        It 'gives the registry its own S3 credentials, and shows none' {
            $said = Set-ImageRegistryCredential -Backend S3 -Credential $key -Verbose *>&1 | Out-String
            $said | Should -Match REGISTRY_STORAGE_S3_SECRETKEY
            $said | Should -Not -Match ([regex]::Escape($lab.ceph.secretKey))
            (Set-ImageRegistryCredential -Backend S3 -Credential $key).Applied | Should -BeFalse
            $registry = Get-ImageRegistry
            $registry.Credentials.IsUserSecret | Should -BeTrue
            $registry | ConvertTo-Json -Depth 6 -WarningAction SilentlyContinue | Should -Not -Match ([regex]::Escape($lab.ceph.secretKey))
            (Test-ImageRegistry | Where-Object Name -eq Credentials).Status | Should -Be Passed
        }

        It 'specifies the S3 region' {
            $was = (Get-ImageRegistry).Storage.Settings['region']
            (Set-ImageRegistry -S3Region us-east-1).Converged | Should -BeTrue
            (Get-Spec).storage.s3.region | Should -Be us-east-1
            (Get-Spec).storage.s3.bucket | Should -Be $world.Container
            Set-ImageRegistry -S3Region $was | Out-Null
        }

        It 'refuses another bucket that the images are not in' {
            "$(Get-Failure { Set-ImageRegistry -S3Bucket my-registry-bucket -ErrorAction Stop })" | Should -Match "images are in $($world.Container)"
            (Set-ImageRegistry -S3Bucket $world.Container).Applied | Should -BeFalse
        }

        It 'refuses a second storage type' {
            "$(Get-Failure { Set-ImageRegistry -SwiftContainer x -ErrorAction Stop })" | Should -Match 'second storage type'
        }

        It 'limits requests, where the old patch was dropped in silence' {
            $limits = @{ spec = @{ requests = @{ read = @{ maxrunning = 10; maxinqueue = 10; maxwaitinqueue = '2m' } } } }
            Invoke-Kube $lab $config -Method Patch -ContentType application/merge-patch+json -Body $limits | Out-Null
            (Get-Spec).requests.read.maxrunning | Should -BeNullOrEmpty

            $change = Set-ImageRegistry -ReadMaxRunning 10 -ReadMaxInQueue 10 -ReadMaxWaitInQueue 00:02:00 -WriteMaxRunning 10 -WriteMaxInQueue 10 -WriteMaxWaitInQueue 120
            $change.Converged | Should -BeTrue
            (Get-Spec).requests.write.maxWaitInQueue | Should -Be 2m0s
            Get-Variable REGISTRY_OPENSHIFT_REQUESTS_READ_MAXRUNNING | Should -Be 10
            (Get-ImageRegistry).ReadLimits.MaxWaitInQueue | Should -Be ([timespan]::FromMinutes(2))
        }

        It 'makes the default route, where the old patch was refused' {
            { Invoke-Kube $lab $config -Method Patch -ContentType application/merge-patch+json -Body @{ spec = @{ defaultRoute = 'true' } } } | Should -Throw
            { Set-ImageRegistry -DefaultRoute 'true' } | Should -Throw -ErrorId 'CannotConvertArgument,*SetImageRegistryCommand' -Because 'a text is no truth value'

            (Set-ImageRegistry -DefaultRoute $true).Converged | Should -BeTrue
            $route = Get-ImageRegistryRoute default-route
            $route.Admitted | Should -BeTrue
            $route.Registry | Should -Be $world.Registry
        }

        It 'adds a custom route beside it, and takes it away' {
            (Set-ImageRegistry -Route @{ Name = 'public'; Hostname = 'registry.example.com' }).Converged | Should -BeTrue
            (Get-ImageRegistryRoute).Name | Should -Be default-route, public
            (Set-ImageRegistry -RemoveRoute public).Converged | Should -BeTrue
            "$(Get-Failure { Set-ImageRegistry -Route @{ Name = 'default-route' } -ErrorAction Stop })" | Should -Match 'operator refuses'
            "$(Get-Failure { Set-ImageRegistry -Route @{ Name = 'x'; Hots = 'y' } -ErrorAction Stop })" | Should -Match "no 'Hots'"
        }

        It 'refuses a value that the API does not know' {
            "$(Get-Failure { Set-ImageRegistry -SwiftContainer x -S3ChunkSizeMiB 6 -ErrorAction Stop })" | Should -Match 'second storage type'
            { Set-ImageRegistry -RolloutStrategy Sometimes } | Should -Throw
        }
    }

    Context 'Using the registry' {
        It 'pulls what imagestreams say was pushed, by digest' {
            $route = Get-ImageRegistryRoute default-route
            $check = Test-ImageRegistry -Registry $route.Registry -Token (Get-Secure $world.Token) -CertificateAuthority $world.CertificateAuthority | Where-Object Name -eq Pull
            "$($check.Status) $($check.Evidence)" | Should -Match '^Passed demo/app@sha256:'
        }

        It 'rewrites image references, as the removed oc adm migrate image-references did' {
            $pod = @{ metadata = @{ labels = @{ app = 'x' } }; spec = @{ restartPolicy = 'Always'; nodeSelector = @{ none = 'here' }; containers = @(@{ name = 'main'; image = 'registry.svc.ci.openshift.org/shop/app:v1' }; @{ name = 'side'; image = 'quay.io/other:1' }) } }
            Invoke-Kube $lab /api/v1/namespaces -Method Post -Body @{ metadata = @{ name = 'references' } } -ContentType application/json | Out-Null
            $deployment = @{ metadata = @{ name = 'app' }; spec = @{ selector = @{ matchLabels = @{ app = 'x' } }; template = $pod } }
            Invoke-Kube $lab /apis/apps/v1/namespaces/references/deployments -Method Post -Body $deployment -ContentType application/json | Out-Null
            $secret = @{ metadata = @{ name = 'pull' }; type = 'kubernetes.io/dockerconfigjson'; stringData = @{ '.dockerconfigjson' = '{"auths":{"registry.svc.ci.openshift.org":{"auth":"aGlkZGVu"}}}' } }
            Invoke-Kube $lab /api/v1/namespaces/references/secrets -Method Post -Body $secret -ContentType application/json | Out-Null
            $mapping = 'registry.svc.ci.openshift.org/*=docker-registry.default.svc:5000/*'

            $found = @(Update-ImageReference $mapping)
            @($found | ForEach-Object { "$($_.Kind) $($_.Namespace)/$($_.Name) $($_.To)" }) | Should -Be 'Secret references/pull docker-registry.default.svc:5000', 'Deployment references/app docker-registry.default.svc:5000/shop/app:v1'
            $found.Applied | Should -Not -Contain $true
            $found | Out-String | Should -Not -Match aGlkZGVu
            (Update-ImageReference $mapping -Apply -WhatIf).Applied | Should -Not -Contain $true
            (Invoke-Kube $lab /apis/apps/v1/namespaces/references/deployments/app).spec.template.spec.containers[0].image | Should -Be registry.svc.ci.openshift.org/shop/app:v1

            (Update-ImageReference $mapping -Apply).Applied | Should -Be $true, $true
            (Invoke-Kube $lab /apis/apps/v1/namespaces/references/deployments/app).spec.template.spec.containers.image | Should -Be docker-registry.default.svc:5000/shop/app:v1, quay.io/other:1
            Update-ImageReference $mapping | Should -BeNullOrEmpty
            "$(Get-Failure { Update-ImageReference nothing=something -ErrorAction Stop })" | Should -Match 'REGISTRY/NAME'
        }
    }

    Context 'Accounts' {
        It 'lets a viewer look, and names what is not allowed' {
            $viewer = Connect-RegistryCluster -KubeConfig (Get-KubeConfig $lab -User viewer)
            $registry = Get-ImageRegistry -Cluster $viewer
            $registry.ManagementState | Should -Be Managed
            "$(Get-Failure { Set-ImageRegistry -Cluster $viewer -Replicas 1 -ErrorAction Stop })" | Should -Match 'patch'
            Connect-RegistryCluster -KubeConfig (Get-AdminKubeConfig $lab) | Out-Null
        }
    }
}
