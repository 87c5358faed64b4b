namespace RegistryMigration.Model;

/// <summary>A repository of a store. Pipes on: its properties are the parameters of what takes a repository.</summary>
/// <param name="Store">The store.</param>
/// <param name="Repository">The repository's name.</param>
public sealed record RegistryRepository(RegistryStore Store, string Repository);

/// <summary>A tag of a repository of a store. Pipes on: its properties are the parameters of what takes an image.</summary>
/// <param name="Store">The store.</param>
/// <param name="Repository">The repository's name.</param>
/// <param name="Tag">The tag's name.</param>
public sealed record RegistryTag(RegistryStore Store, string Repository, string Tag);
