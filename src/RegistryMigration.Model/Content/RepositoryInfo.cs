namespace RegistryMigration.Model;

/// <summary>A repository in a store.</summary>
/// <param name="Store">The store.</param>
/// <param name="Name">Its name.</param>
/// <param name="TagCount">How many tags it has.</param>
public sealed record RepositoryInfo(RegistryStore Store, string Name, int TagCount)
{
    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
