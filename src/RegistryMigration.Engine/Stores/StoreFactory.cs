using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Stores.FileSystem;
using RegistryMigration.Engine.Stores.S3;
using RegistryMigration.Engine.Stores.Swift;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores;

/// <summary>Connects to stores.</summary>
public static class StoreFactory
{
    /// <summary>Connects to a store and finds its layout.</summary>
    /// <param name="definition">Where it is and how to reach it.</param>
    /// <param name="context">Clock, retries, limits.</param>
    /// <param name="source">What is to be copied here: where the store is empty it gets the source's layout and, of Quay's in a whole bucket or container, its root, since both are to have the same storage_path. Null for a store that is only read.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <exception cref="StoreException">The store can't be reached, or refuses us.</exception>
    public static async Task<OpenStore> OpenAsync(RegistryStore definition, StoreContext context, OpenStore? source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(context);
        var (layout, root, found) = await LocateAsync(definition, context, source, cancellationToken);
        return new OpenStore(definition, Connect(definition, root, context), LayoutFinder.Of(layout), root, found);
    }

    /// <summary>Connects to the bare place, without looking for a layout: to make it, or to look into it.</summary>
    /// <param name="definition">Where it is and how to reach it.</param>
    /// <param name="root">What all keys start with below the address: empty, or ending in <c>/</c>.</param>
    /// <param name="context">Clock, retries, limits.</param>
    public static IStore Connect(RegistryStore definition, string root, StoreContext context)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return definition.Address.Kind switch
        {
            StoreKind.S3 => S3Store.Create(definition.Address, root, definition.S3, definition.Tls, context),
            StoreKind.Swift => SwiftStore.Create(definition.Address, root, definition.Swift, definition.Tls, context),
            _ => new FileSystemStore(definition.Address.Container, root, context),
        };
    }

    private static async Task<(LayoutKind Layout, string Root, bool Found)> LocateAsync(RegistryStore definition, StoreContext context, OpenStore? source, CancellationToken cancellationToken)
    {
        if (definition.Root is { } given)
        {
            var at = given.Trim('/') is { Length: > 0 } trimmed ? trimmed + "/" : "";
            return (definition.Layout ?? source?.Layout.Kind ?? await LayoutAtAsync(definition, at, context, cancellationToken), at, Found: true);
        }

        await using var bare = Connect(definition, "", context);
        var place = await LayoutFinder.FindAsync(bare, definition.Layout, context.Retry, cancellationToken);
        if (place is { } found)
            return (found.Kind, found.Root, Found: true);
        var layout = definition.Layout ?? source?.Layout.Kind ?? LayoutKind.Distribution;
        var root = layout == LayoutKind.Quay && source?.Layout.Kind == layout && definition.Address is { Kind: not StoreKind.FileSystem, Prefix.Length: 0 }
            ? source.Root
            : LayoutFinder.DefaultRoot(definition.Address.Kind, layout);
        return (layout, root, Found: false);
    }

    // A root that is given says where, and not what: read as the other layout, a store would look empty.
    private static async Task<LayoutKind> LayoutAtAsync(RegistryStore definition, string root, StoreContext context, CancellationToken cancellationToken)
    {
        if (root.EndsWith("docker/registry/v2/", StringComparison.Ordinal))
            return LayoutKind.Distribution;
        await using var bare = Connect(definition, "", context);
        return await LayoutFinder.HoldsAsync(bare, LayoutKind.Quay, root, context.Retry, cancellationToken) ? LayoutKind.Quay : LayoutKind.Distribution;
    }
}
