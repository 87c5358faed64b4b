using RegistryMigration.Engine.Layouts;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores;

/// <summary>A store that is connected and whose layout is known.</summary>
/// <param name="Definition">What it was opened from.</param>
/// <param name="Store">The connection; keys are relative to <paramref name="Root"/>.</param>
/// <param name="Layout">The layout in it.</param>
/// <param name="Root">The layout's root below the address: empty, or ending in <c>/</c>.</param>
/// <param name="Found">Whether a layout was found; false for an empty store, which got the default root.</param>
public sealed record OpenStore(RegistryStore Definition, IStore Store, ILayout Layout, string Root, bool Found) : IAsyncDisposable
{
    /// <inheritdoc />
    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
