using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores;

/// <summary>Makes the place of a store and marks it as belonging to somebody; never takes over what others have filled.</summary>
public static class StorePreparation
{
    /// <summary>Whose the place is, by the marks that it is to carry.</summary>
    /// <param name="bare">The store at its address, without a root.</param>
    /// <param name="marks">The metadata that says whose it is; a store that keeps none is <see cref="StoreOccupancy.Ours"/> as soon as it holds anything.</param>
    /// <param name="context">How requests are repeated.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public static async Task<StoreOccupancy> LookAsync(IStore bare, IReadOnlyDictionary<string, string> marks, StoreContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(bare);
        ArgumentNullException.ThrowIfNull(marks);
        ArgumentNullException.ThrowIfNull(context);
        var inspection = bare as IStoreInspection;
        var description = inspection is null ? null : await context.Retry.ExecuteAsync(bare.Traffic, async token => await inspection.DescribeAsync(token), cancellationToken);
        if (inspection is not null && description is null)
            return StoreOccupancy.Missing;
        if (!await context.Retry.ExecuteAsync(bare.Traffic, async token => await HoldsAnythingAsync(bare, token), cancellationToken))
            return StoreOccupancy.Empty;
        return description is null || marks.All(mark => description.Metadata.TryGetValue(mark.Key, out var value) && value == mark.Value)
            ? StoreOccupancy.Ours
            : StoreOccupancy.Foreign;
    }

    /// <summary>Makes the place where it is missing, and gives it its marks.</summary>
    /// <returns>True when it was made now.</returns>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Conflict"/>: it holds something and does not carry the marks.</exception>
    public static async Task<bool> PrepareAsync(IStore bare, IReadOnlyDictionary<string, string> marks, StoreContext context, CancellationToken cancellationToken)
    {
        if (marks is { Count: > 0 } && await LookAsync(bare, marks, context, cancellationToken) == StoreOccupancy.Foreign)
        {
            throw new StoreException(StoreErrorKind.Conflict,
                $"{bare.Name} holds something already and is not marked as {string.Join(", ", marks.Select(mark => $"{mark.Key}={mark.Value}"))}. Take another name; or, if it is known what lies there, mark it by the server's own means first.")
            {
                Store = bare.Name,
            };
        }

        return await context.Retry.ExecuteAsync(bare.Traffic, async token => await bare.InitializeAsync(marks!, token), cancellationToken);
    }

    private static async ValueTask<bool> HoldsAnythingAsync(IStore bare, CancellationToken cancellationToken)
    {
        await foreach (var page in bare.ListAsync("", rejected: null, cancellationToken))
        {
            if (page.Length > 0)
                return true;
        }

        return false;
    }
}

/// <summary>Whose a store's place is.</summary>
public enum StoreOccupancy
{
    /// <summary>There is no such container or bucket.</summary>
    Missing,

    /// <summary>It is there and holds nothing.</summary>
    Empty,

    /// <summary>It holds something and carries the marks, or can't carry any.</summary>
    Ours,

    /// <summary>It holds something and does not carry the marks.</summary>
    Foreign,
}
