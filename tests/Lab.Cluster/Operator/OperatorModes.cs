using System.Globalization;

namespace RegistryMigration.Lab.Cluster;

/// <summary>The awkward ways of an operator; see tests/Lab/README.md. They combine.</summary>
[Flags]
public enum OperatorModes
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>Seconds pass before it looks at a change, and before a new pod is ready.</summary>
    Slow = 1,

    /// <summary>The image pruner failed.</summary>
    PrunerDegraded = 2,

    /// <summary>Writes defaults into the spec.</summary>
    WriteBack = 4,

    /// <summary>Restores its own copy of the spec once after each change.</summary>
    DropEdits = 8,

    /// <summary>Changes the Config's resourceVersion all the time.</summary>
    Conflict = 16,

    /// <summary>VerificationFailed.</summary>
    Degraded = 32,

    /// <summary>Pods of the registry do not become ready.</summary>
    NeverReady = 64,

    /// <summary>Does nothing at all.</summary>
    Stuck = 128,

    /// <summary>Says that the registry is read-only, and it is not.</summary>
    IgnoreReadOnly = 256,
}

/// <summary>The modes as a person writes them.</summary>
public static class OperatorModeNames
{
    /// <summary><c>slow,pruner-degraded</c>; empty is none.</summary>
    /// <exception cref="FormatException">There is no such mode.</exception>
    public static OperatorModes Parse(string text)
    {
        var modes = OperatorModes.None;
        foreach (var name in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            modes |= Enum.TryParse<OperatorModes>(name.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var mode) && !int.TryParse(name, CultureInfo.InvariantCulture, out _)
                ? mode
                : throw new FormatException($"There is no mode '{name}'. Modes: slow, pruner-degraded, write-back, drop-edits, conflict, degraded, never-ready, stuck, ignore-read-only.");
        return modes;
    }
}
