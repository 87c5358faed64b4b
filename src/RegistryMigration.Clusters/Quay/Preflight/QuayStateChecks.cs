using RegistryMigration.Model;
using static RegistryMigration.Engine.Checks.PreflightCheck;

namespace RegistryMigration.Clusters.Quay.Preflight;

/// <summary>Whether a Quay is well, and which ways to block its writes it has.</summary>
internal static class QuayStateChecks
{
    public static RegistryCheck Read(QuayRegistry quay)
    {
        const string name = "Configuration is read";
        return quay.Unread.Count == 0
            ? Passed(name, quay.ConfigurationPath ?? $"{quay}: {quay.ConfigBundle ?? "no bundle"}, rendered as {quay.RenderedConfig ?? "nothing yet"}")
            : Warning(name, "Ask for the right to read these, or take into account that checks which need them tell less.", quay.Unread);
    }

    public static RegistryCheck Version(QuayRegistry quay)
    {
        const string name = "Version";
        const string otherwise = "REGISTRY_STATE: readonly is the other way to block writes. It needs a service key, which New-QuayServiceKey makes beforehand.";
        return QuayVersion.KnowsDisablePushes(quay) is not { } knows ? Warning(name, $"Find out which version runs: DISABLE_PUSHES needs 3.13. {otherwise}", quay.Version is { } text ? $"'{text}' is no version" : "nothing says which version runs")
            : knows ? Passed(name, $"{quay.Version}: DISABLE_PUSHES blocks writes")
            : Warning(name, $"Before 3.13 there is no DISABLE_PUSHES. {otherwise}", $"{quay.Version}");
    }

    public static RegistryCheck State(QuayRegistry quay)
    {
        const string name = "Writes are allowed";
        return quay.State == QuayState.Normal
            ? Passed(name, "state is normal")
            : Warning(name, "If this migration blocked them, go on: Get-RegistryMigration. Else find out who did, and why.", quay.State == QuayState.ReadOnly ? "REGISTRY_STATE is readonly" : "DISABLE_PUSHES is on");
    }

    public static RegistryCheck Healthy(QuayRegistry quay)
    {
        const string name = "Quay is healthy";
        var unwell = new List<string>();
        unwell.AddRange(quay.Health.Where(part => !part.Value).Select(part => $"{part.Key} is not healthy, says Quay"));
        if (quay.Namespace is not null)
        {
            Expect("Available", true, isRequired: true);
            Expect("RolloutBlocked", false, isRequired: false);
            if (quay.Deployment is { IsComplete: false } deployment)
                unwell.Add($"{deployment}");
            else if (quay.Deployment is null && quay.Unread.Count == 0)
                unwell.Add("there is no deployment");
        }

        return unwell.Count > 0 ? Failed(name, "Find the cause and remove it first: a migration must begin from a registry that works.", unwell)
            : quay.Namespace is null && quay.Health.Count == 0 ? Skipped(name, "Quay was not asked, or did not answer (/health/endtoend)")
            : Passed(name, [.. quay.Deployment is { } running ? [$"{running}"] : Array.Empty<string>(), .. quay.Health.Keys.Select(part => $"{part} is healthy")]);

        void Expect(string type, bool status, bool isRequired)
        {
            if (quay.Condition(type) is { } condition)
                unwell.AddRange(condition.Status == status ? [] : [$"{condition}"]);
            else if (isRequired)
                unwell.Add($"there is no condition {type}");
        }
    }
}
