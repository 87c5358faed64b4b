using RegistryMigration.Benchmarks.Servers;
using RegistryMigration.Benchmarks.Trees;

namespace RegistryMigration.Benchmarks.Workloads;

/// <summary>A source that is filled, and a storage for targets: the state before a run.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly IStorage? _sourceStorage;

    private Stage(Tree tree, IStorage? sourceStorage, Place source, IStorage target) => (Tree, _sourceStorage, Source, Target) = (tree, sourceStorage, source, target);

    /// <summary>What lies in the source.</summary>
    public Tree Tree { get; }

    /// <summary>The source.</summary>
    public Place Source { get; }

    /// <summary>Where targets are made.</summary>
    public IStorage Target { get; }

    /// <summary>Whose requests count: both sides', where they are servers.</summary>
    public IReadOnlyList<IStorage> Storages => _sourceStorage is null ? [Target] : [_sourceStorage, Target];

    /// <summary>Starts servers and fills the source; a source that is a server is filled by the worker, as docker-registry's drivers would.</summary>
    /// <param name="bench">What to work with.</param>
    /// <param name="pair">From what to what. Source and target are two servers, also where they are of one kind, so that none copies by itself.</param>
    /// <param name="tree">The tree.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<Stage> SetAsync(Bench bench, Pair pair, Tree tree, CancellationToken cancellationToken)
    {
        var target = await bench.StartAsync(pair.To, "target", cancellationToken);
        if (pair.From == StorageKind.Directory)
            return new Stage(tree, null, new DirectoryPlace(tree.Path), target);
        var storage = await bench.StartAsync(pair.From, "source", cancellationToken);
        var source = await storage.CreateAsync("benchmark-source", cancellationToken);
        bench.Log("fill the source");
        await bench.Tool.RequireAsync(bench.Worker.Copy(new DirectoryPlace(tree.Path), source), cancellationToken);
        return new Stage(tree with { All = tree.Content, Uploads = default }, storage, source, target);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Target.DisposeAsync();
        if (_sourceStorage is not null)
            await _sourceStorage.DisposeAsync();
    }
}
