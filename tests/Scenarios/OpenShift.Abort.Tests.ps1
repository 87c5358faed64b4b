# Aborts the move of OpenShift's registry at every point, kills it and its undo at every boundary of a step, and goes back after images were
# pushed to the new storage: afterwards everything is as it was recorded, and every image is served.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support/Cluster.psm1" -Force
    $obstacle = Get-ClusterLabObstacle
    if ($obstacle) { Write-Warning "OpenShift scenario skipped: $obstacle." }
    # Where the runbook is killed: behind the record that a step has started, in the middle of it (the configuration is changed, the registry
    # not yet rolled out), and behind the record that it is done. In the order in which they come.
    $moments = @(
        @{ Record = 'SuspendPruner Started' }
        @{ Record = 'SuspendPruner Done' }
        @{ Record = 'BlockWrites Started' }
        @{ Record = 'BlockWrites Started'; Then = ', configuration changed'; When = { param($spec) $spec.readOnly } }
        @{ Record = 'BlockWrites Done' }
        @{ Record = 'SwitchBackend Started' }
        @{ Record = 'SwitchBackend Started'; Then = ', configuration changed'; When = { param($spec) $spec.storage.swift } }
        @{ Record = 'SwitchBackend Done' }
        @{ Record = 'AllowWrites Started' }
        @{ Record = 'AllowWrites Started'; Then = ', configuration changed'; When = { param($spec) -not $spec.readOnly } }
        @{ Record = 'AllowWrites Done'; Push = $true }
        @{ Record = 'ResumePruner Started' }
    )
    # The same of its undo, after a push: writes are blocked, the image is copied back, and the steps are undone, the last one first.
    $backMoments = @(
        @{ Record = 'BlockWrites Started'; When = { param($spec) $spec.readOnly } }
        @{ Record = 'BlockWrites Done'; When = { Test-Copied $place.Images[-1] } }
        @{ Record = 'pass Reverse' }
        @{ Record = 'BlockWrites Undone' }
        @{ Record = 'ResumePruner Undone' }
        @{ Record = 'AllowWrites Started' }
        @{ Record = 'AllowWrites Undone' }
        @{ Record = 'SwitchBackend Started'; When = { param($spec) $spec.storage.pvc } }
        @{ Record = 'SwitchBackend Undone' }
        @{ Record = 'BlockWrites Started'; When = { param($spec) -not $spec.readOnly } }
        @{ Record = 'BlockWrites Undone' }
        @{ Record = 'SuspendPruner Started' }
    )
}

Describe 'Going back' -Skip:([bool] $obstacle) {
    BeforeAll {
        Import-Module "$PSScriptRoot/Support/Lab.psm1", "$PSScriptRoot/Support/Cluster.psm1", "$PSScriptRoot/Support/SampleImages.psm1", "$PSScriptRoot/Support/OpenShift.psm1" -Force
        Import-Module (Get-ModuleManifest) -Force
        $work = [IO.Directory]::CreateTempSubdirectory('openshift-abort-').FullName
        $place = New-MovePlace $work
        $cluster = Connect-RegistryCluster -KubeConfig $place.KubeConfig
        $registry = Get-MoveRegistry $place
        $source = $place.World.ClaimDirectory
        $step = @{ Confirm = $false; JournalPath = $place.Journals; WarningAction = 'SilentlyContinue' }
        $first = Get-ConfigSpec $place
        $firstPruner = Get-PrunerSpec $place
        $config = '/apis/imageregistry.operator.openshift.io/v1/configs/cluster'
        function Get-Generation { (Invoke-Kube $place.Lab $config).metadata.generation }
        function Get-Move([string] $Name) { Get-RegistryMigration $Name -JournalPath $place.Journals -Namespace openshift-image-registry }
        # Whether something of an image is on the volume.
        function Test-Copied($Image) {
            [bool] ($Image.Stored | Where-Object { Test-Path "$source/docker/registry/v2/blobs/sha256/$($_.Hex.Substring(0, 2))/$($_.Hex)/data" })
        }
        # Kills an undo by the runbook at a moment.
        function Stop-Back([string] $Name, $Store, $Moment) {
            $journal = "$($place.Journals)/$Name.jsonl"
            $written = @(Get-JournalKey $journal).Count
            $process = Start-Runbook $place $Store "-Name $Name -Undo"
            $killed = Stop-RunbookAt $place $process $journal $Moment.Record $Moment.When $written
            $killed | Should -BeTrue -Because "the undo gets to $($Moment.Record) $($Moment.When): $((Get-Content $process.Output, $process.Errors -Raw) -join "`n")"
        }
        # Runs the procedure by hand up to a step.
        function Invoke-Until([string] $Name, $Store, [string] $Last) {
            $null = New-RegistryMigration $Name -System OpenShift -Namespace openshift-image-registry -Destination $Store -Source $source -JournalPath $place.Journals
            $null = $Store | Initialize-RegistryStore
            $steps = [ordered]@{
                suspend = { Suspend-RegistryPruner (Get-Move $Name) @step }
                live    = { Sync-RegistryBlobs $source $Store -Migration (Get-Move $Name) }
                block   = { Set-RegistryReadOnly (Get-Move $Name) @registry @step }
                final   = { 1..2 | ForEach-Object { Sync-RegistryBlobs $source $Store -Migration (Get-Move $Name) -PassKind Final } }
                audit   = { Test-RegistryStore $Store -Migration (Get-Move $Name) }
                switch  = { Switch-RegistryBackend (Get-Move $Name) $Store @step }
                pull    = { Get-RegistryImage -Sample 2 | Test-RegistryPull @registry -Migration (Get-Move $Name) }
                allow   = { Set-RegistryReadOnly (Get-Move $Name) @registry -Off @step }
                resume  = { Resume-RegistryPruner (Get-Move $Name) @step }
            }
            foreach ($key in $steps.Keys) {
                $null = & $steps[$key]
                if ($key -eq $Last) { break }
            }
        }
    }

    AfterAll {
        if ($place) { Stop-ClusterLab $place.Lab }
        if ($work) { Remove-Item $work -Recurse -Force }
    }

    AfterEach {
        # The next one begins where this one did.
        Get-ConfigSpec $place | Should -Be $first
    }

    It 'restores what was there after <_>' -ForEach suspend, block, audit, switch, pull {
        $store = New-MoveStore $place
        Invoke-Until "abort-$_" $store $_
        $undone = Undo-RegistryMigration (Get-Move "abort-$_") @step
        $undone.State | Should -Not -Contain Failed
        Get-ConfigSpec $place | Should -Be $first
        Get-PrunerSpec $place | Should -Be $firstPruner
        (Get-Move "abort-$_").State | Should -Be Undone
        Get-MissingImage $place | Should -BeNullOrEmpty
        Push-MoveImage $place demo/after $_ (New-Image (New-Layer 21 2000))
    }

    It 'shows what an undo would do, and does nothing' {
        $store = New-MoveStore $place
        Invoke-Until look $store block
        $before = Get-ConfigSpec $place
        Undo-RegistryMigration (Get-Move look) -JournalPath $place.Journals -WhatIf
        Get-ConfigSpec $place | Should -Be $before
        $null = Undo-RegistryMigration (Get-Move look) @step
    }

    It 'undoes a switch to a storage that does not work' {
        $store = New-MoveStore $place
        Invoke-Until broken $store audit
        Set-OperatorMode $place.Lab never-ready
        { Switch-RegistryBackend (Get-Move broken) $store @step -Timeout 10 -ErrorAction Stop } | Should -Throw -ErrorId 'ClusterTimedOut,*'
        Set-OperatorMode $place.Lab
        $null = Undo-RegistryMigration (Get-Move broken) @step
        Get-MissingImage $place | Should -BeNullOrEmpty
    }

    It 'blocks and switches with an operator that is slow, writes defaults and drops edits, and goes back with it' {
        $store = New-MoveStore $place
        # It drops the first edit after these modes are set: what was changed, dropped and changed again is three generations on.
        Set-OperatorMode $place.Lab write-back, drop-edits
        $before = Get-Generation
        Invoke-Until awkward $store audit
        Get-Generation | Should -BeGreaterThan ($before + 2)
        Set-OperatorMode $place.Lab slow
        Set-OperatorMode $place.Lab slow, write-back, drop-edits
        $before = Get-Generation
        (Switch-RegistryBackend (Get-Move awkward) $store @step).State | Should -Be Done
        Get-Generation | Should -BeGreaterThan ($before + 2)
        (Get-ConfigSpec $place | ConvertFrom-Json).storage.swift.container | Should -Be $store.Address.Container
        { Push-WorldImage $place.World demo/refused 1 (New-Image (New-Layer 22 100)) } | Should -Throw
        Get-MissingImage $place | Should -BeNullOrEmpty
        Set-OperatorMode $place.Lab
        Set-OperatorMode $place.Lab write-back, drop-edits
        $undone = Undo-RegistryMigration (Get-Move awkward) @step
        $undone.State | Select-Object -Unique | Should -Be Undone
        Set-OperatorMode $place.Lab
        # What the operator wrote is its own, and stays.
        $null = Invoke-Kube $place.Lab $config -Method Patch -ContentType application/merge-patch+json -Body @{ spec = @{ observedConfig = $null } }
        Get-ConfigSpec $place | Should -Be $first
        Get-MissingImage $place | Should -BeNullOrEmpty
    }

    It 'says that writes are not blocked with an operator that does not do it, and undoes that' {
        $null = New-RegistryMigration open -System OpenShift -Namespace openshift-image-registry -Source $source -JournalPath $place.Journals
        # The last two take the registry away until the undo.
        foreach ($mode in 'ignore-read-only', 'never-ready', 'stuck') {
            Set-OperatorMode $place.Lab $mode
            { Set-RegistryReadOnly (Get-Move open) @registry @step -Timeout 3 -ErrorAction Stop } | Should -Throw -ErrorId 'ClusterTimedOut,*' -Because $mode
            (Get-Move open).Steps[-1].State | Should -Be Failed -Because $mode
        }
        Set-OperatorMode $place.Lab
        (Undo-RegistryMigration (Get-Move open) @step).State | Should -Be Undone
        Push-MoveImage $place demo/after open (New-Image (New-Layer 23 2000))
        Get-MissingImage $place | Should -BeNullOrEmpty
    }

    It 'copies back what was pushed since, before it goes back' {
        $store = New-MoveStore $place
        Invoke-Until back $store resume
        Push-MoveImage $place shop/since 1 (New-Image (New-Layer 31 6000))
        { Undo-RegistryMigration (Get-Move back) @step -ErrorAction Stop } | Should -Throw '*lose*'
        $null = Set-RegistryReadOnly (Get-Move back) @registry @step
        (Sync-RegistryBlobs $store $source -Migration (Get-Move back) -PassKind Reverse).Copied | Should -BeGreaterThan 0
        (Get-Move back).IsUndoLossless | Should -BeTrue
        $undone = Undo-RegistryMigration (Get-Move back) @step
        $undone | Where-Object Forced | Should -BeNullOrEmpty
        Get-PrunerSpec $place | Should -Be $firstPruner
        Get-MissingImage $place | Should -BeNullOrEmpty
        Push-MoveImage $place shop/since 2 (New-Image (New-Layer 32 6000))
    }

    Context 'with the runbook' {
        It 'moves, goes forward again after a kill on the way back, and goes back after pushes' {
            $store = New-MoveStore $place
            $run = Start-Runbook $place $store '-Name book' -Wait
            $run.ExitCode | Should -Be 0 -Because $run.Text
            $run.Text | Should -Match 'Done\. The old volume stays'
            (Get-ConfigSpec $place | ConvertFrom-Json).storage.swift.container | Should -Be $store.Address.Container
            Push-MoveImage $place shop/book 1 (New-Image (New-Layer 41 6000))
            Get-MissingImage $place | Should -BeNullOrEmpty
            $again = Start-Runbook $place $store '-Name book' -Wait
            $again.ExitCode | Should -Be 0 -Because $again.Text
            $turns = @(
                @{ Record = 'BlockWrites Done'; When = { Test-Copied $place.Images[-1] } }
                @{ Record = 'SwitchBackend Started'; When = { param($spec) $spec.storage.pvc } }
            )
            foreach ($turn in $turns) {
                Stop-Back book $store $turn
                $again = Start-Runbook $place $store '-Name book' -Wait
                $again.ExitCode | Should -Be 0 -Because $again.Text
                (Get-ConfigSpec $place | ConvertFrom-Json).storage.swift.container | Should -Be $store.Address.Container
                Get-PrunerSpec $place | Should -Be $firstPruner
                Push-MoveImage $place shop/book "behind-$($turn.Record -replace ' ')" (New-Image (New-Layer $turn.Record.Length 6000))
                Get-MissingImage $place | Should -BeNullOrEmpty
            }
            $undo = Start-Runbook $place $store '-Name book -Undo' -Wait
            $undo.ExitCode | Should -Be 0 -Because $undo.Text
            $undo.Text | Should -Match 'Copy back'
            Get-PrunerSpec $place | Should -Be $firstPruner
            Get-MissingImage $place | Should -BeNullOrEmpty
        }

        It 'tells what it would do, and does nothing' {
            $store = New-MoveStore $place
            $run = Start-Runbook $place $store '-Name nothing -WhatIf' -Wait
            $run.ExitCode | Should -Be 0 -Because $run.Text
            $run.Text | Should -Match 'What if'
            Test-Path "$($place.Journals)/nothing.jsonl" | Should -BeFalse
        }

        It 'goes on, and back, after being killed in and behind every step there and back' -ForEach @{ Moments = $moments; BackMoments = $backMoments } {
            $store = New-MoveStore $place
            $journal = "$($place.Journals)/killed.jsonl"
            foreach ($moment in $Moments + @{ Record = 'ResumePruner Done' }) {
                $written = @(Get-JournalKey $journal).Count
                $process = Start-Runbook $place $store '-Name killed'
                $killed = Stop-RunbookAt $place $process $journal $moment.Record $moment.When $written
                $killed | Should -BeTrue -Because "it gets to $($moment.Record)$($moment.Then): $((Get-Content $process.Output, $process.Errors -Raw) -join "`n")"
            }
            $run = Start-Runbook $place $store '-Name killed' -Wait
            $run.ExitCode | Should -Be 0 -Because $run.Text
            Get-MissingImage $place | Should -BeNullOrEmpty
            (Get-ConfigSpec $place | ConvertFrom-Json).storage.swift.container | Should -Be $store.Address.Container
            Get-PrunerSpec $place | Should -Be $firstPruner
            (Get-Move killed).Steps.State | Select-Object -Unique | Should -Be Done

            Push-MoveImage $place shop/killed 1 (New-Image (61..72 | ForEach-Object { New-Layer $_ 300KB }))
            foreach ($moment in $BackMoments) { Stop-Back killed $store $moment }
            $undo = Start-Runbook $place $store '-Name killed -Undo' -Wait
            $undo.ExitCode | Should -Be 0 -Because $undo.Text
            (Get-Move killed).State | Should -Be Undone
            Get-PrunerSpec $place | Should -Be $firstPruner
            Get-MissingImage $place | Should -BeNullOrEmpty
            Push-MoveImage $place shop/killed 2 (New-Image (New-Layer 73 6000))
            $undo = Start-Runbook $place $store '-Name killed -Undo' -Wait
            $undo.Text | Should -Match 'no migration ''killed'' under way'
        }

        It 'is undone after being killed behind <Record><Then>' -ForEach $moments {
            $store = New-MoveStore $place
            $name = "cut-$([guid]::NewGuid().ToString('n').Substring(0, 8))"
            $process = Start-Runbook $place $store "-Name $name"
            $killed = Stop-RunbookAt $place $process "$($place.Journals)/$name.jsonl" $Record $When
            $killed | Should -BeTrue -Because ((Get-Content $process.Output, $process.Errors -Raw) -join "`n")
            # What the new storage took meanwhile must not be lost.
            if ($Push) { Push-MoveImage $place shop/meanwhile $name (New-Image (New-Layer 51 6000)) }
            $undo = Start-Runbook $place $store "-Name $name -Undo" -Wait
            $undo.ExitCode | Should -Be 0 -Because $undo.Text
            Get-ConfigSpec $place | Should -Be $first
            Get-PrunerSpec $place | Should -Be $firstPruner
            (Get-Move $name).State | Should -Be Undone
            Get-MissingImage $place | Should -BeNullOrEmpty
        }
    }
}
