namespace RegistryMigration.Model;

/// <summary>Where the registry keeps its images, as the spec asks for it or as the status says it is.</summary>
public sealed record ImageRegistryStorage
{
    /// <summary>The storage type. <see cref="BackendKind.None"/> where none is set.</summary>
    public required BackendKind Kind { get; init; }

    /// <summary>
    /// <c>Managed</c>: the operator owns the storage, and deletes it with all images when the registry is removed. <c>Unmanaged</c>: it only uses it.
    /// Null where nothing is set; the operator then sets it.
    /// </summary>
    public string? ManagementState { get; init; }

    /// <summary>The claim, container or bucket; null where the operator is left to choose.</summary>
    public string? Location { get; init; }

    /// <summary>All settings of the storage type by the names they have in the object, as texts. Holds no secret: credentials are never in the object.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>How many storage types are set at once; more than one is a mistake that the operator refuses.</summary>
    public int TypeCount { get; init; }

    /// <summary>Kind and place.</summary>
    public override string ToString() => Location is null ? $"{Kind}" : $"{Kind} {Location}";
}
