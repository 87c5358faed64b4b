using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Layouts;

/// <summary>Finds the layout in a store, and its root, by looking where registries put it.</summary>
internal static class LayoutFinder
{
    // Where drivers put the layout below what they are given: the directory and S3 drivers, the Swift driver, the v2 directory itself,
    // an OpenShift or Harbor volume mounted one level up, and Quay's storage_path with and without its usual value.
    private static readonly (LayoutKind Kind, string Root)[] Places =
    [
        (LayoutKind.Distribution, "docker/registry/v2/"),
        (LayoutKind.Distribution, "files/docker/registry/v2/"),
        (LayoutKind.Distribution, ""),
        (LayoutKind.Distribution, "registry/docker/registry/v2/"),
        (LayoutKind.Quay, ""),
        (LayoutKind.Quay, "datastorage/registry/"),
    ];

    /// <summary>The first place that holds a layout, or null where the store holds none.</summary>
    /// <param name="store">The store, opened at its address without a root.</param>
    /// <param name="wanted">Look for this layout only.</param>
    /// <param name="retry">How each look is repeated.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public static async Task<(LayoutKind Kind, string Root)?> FindAsync(IStore store, LayoutKind? wanted, RetryPolicy retry, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(retry);
        foreach (var (kind, root) in Places)
        {
            if ((wanted ?? kind) == kind && await HoldsAsync(store, kind, root, retry, cancellationToken))
                return (kind, root);
        }

        return null;
    }

    /// <summary>Where a registry with this kind of storage would look in an empty store.</summary>
    public static string DefaultRoot(StoreKind store, LayoutKind layout) => (store, layout) switch
    {
        (_, LayoutKind.Quay) => "",
        (StoreKind.Swift, _) => "files/docker/registry/v2/",
        _ => "docker/registry/v2/",
    };

    /// <summary>The layout of a kind.</summary>
    public static ILayout Of(LayoutKind kind) => kind == LayoutKind.Quay ? QuayLayout.Instance : DistributionLayout.Instance;

    /// <summary>Whether a place holds a layout.</summary>
    /// <param name="store">The store, opened at its address without a root.</param>
    /// <param name="kind">The layout.</param>
    /// <param name="root">The place: empty, or ending in <c>/</c>.</param>
    /// <param name="retry">How the look is repeated.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public static async Task<bool> HoldsAsync(IStore store, LayoutKind kind, string root, RetryPolicy retry, CancellationToken cancellationToken) =>
        await retry.ExecuteAsync(store.Traffic, async token => await HoldsAsync(store, kind, root, token), cancellationToken);

    private static async Task<bool> HoldsAsync(IStore store, LayoutKind kind, string root, CancellationToken cancellationToken)
    {
        var below = await store.ListPrefixesAsync(root, cancellationToken);
        return kind == LayoutKind.Quay
            ? below.Contains(root + "sha256/")
            : below.Contains(root + "blobs/") || below.Contains(root + "repositories/");
    }
}
