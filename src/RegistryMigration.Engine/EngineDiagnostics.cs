using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace RegistryMigration.Engine;

/// <summary>The engine's meter and activity source, for whoever listens.</summary>
public static class EngineDiagnostics
{
    /// <summary>The name of both.</summary>
    public const string Name = "RegistryMigration";

    /// <summary>All counters of the engine.</summary>
    public static readonly Meter Meter = new(Name);

    /// <summary>Spans: a pass, its phases, and copies of large objects.</summary>
    public static readonly ActivitySource Activities = new(Name);
}
