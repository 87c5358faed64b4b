namespace RegistryMigration.Engine.Stores.FileSystem;

/// <summary>Follows links to files that stay inside the root, and no others.</summary>
internal sealed class LinkResolver(FileCalls calls, string rootPath)
{
    private string? _realRoot;

    /// <summary>The file that a link leads to; kind Link where it leads out of the root, to a directory or nowhere.</summary>
    public FileLook Look(string key) => Target(key) is { } target && calls.Look(target) is { Kind: FileKind.File } look ? look : new FileLook(FileKind.Link);

    /// <summary>The path that a link leads to, where that is inside the root.</summary>
    public string? Target(string key)
    {
        var root = _realRoot ??= calls.RealPath(rootPath);
        return root is not null && calls.RealPath($"{rootPath}/{key}") is { } target && target.StartsWith(root == "/" ? root : root + "/", StringComparison.Ordinal)
            ? target
            : null;
    }
}
