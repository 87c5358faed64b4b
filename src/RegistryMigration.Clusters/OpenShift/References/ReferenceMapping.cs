namespace RegistryMigration.Clusters.OpenShift.References;

/// <summary>
/// What becomes of images of a registry and name: <c>FROM-REGISTRY/NAME=TO-REGISTRY/NAME</c>, where each of the four may be <c>*</c> (any; unchanged).
/// </summary>
/// <remarks>The rules are those of <c>oc adm migrate image-references</c>, which oc had until 4.10. NAME is the whole path below the registry, without tag and digest.</remarks>
/// <param name="FromRegistry">The registry to change; null is any. <c>docker.io</c> stands for references that name none.</param>
/// <param name="FromName">The repository to change; null is any.</param>
/// <param name="ToRegistry">The registry it becomes; null leaves it.</param>
/// <param name="ToName">The repository it becomes; null leaves it.</param>
public sealed record ReferenceMapping(string? FromRegistry, string? FromName, string? ToRegistry, string? ToName)
{
    /// <summary>Reads a mapping.</summary>
    /// <exception cref="FormatException">The text is none, or would change nothing.</exception>
    public static ReferenceMapping Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var sides = text.Split('=', 2);
        if (sides.Length < 2)
            throw new FormatException($"'{text}' is no mapping. Expected REGISTRY/NAME=REGISTRY/NAME, where each part may be '*'.");
        var (fromRegistry, fromName) = Side(sides[0], "source");
        var (toRegistry, toName) = Side(sides[1], "target");
        if (toRegistry is null && toName is null)
            throw new FormatException($"'{text}' changes nothing: '{sides[1]}' is not a valid target. Name a registry or a repository there.");
        if (fromRegistry == toRegistry && fromName == toName)
            throw new FormatException($"'{text}' changes nothing: both sides are the same.");
        return new ReferenceMapping(fromRegistry, fromName, toRegistry, toName);
    }

    /// <summary>Whether images of a registry and name are meant.</summary>
    public bool Matches(string registry, string name) => (FromRegistry is null || FromRegistry == registry) && (FromName is null || FromName == name);

    /// <summary>As it is typed.</summary>
    public override string ToString() => $"{FromRegistry ?? "*"}/{FromName ?? "*"}={ToRegistry ?? "*"}/{ToName ?? "*"}";

    private static (string? Registry, string? Name) Side(string text, string side)
    {
        var parts = text.Split('/', 2);
        if (parts.Length < 2 || parts[0].Length == 0 || parts[1].Length == 0)
            throw new FormatException($"'{text}' is not a valid {side}. Expected REGISTRY/NAME, where each part may be '*'.");
        return (parts[0] == "*" ? null : parts[0], parts[1] == "*" ? null : parts[1]);
    }
}
