using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Diagnosis;

/// <summary>What a check found; it gets worse as things are added.</summary>
internal sealed class Finding
{
    private readonly List<string> _evidence = [];
    private CheckStatus _status = CheckStatus.Passed;
    private string? _nextStep;

    /// <summary>Something that is as it should be.</summary>
    public Finding See(string what)
    {
        _evidence.Add(what);
        return this;
    }

    /// <summary>Something that works and needs a look.</summary>
    public Finding Warn(string what, string nextStep) => Add(CheckStatus.Warning, what, nextStep);

    /// <summary>Something that is broken.</summary>
    public Finding Fail(string what, string nextStep) => Add(CheckStatus.Failed, what, nextStep);

    /// <summary>The check as an object.</summary>
    public RegistryCheck ToCheck(int order, string name) => new() { Order = order, Name = name, Status = _status, Evidence = [.. _evidence], NextStep = _nextStep };

    /// <summary>The check was not made.</summary>
    public static Finding Skip(string why) => new Finding { _status = CheckStatus.Skipped }.See(why);

    // The next step of the worst; among equals of the first.
    private Finding Add(CheckStatus status, string what, string nextStep)
    {
        _evidence.Add(what);
        if (status > _status)
            (_status, _nextStep) = (status, nextStep);
        return this;
    }
}
