namespace RegistryMigration.Model;

/// <summary>One place where an image is named and another registry would be.</summary>
public sealed record ImageReferenceChange
{
    /// <summary>The object's kind.</summary>
    public required string Kind { get; init; }

    /// <summary>Its namespace; null for cluster-wide objects.</summary>
    public string? Namespace { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Where in the object: <c>spec.template.spec.containers[0].image</c>.</summary>
    public required string Path { get; init; }

    /// <summary>What is there. For secrets the registry's name only.</summary>
    public required string From { get; init; }

    /// <summary>What is to be there.</summary>
    public required string To { get; init; }

    /// <summary>Whether it was changed.</summary>
    public bool Applied { get; init; }

    /// <summary>Why it was not, or can't be, changed; null where it was, or could be.</summary>
    public string? Reason { get; init; }
}
