using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Clusters.OpenShift.Reading;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Convergence;

/// <summary>Compares what is there with what is expected. Knows no time and no connection.</summary>
internal sealed class ConvergenceJudge(RegistryExpectation expectation)
{
    // pkg/operator/controller.go, newPermanentError: nothing but another configuration ends these.
    private static readonly string[] Permanent = ["VerificationFailed", "StorageNotConfigured"];

    private readonly List<string> _missing = [];
    private readonly List<string> _warnings = [];

    /// <summary>Judges a state.</summary>
    /// <exception cref="ClusterException">It can't come true any more: the operator refuses the configuration, or somebody changed it.</exception>
    public Verdict Judge(ConvergenceState state)
    {
        _missing.Clear();
        _warnings.Clear();
        foreach (var type in state.Unread)
            _warnings.Add($"This account may not watch {type}, so they were not waited for.");
        if (state.Find(OpenShiftTypes.Configs, ImageRegistryNames.Config) is not { } config)
            throw new ClusterException(ClusterErrorKind.NotFound, $"{OpenShiftTypes.Configs}/{ImageRegistryNames.Config} was deleted while it was waited for. The operator makes it anew with defaults: look at it with Get-ImageRegistry.");
        JudgeConfig(config);
        if (expectation.ManagementState == "Managed")
        {
            JudgeDeployment(state.Find(ResourceTypes.Deployments, ImageRegistryNames.Deployment));
            JudgeRoutes(state);
        }
        else if (expectation.ManagementState == "Removed" && state.Find(ResourceTypes.Deployments, ImageRegistryNames.Deployment) is not null)
        {
            _missing.Add("the deployment is still there");
        }

        JudgeOperator(state, ConditionReader.Read(config));
        return new Verdict(config, [.. _missing], [.. _warnings]);
    }

    private void JudgeConfig(Resource config)
    {
        RefuseOtherSpec(config);
        var observed = config.Number("status", "observedGeneration") ?? 0;
        // Conditions of an older generation say nothing about this one.
        if (observed < expectation.Generation)
        {
            _missing.Add($"the operator has not seen the change yet (generation {observed} of {expectation.Generation})");
            return;
        }

        var conditions = ConditionReader.Read(config);
        var degraded = conditions.FirstOrDefault(condition => condition.Type == "Degraded");
        if (degraded is { Status: true } && Permanent.Contains(degraded.Reason, StringComparer.Ordinal))
        {
            throw new ClusterException(ClusterErrorKind.Invalid, $"The operator refuses the configuration: {degraded}. Waiting would not help; correct it with Set-ImageRegistry.")
            { Reason = degraded.Reason, Target = $"{OpenShiftTypes.Configs}/{ImageRegistryNames.Config}" };
        }

        // Without replicas the registry is never available, and degraded after five minutes; that is what was asked for.
        if (expectation.Replicas != 0)
        {
            Require(conditions, "Available", true);
            Require(conditions, "Degraded", false);
        }

        Require(conditions, "Progressing", false);
        if (expectation.ManagementState != "Managed" || expectation.Storage is not { } storage)
            return;
        if (storage.Kind is not (BackendKind.EmptyDir or BackendKind.None))
            Require(conditions, "StorageExists", true);
        JudgeStorage(storage, StorageReader.Read(config.Section("status", "storage")));
    }

    private void JudgeStorage(ImageRegistryStorage asked, ImageRegistryStorage observed)
    {
        if (asked.Kind != observed.Kind)
        {
            _missing.Add($"the operator still uses {observed} instead of {asked}");
            return;
        }

        foreach (var (name, value) in asked.Settings)
        {
            // An empty setting leaves the choice to the operator.
            if (value.Length > 0 && observed.Settings.GetValueOrDefault(name) != value)
                _missing.Add($"the operator still uses {name} {observed.Settings.GetValueOrDefault(name) ?? "(none)"} instead of {value}");
        }
    }

    private void JudgeDeployment(Resource? resource)
    {
        if (DeploymentReader.Read(resource) is not { } deployment)
        {
            _missing.Add($"there is no deployment {ImageRegistryNames.Deployment} yet");
            return;
        }

        var name = ImageRegistryNames.Deployment;
        if (expectation.Replicas is { } replicas && deployment.Replicas != replicas)
            _missing.Add($"deployment {name} asks for {deployment.Replicas} replicas instead of {replicas}");
        if (expectation.RolloutStrategy is { } strategy && deployment.Strategy != strategy)
            _missing.Add($"deployment {name} has the strategy {deployment.Strategy} instead of {strategy}");
        if (expectation.ReadOnly is { } readOnly && deployment.ReadOnly != readOnly)
            _missing.Add($"deployment {name} still {(readOnly ? "takes" : "refuses")} writes");
        if (expectation.Storage is { } storage)
        {
            var driver = Backends.DriverOf(storage.Kind);
            if (deployment.StorageDriver != driver)
                _missing.Add($"deployment {name} has {ImageRegistryNames.StorageVariable}={deployment.StorageDriver ?? "(none)"} instead of {driver}");
            else if (storage.Location is { } location && deployment.StorageLocation is { } used && used != location)
                _missing.Add($"deployment {name} still uses {used} instead of {location}");
        }

        foreach (var (variable, value) in expectation.Environment)
        {
            if (PodTemplate.Variable(resource!, variable) is var there && there != value)
                _missing.Add($"deployment {name} has {variable}={there ?? "(none)"} instead of {value ?? "(none)"}");
        }

        foreach (var (label, value) in expectation.NodeSelector)
        {
            if (resource!.Text("spec", "template", "spec", "nodeSelector", label) != value)
                _missing.Add($"deployment {name} does not ask for nodes with {label}={value} yet");
        }

        if (!deployment.IsComplete)
            _missing.Add(deployment.ObservedGeneration < deployment.Generation ? $"deployment {name} has not started to roll out" : $"deployment {name} rolls out: {deployment.Updated} of {deployment.Replicas} pods are new, {deployment.Available} available, {deployment.Current} in all");
    }

    private void JudgeRoutes(ConvergenceState state)
    {
        if (state.Unread.Contains(OpenShiftTypes.Routes))
            return;
        foreach (var route in expectation.Routes.Where(route => state.Find(OpenShiftTypes.Routes, route) is null))
            _missing.Add($"there is no route {route} yet");
    }

    private void JudgeOperator(ConvergenceState state, IReadOnlyList<RegistryCondition> own)
    {
        if (state.Unread.Contains(OpenShiftTypes.ClusterOperators))
            return;
        if (state.Find(OpenShiftTypes.ClusterOperators, ImageRegistryNames.ClusterOperator) is not { } clusterOperator)
        {
            _missing.Add($"there is no clusteroperator {ImageRegistryNames.ClusterOperator}");
            return;
        }

        foreach (var condition in ConditionReader.Read(clusterOperator))
        {
            if (OperatorUnion.Judge(condition, own) is not { } fault)
                continue;
            if (fault.IsForeign)
                _warnings.Add($"clusteroperator {ImageRegistryNames.ClusterOperator}: {condition}. It comes from {fault.Origin} and says nothing about the registry's storage, so it was not waited for.");
            else if (expectation.Replicas != 0 || condition.Type == "Progressing")
                _missing.Add($"clusteroperator {ImageRegistryNames.ClusterOperator}: {condition}");
        }
    }

    private void Require(IReadOnlyList<RegistryCondition> conditions, string type, bool status)
    {
        var condition = conditions.FirstOrDefault(condition => condition.Type == type);
        if (condition?.Status != status)
            _missing.Add(condition is null ? $"the operator does not say {type}={status} yet" : $"the operator says {condition}");
    }

    // "Here be dragons": the operator writes the whole spec back and can take a change away with it. Others can, too.
    private void RefuseOtherSpec(Resource config)
    {
        if (config.Generation < expectation.Generation)
            return;
        // What was removed may come back as a default.
        foreach (var field in expectation.Fields.Where(field => field.Value is not null))
        {
            if (field.MissingIn(config.Json) is not { } changed)
                continue;
            throw new ClusterException(
                ClusterErrorKind.Conflict,
                $"{changed} of {OpenShiftTypes.Configs}/{ImageRegistryNames.Config} is not what it was set to any more: somebody, or the operator itself, changed it back while it was waited for. Look at it with Get-ImageRegistry, then run the same command again.")
            { Target = $"{OpenShiftTypes.Configs}/{ImageRegistryNames.Config}" };
        }
    }
}

/// <summary>What a state lacks.</summary>
internal sealed record Verdict(Resource Config, IReadOnlyList<string> Missing, IReadOnlyList<string> Warnings);
