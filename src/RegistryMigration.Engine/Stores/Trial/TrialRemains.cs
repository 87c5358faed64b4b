using RegistryMigration.Engine.Stores.S3;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.Trial;

/// <summary>Removes what a trial may have left: the object, parts of an upload that never ended, and versions that a bucket kept.</summary>
internal static class TrialRemains
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Runs to its end whatever happens to the caller. What can't be removed was told by the check itself.</summary>
    public static async Task RemoveAsync(IStore store, string key, StoreContext context)
    {
        using var limit = new CancellationTokenSource(Patience, context.Time);
        await TryAsync(() => store.DeleteAsync(key, limit.Token));
        if (store is S3Store s3)
            await TryAsync(() => S3Remains.RemoveAsync(s3.Connection, key, limit.Token));
    }

    private static async Task TryAsync(Func<Task> remove)
    {
        try
        {
            await remove();
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            // A storage that can't be reached, or that refuses: what there is to say was said.
        }
    }
}
