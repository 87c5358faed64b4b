using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using RegistryMigration.Engine.Stores.S3;
using RegistryMigration.Engine.Stores.Swift;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Checks.PreflightCheck;

namespace RegistryMigration.Engine.Stores.Trial;

/// <summary>Tries a storage before images move there: who vouches for its server, what its rules do to objects, and objects written, read back and deleted.</summary>
/// <remarks>Everything that is written lies below <see cref="Prefix"/> beside the images, and is deleted again in every case.</remarks>
public static class StoreTrial
{
    /// <summary>What all probes lie below.</summary>
    public const string Prefix = "registrymigration-probe/";

    // Two parts, or segments, the last of them of one byte.
    private const int Part = 5 << 20;
    private const int Small = 1 << 10;

    /// <summary>The checks; each as soon as it is made.</summary>
    /// <param name="definition">The storage. Its bucket or container has to be there.</param>
    /// <param name="context">Clock, retries, limits.</param>
    /// <param name="cancellationToken">Ends the trial; what was written is deleted still.</param>
    public static IAsyncEnumerable<RegistryCheck> RunAsync(RegistryStore definition, StoreContext context, CancellationToken cancellationToken) =>
        RunAsync(definition, context, objectsOnly: false, cancellationToken);

    /// <summary>The checks of objects alone: what an account needs that keeps images there.</summary>
    /// <param name="definition">The storage, with the account.</param>
    /// <param name="context">Clock, retries, limits.</param>
    /// <param name="cancellationToken">Ends the trial; what was written is deleted still.</param>
    public static IAsyncEnumerable<RegistryCheck> TryObjectsAsync(RegistryStore definition, StoreContext context, CancellationToken cancellationToken) =>
        RunAsync(definition, context, objectsOnly: true, cancellationToken);

    private static async IAsyncEnumerable<RegistryCheck> RunAsync(RegistryStore definition, StoreContext context, bool objectsOnly, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(context);
        var (opened, refusal) = TryConnect(definition, context);
        if (opened is null)
        {
            yield return refusal!;
            yield break;
        }

        await using var store = opened;
        if (!objectsOnly && store is IServedStore served)
        {
            await foreach (var check in ServerChecks.RunAsync(served, context, cancellationToken))
                yield return check;
        }

        if (!objectsOnly && store is S3Store s3)
        {
            await foreach (var check in S3RuleChecks.RunAsync(s3.Connection, $"{definition.Address.Prefix}{definition.Root?.Trim('/')}", cancellationToken))
                yield return check;
        }

        await foreach (var check in ObjectsAsync(store, context, cancellationToken))
            yield return check;
    }

    private static async IAsyncEnumerable<RegistryCheck> ObjectsAsync(IStore store, StoreContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return await ObjectAsync(store, "Small object", Small, context, cancellationToken);
        yield return await ObjectAsync(store, "Large object in parts", Part + 1, context, cancellationToken);
    }

    private static (IStore? Store, RegistryCheck? Refusal) TryConnect(RegistryStore definition, StoreContext context)
    {
        try
        {
            return (Connect(definition, context), null);
        }
        catch (StoreException e)
        {
            return (null, Failed("Storage's server", "Check the store's address and credentials with New-RegistryStore.", e.Message));
        }
    }

    private static IStore Connect(RegistryStore definition, StoreContext context) => definition.Address.Kind switch
    {
        StoreKind.S3 => S3Store.Create(definition.Address, "", definition.S3 with { PartSize = Part, MultipartThreshold = Part }, definition.Tls, context),
        StoreKind.Swift => SwiftStore.Create(definition.Address, "", definition.Swift with { SegmentSize = Part, SegmentThreshold = Part }, definition.Tls, context),
        _ => StoreFactory.Connect(definition, "", context),
    };

    private static async Task<RegistryCheck> ObjectAsync(IStore store, string name, int size, StoreContext context, CancellationToken cancellationToken)
    {
        var key = $"{Prefix}{Guid.NewGuid():n}";
        var bytes = RandomNumberGenerator.GetBytes(size);
        var step = "written";
        RegistryCheck result;
        try
        {
            await RetryAsync(async token => await store.WriteAsync(key, new StoreContent(bytes) { Sha256 = Digest.OfSha256(bytes) }, token));
            step = "read";
            var same = await RetryAsync(async token => await ReadAsync(store, key, size, token) is { } read && read.AsSpan().SequenceEqual(bytes));
            step = "deleted";
            await RetryAsync(async token =>
            {
                await store.DeleteAsync(key, token);
                return true;
            });
            var gone = await RetryAsync(async token => await store.StatAsync(key, token) is null);
            result = !same ? Failed(name, "Do not move images there: the storage gives back other bytes than it was given.", $"{size} bytes were written, and others were read")
                : !gone ? Failed(name, "Find out what keeps it (object lock, retention): the registry could never remove an image.", $"'{key}' was deleted and is there still")
                : Passed(name, FormattableString.Invariant($"{size} bytes written, read back the same, deleted"));
        }
        catch (StoreException e)
        {
            result = Failed(name, NextStep(e, step), $"it could not be {step}: {e.Message}");
        }
        finally
        {
            await TrialRemains.RemoveAsync(store, key, context);
        }

        return result;

        async Task<T> RetryAsync<T>(Func<CancellationToken, ValueTask<T>> attempt) => await context.Retry.ExecuteAsync(store.Traffic, attempt, cancellationToken);
    }

    private static string NextStep(StoreException failure, string step) => failure.Kind switch
    {
        StoreErrorKind.NotFound when step == "written" => "Make the bucket or container with Initialize-RegistryStore, then run this again.",
        StoreErrorKind.ClockSkew => "Set this machine's clock by NTP.",
        StoreErrorKind.Denied => $"Grant the account the right that is missing: objects have to be {step} there.",
        StoreErrorKind.Full => "Raise the quota first.",
        _ => "Remove the cause first: the registry needs this of its storage.",
    };

    private static async ValueTask<byte[]?> ReadAsync(IStore store, string key, int size, CancellationToken cancellationToken)
    {
        await using var reader = await store.ReadAsync(key, 0, version: null, cancellationToken);
        var bytes = new byte[size + 1];
        var read = await reader.Content.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return read == size ? bytes[..size] : null;
    }
}
