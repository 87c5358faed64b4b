namespace RegistryMigration.Clusters.OpenShift.References;

/// <summary>A place in an object that names an image.</summary>
/// <param name="Path">The names and indexes that lead there.</param>
/// <param name="Value">What is there.</param>
/// <param name="IsStatus">Whether it is written through the status subresource.</param>
/// <param name="Fixed">Why it can't be changed; null where it can.</param>
internal sealed record ReferencePlace(IReadOnlyList<string> Path, string Value, bool IsStatus = false, string? Fixed = null)
{
    /// <summary><c>spec.template.spec.containers[0].image</c>.</summary>
    public string Text => string.Concat(Path.Select((part, place) => char.IsAsciiDigit(part[0]) ? $"[{part}]" : place == 0 ? part : $".{part}"));
}
