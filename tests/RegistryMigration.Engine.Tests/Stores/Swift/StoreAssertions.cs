using System.Security.Cryptography;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Stores.Swift;

/// <summary>What the tests of this store do over and over.</summary>
internal static class StoreAssertions
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<List<StoreEntry>> AllAsync(this IStore store, string prefix = "")
    {
        var entries = new List<StoreEntry>();
        await foreach (var page in store.ListAsync(prefix, rejected: null, Cancellation))
            entries.AddRange(page.Span);
        return entries;
    }

    public static async Task<byte[]> BytesAsync(this IStore store, string key, long offset = 0, string? version = null)
    {
        await using var reader = await store.ReadAsync(key, offset, version, Cancellation);
        using var buffer = new MemoryStream();
        await reader.Content.CopyToAsync(buffer, Cancellation);
        return buffer.ToArray();
    }

    public static Task<WriteOutcome> PutAsync(this IStore store, string key, string text) =>
        store.WriteAsync(key, new StoreContent(System.Text.Encoding.UTF8.GetBytes(text)), Cancellation);

    public static StoreContent Streaming(byte[] bytes, bool ifAbsent = false) =>
        new(bytes.Length, _ => new ValueTask<Stream>(new MemoryStream(bytes, writable: false))) { Sha256 = Digest.OfSha256(bytes), IfAbsent = ifAbsent };

    /// <summary>Content that breaks with this failure after so many bytes.</summary>
    public static StoreContent Failing(byte[] bytes, int after, Exception failure) =>
        new(bytes.Length, _ => new ValueTask<Stream>(new FailingStream(bytes.AsMemory(0, after), failure))) { Sha256 = Digest.OfSha256(bytes) };

    public static byte[] Random(int length) => RandomNumberGenerator.GetBytes(length);

    public static async Task<StoreException> ThrowsAsync(StoreErrorKind kind, Func<Task> action)
    {
        var failure = await Assert.ThrowsAsync<StoreException>(action);
        Assert.True(kind == failure.Kind, $"{kind} expected: {failure}");
        return failure;
    }

    private sealed class FailingStream(ReadOnlyMemory<byte> bytes, Exception failure) : MemoryStream(bytes.ToArray(), writable: false)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer, cancellationToken);
            return read > 0 ? read : throw failure;
        }
    }
}
