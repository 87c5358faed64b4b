namespace RegistryMigration.Model;

/// <summary>What Quay says of its own parts (<c>/health/endtoend</c>): one process asked them, storage and database included.</summary>
/// <param name="StatusCode">200, or 503 where a part is not well.</param>
/// <param name="Services">Parts and whether each is well.</param>
public sealed record QuayHealthResult(int StatusCode, IReadOnlyDictionary<string, bool> Services)
{
    /// <summary>Whether all parts are well.</summary>
    public bool IsHealthy => StatusCode == 200 && Services.Values.All(well => well);

    /// <summary>The parts that are not well, or the status.</summary>
    public override string ToString() => IsHealthy ? "all parts are well" : Services.Where(part => !part.Value).Select(part => part.Key).ToList() is { Count: > 0 } parts ? $"not well: {string.Join(", ", parts)}" : $"answered {StatusCode}";
}
