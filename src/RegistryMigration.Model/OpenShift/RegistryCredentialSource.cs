namespace RegistryMigration.Model;

/// <summary>Where the registry's operator takes the storage credentials from. Names only, no values.</summary>
public sealed record RegistryCredentialSource
{
    /// <summary>The secret that the operator uses now; null where there is none (or none is needed).</summary>
    public string? Secret { get; init; }

    /// <summary>Whether it is the administrator's own secret, which wins over what the cloud credential operator made.</summary>
    public bool IsUserSecret { get; init; }

    /// <summary>The keys in it.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>The storage types that the keys are for.</summary>
    public IReadOnlyList<BackendKind> Backends { get; init; } = [];

    /// <summary>Whether the secrets could be read at all; false says nothing about what is there.</summary>
    public bool IsKnown { get; init; } = true;

    /// <summary>The secret and its keys.</summary>
    public override string ToString() => !IsKnown ? "not readable by this account" : Secret is null ? "none" : $"{Secret} ({string.Join(", ", Keys)})";
}
