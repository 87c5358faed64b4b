namespace RegistryMigration.Model;

/// <summary>The kinds of step that every system's procedure is made of. Journals hold these names, so they never change.</summary>
public static class StepActions
{
    /// <summary>What deletes unused images is stopped.</summary>
    public const string SuspendPruner = "SuspendPruner";

    /// <summary>What deletes unused images may run again.</summary>
    public const string ResumePruner = "ResumePruner";

    /// <summary>The registry refuses writes, proven by a refused push.</summary>
    public const string BlockWrites = "BlockWrites";

    /// <summary>The registry takes writes again, proven by a push.</summary>
    public const string AllowWrites = "AllowWrites";

    /// <summary>The registry uses another storage.</summary>
    public const string SwitchBackend = "SwitchBackend";

    /// <summary>The system owns the new storage.</summary>
    public const string ConfirmBackend = "ConfirmBackend";

    /// <summary>The old volume is deleted.</summary>
    public const string RemoveVolume = "RemoveVolume";

    /// <summary>An audit, recorded.</summary>
    public const string Audit = "Audit";

    /// <summary>A proof by pulling, recorded.</summary>
    public const string Pull = "Pull";
}
