using System.Runtime.CompilerServices;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;
using RegistryMigration.Stores;

namespace RegistryMigration.Completion;

/// <summary>Lists names of a store for completion.</summary>
internal static class StoreNames
{
    // There is no time for a second attempt.
    private static readonly RetryOptions Once = new() { Attempts = 1 };

    /// <summary>The repositories of a store.</summary>
    public static IReadOnlyList<string> Repositories(RegistryStore store, TimeProvider time) => Get(store, "repositories", RepositoriesAsync, time);

    /// <summary>The tags of a repository.</summary>
    public static IReadOnlyList<string> Tags(RegistryStore store, string repository, TimeProvider time) =>
        Get(store, $"tags of {repository}", (given, token) => TagsAsync(given, repository, token), time);

    private static IReadOnlyList<string> Get(RegistryStore store, string what, Func<RegistryStore, CancellationToken, IAsyncEnumerable<string>> list, TimeProvider time) => TimedNames.Get(
        string.Join('\n', what, store, store.S3.Endpoint, store.S3.Profile, store.S3.AccessKey, store.S3.RoleArn, store.Swift.Cloud, store.Swift.AuthUrl, store.Swift.UserName, store.Swift.ProjectName, store.Root),
        token => list(store, token),
        time);

    private static async IAsyncEnumerable<string> RepositoriesAsync(RegistryStore store, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var open = await StoreOpening.OpenAsync(store, StoreContext.Create(TimeProvider.System, Once, TimedNames.Patience), cancellationToken);
        using var catalog = new RegistryCatalog(open, Once, TimeProvider.System);
        await foreach (var repository in catalog.RepositoriesAsync([], cancellationToken))
            yield return repository.Name;
    }

    private static async IAsyncEnumerable<string> TagsAsync(RegistryStore store, string repository, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var open = await StoreOpening.OpenAsync(store, StoreContext.Create(TimeProvider.System, Once, TimedNames.Patience), cancellationToken);
        using var catalog = new RegistryCatalog(open, Once, TimeProvider.System);
        await foreach (var tag in catalog.TagsAsync(repository, cancellationToken))
            yield return tag.Name;
    }
}
