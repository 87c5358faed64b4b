using System.Buffers;
using RegistryMigration.Engine.Http;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Registries;

/// <summary>Reads the bodies of answers, and gives those that are failures their kind.</summary>
internal sealed class RegistryAnswers(HttpExchange http, RegistryEndpoint endpoint)
{
    private const int MaxErrorBytes = 64 << 10;
    private readonly string _name = endpoint.ToString();

    /// <summary>Reads the body to its end, in pooled memory, and hands on each piece.</summary>
    public async ValueTask DrainAsync(HttpResponseMessage response, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> sink, CancellationToken cancellationToken)
    {
        // 64 KiB: as large as a buffer gets without lying in the large object heap (85,000 bytes).
        var buffer = ArrayPool<byte>.Shared.Rent(64 << 10);
        try
        {
            await using var body = await http.OpenContentAsync(response, null, cancellationToken);
            while (await body.ReadAsync(buffer, cancellationToken) is var read and > 0)
                await sink(buffer.AsMemory(0, read), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads a small body whole.</summary>
    /// <exception cref="StoreException">It is larger than allowed.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadBodyAsync(HttpResponseMessage response, int maxBytes, CancellationToken cancellationToken)
    {
        var content = new ArrayBufferWriter<byte>(4096);
        await DrainAsync(response, (piece, _) =>
        {
            if (content.WrittenCount + piece.Length > maxBytes)
                throw new StoreException(StoreErrorKind.Other, $"{_name} answers with more than {maxBytes} bytes where a small document is due. Check that this is a registry.") { Store = _name };
            content.Write(piece.Span);
            return default;
        }, cancellationToken);
        return content.WrittenMemory;
    }

    /// <summary>The failure that an answer stands for, in the registry's own words.</summary>
    /// <param name="response">The answer; its body is read.</param>
    /// <param name="what">What was asked for, as in "manifest app:1".</param>
    /// <param name="next">The next step; null takes the one that goes with the kind.</param>
    /// <param name="cancellationToken">Ends reading.</param>
    public async ValueTask<StoreException> FailureAsync(HttpResponseMessage response, string what, string? next, CancellationToken cancellationToken)
    {
        var (code, said) = await ReadErrorPartsAsync(response, cancellationToken);
        var kind = RegistryErrors.KindOf(response.StatusCode, code);
        var host = response.RequestMessage!.RequestUri!;
        var elsewhere = RegistryErrors.SameOrigin(host, endpoint.Url) ? null : $" (storage at {host.Authority}, where the registry redirects to)";
        var text = RegistryErrors.Join(code, said);
        return new StoreException(kind, $"{_name}{elsewhere}: {what}: {(int)response.StatusCode}{(text is null ? "" : " " + text)}. {next ?? RegistryErrors.NextStep(kind, elsewhere is not null)}")
        {
            Store = _name,
            StatusCode = (int)response.StatusCode,
            RetryAfter = HttpFailures.RetryAfter(response, http.Context.Time),
        };
    }

    /// <summary>What the answer's error document says; null where there is none.</summary>
    public async ValueTask<string?> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var (code, said) = await ReadErrorPartsAsync(response, cancellationToken);
        return RegistryErrors.Join(code, said);
    }

    private async ValueTask<(string? Code, string? Message)> ReadErrorPartsAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return RegistryErrors.Read((await ReadBodyAsync(response, MaxErrorBytes, cancellationToken)).Span);
        }
        catch (StoreException)
        {
            // The status is known; a body that can't be read adds nothing.
            return default;
        }
    }
}
