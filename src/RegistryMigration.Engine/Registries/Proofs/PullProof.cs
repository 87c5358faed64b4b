using System.Runtime.CompilerServices;
using System.Threading.Channels;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries.Proofs;

/// <summary>Pulls images as a client does and hashes every byte: the proof that a registry serves what its store holds.</summary>
public sealed class PullProof
{
    private readonly RegistryClient _client;
    private readonly PullOptions _options;
    private readonly TimeProvider _time;

    /// <summary>A proof over one registry.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Sample or concurrency is below 1.</exception>
    public PullProof(RegistryClient client, PullOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Concurrency, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Sample ?? 1, 1);
        _client = client;
        _options = options;
        _time = time;
    }

    /// <summary>Pulls the images that the options choose of the registry's catalog; results come as images finish.</summary>
    /// <exception cref="StoreException">The catalog or a list of tags can't be had; then nothing is concluded.</exception>
    public IAsyncEnumerable<PullResult> RunAsync(CancellationToken cancellationToken = default) =>
        RunAsync(ImageSelection.ChooseAsync(_client, _options, cancellationToken), cancellationToken);

    /// <summary>Pulls these images; what is missing or wrong is in the results, which come as images finish.</summary>
    public IAsyncEnumerable<PullResult> RunAsync(IEnumerable<ImageReference> references, CancellationToken cancellationToken = default) =>
        RunAsync(Async(references), cancellationToken);

    private async IAsyncEnumerable<PullResult> RunAsync(IAsyncEnumerable<ImageReference> references, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var blobs = new BlobProofs(_client, _options.Concurrency);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var results = Channel.CreateBounded<PullResult>(_options.Concurrency);
        var pulls = PullAllAsync(references, blobs, results.Writer, stop.Token);
        try
        {
            await foreach (var result in results.Reader.ReadAllAsync(cancellationToken))
                yield return result;
        }
        finally
        {
            // The caller may leave early; nothing of ours may outlive the enumeration.
            await stop.CancelAsync();
            await pulls;
        }
    }

    // Never throws: what ends it goes through the channel to the reader.
    private async Task PullAllAsync(IAsyncEnumerable<ImageReference> references, BlobProofs blobs, ChannelWriter<PullResult> results, CancellationToken cancellationToken)
    {
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = _options.Concurrency, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(references, options, async (reference, token) =>
                await results.WriteAsync(await new ImagePull(_client, blobs, _options.Platform, _time).RunAsync(reference, token), token));
            results.Complete();
        }
#pragma warning disable CA1031 // Handed on whole to the reader of the channel.
        catch (Exception e)
#pragma warning restore CA1031
        {
            results.Complete(e);
        }
    }

    private static async IAsyncEnumerable<ImageReference> Async(IEnumerable<ImageReference> references)
    {
        foreach (var reference in references)
            yield return reference;
        await ValueTask.CompletedTask;
    }
}
