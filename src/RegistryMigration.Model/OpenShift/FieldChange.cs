namespace RegistryMigration.Model;

/// <summary>One field that differs.</summary>
/// <param name="Path">The field: <c>spec.replicas</c>.</param>
/// <param name="From">What is there, as JSON; null where nothing is.</param>
/// <param name="To">What is to be there, as JSON; null where nothing is.</param>
public sealed record FieldChange(string Path, string? From, string? To)
{
    /// <summary><c>spec.replicas: 1 → 2</c>.</summary>
    public override string ToString() => $"{Path}: {From ?? "(none)"} → {To ?? "(none)"}";
}
