using RegistryMigration.Model;

namespace RegistryMigration.Engine.Checks;

/// <summary>Short ways to say how a check ended.</summary>
internal static class PreflightCheck
{
    public static RegistryCheck Passed(string name, params IEnumerable<string> evidence) => Make(name, CheckStatus.Passed, evidence, null);

    public static RegistryCheck Warning(string name, string nextStep, params IEnumerable<string> evidence) => Make(name, CheckStatus.Warning, evidence, nextStep);

    public static RegistryCheck Failed(string name, string nextStep, params IEnumerable<string> evidence) => Make(name, CheckStatus.Failed, evidence, nextStep);

    public static RegistryCheck Skipped(string name, string why) => Make(name, CheckStatus.Skipped, [why], null);

    private static RegistryCheck Make(string name, CheckStatus status, IEnumerable<string> evidence, string? nextStep) =>
        new() { Name = name, Status = status, Evidence = [.. evidence], NextStep = nextStep };
}
