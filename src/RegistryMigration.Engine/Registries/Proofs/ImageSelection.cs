using System.Runtime.CompilerServices;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries.Proofs;

/// <summary>Chooses the images of a proof: all tags, or a draw in which every tag has the same chance.</summary>
internal static class ImageSelection
{
    public static async IAsyncEnumerable<ImageReference> ChooseAsync(RegistryClient client, PullOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tags = AllAsync(client, options, cancellationToken);
        if (options.Sample is not { } sample)
        {
            await foreach (var reference in tags)
                yield return reference;
            yield break;
        }

        foreach (var reference in await DrawAsync(tags, sample, options.Seed, cancellationToken))
            yield return reference;
    }

    private static async IAsyncEnumerable<ImageReference> AllAsync(RegistryClient client, PullOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var repository in client.ListRepositoriesAsync(cancellationToken))
        {
            if (!Wildcard.Matches(options.Repositories, repository))
                continue;
            await foreach (var tag in client.ListTagsAsync(repository, cancellationToken))
                yield return ImageReference.ByTag(repository, tag);
        }
    }

    // Reservoir sampling (Vitter, Algorithm R): one walk, memory for the sample alone.
    private static async Task<IReadOnlyList<ImageReference>> DrawAsync(IAsyncEnumerable<ImageReference> all, int sample, int? seed, CancellationToken cancellationToken)
    {
#pragma warning disable CA5394 // A draw that can be repeated is wanted; nothing secret depends on it.
        var random = seed is { } given ? new Random(given) : new Random();
        var drawn = new List<ImageReference>();
        var count = 0;
        await foreach (var reference in all.WithCancellation(cancellationToken))
        {
            count++;
            if (drawn.Count < sample)
                drawn.Add(reference);
            else if (random.Next(count) is var place && place < sample)
                drawn[place] = reference;
        }
#pragma warning restore CA5394
        return drawn;
    }
}
