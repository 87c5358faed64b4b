using RegistryMigration.Engine.Audit;
using RegistryMigration.Engine.Resilience;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Sync;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>Passes over faulty stores, and what must hold after each of them.</summary>
internal static class Passes
{
    public static readonly TimeSpan Stall = TimeSpan.FromSeconds(1);

    public static readonly RetryOptions Quick = new() { Attempts = 4, BaseDelay = TimeSpan.FromMilliseconds(10) };

    /// <summary>For faults that do not end: what a pass does after its last attempt does not depend on their number.</summary>
    public static readonly RetryOptions Once = Quick with { Attempts = 2 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Task<OpenStore> OpenAsync(RegistryStore definition, RetryOptions? retry = null, TimeSpan? stall = null) =>
        StoreFactory.OpenAsync(definition, new StoreContext { Retry = new RetryPolicy(retry ?? Quick, TimeProvider.System), StallTimeout = stall ?? Stall }, source: null, Token);

    public static Task<SyncResult> RunAsync(OpenStore source, OpenStore target, SyncOptions? options = null) =>
        new SyncPass(source, target, options ?? Options(), TimeProvider.System).RunAsync(Token);

    public static SyncOptions Options(RetryOptions? retry = null) => new() { Retry = retry ?? Quick, StallTimeout = Stall };

    /// <summary>The pass failed, and every failure is this party's and of this kind.</summary>
    public static void AssertFailed(this SyncResult result, Party party, StoreErrorKind kind)
    {
        Assert.True(result.Status == SyncStatus.Failed && result.Failures.Count > 0, result.ToJson());
        Assert.All(result.Failures, failure => Assert.True(failure.Party == party && failure.Kind == kind, failure.ToString()));
    }

    public static void AssertCompleted(this SyncResult result) =>
        Assert.True(result is { Status: SyncStatus.Completed, Failed: 0 }, result.ToJson());

    /// <summary>
    /// Whatever happened, nothing in the store is wrong or advertised without being there: every blob hashes to its name, and what a tag
    /// or manifest needs is complete. A tag whose current link has not come yet is no tag to a registry.
    /// </summary>
    public static async Task AssertHarmlessAsync(OpenStore store)
    {
        var audit = await AuditAsync(store, null);
        Assert.DoesNotContain(audit.Defects, defect => defect.Kind != DefectKind.MissingTagTarget);
    }

    /// <summary>The fault is gone: another pass sends what is missing and nothing else, and then both sides are the same.</summary>
    public static async Task AssertResumesAsync(OpenStore source, OpenStore target)
    {
        var wanted = await ListAsync(source);
        var there = (await ListAsync(target)).Keys;
        var missing = wanted.Where(entry => !there.Contains(entry.Key)).ToList();
        var written = target.Store.Traffic.BytesWritten;
        var again = await RunAsync(source, target);
        again.AssertCompleted();
        Assert.Equal(missing.Count, again.Copied);
        Assert.InRange(target.Store.Traffic.BytesWritten - written, 0, missing.Sum(entry => entry.Value));
        await AssertSameAsync(source, target);
    }

    /// <summary>The target has all keys of the source and no others, every blob and link of it is sound, and no tag differs.</summary>
    public static async Task AssertSameAsync(OpenStore source, OpenStore target)
    {
        Assert.Equal((await ListAsync(source)).Keys.Order(StringComparer.Ordinal), (await ListAsync(target)).Keys.Order(StringComparer.Ordinal));
        var audit = await AuditAsync(target, source);
        Assert.True(audit.IsClean, audit.ToJson());
    }

    /// <summary>Keys and true sizes.</summary>
    public static async Task<Dictionary<string, long>> ListAsync(OpenStore store)
    {
        var entries = new Dictionary<string, long>(StringComparer.Ordinal);
        await foreach (var page in store.Store.ListAsync("", rejected: null, Token))
        {
            foreach (var entry in page.ToArray())
                entries.Add(entry.Key, entry.Size >= 0 ? entry.Size : (await store.Store.StatAsync(entry.Key, Token))!.Value.Size);
        }

        return entries;
    }

    private static Task<AuditResult> AuditAsync(OpenStore store, OpenStore? source) =>
        new StoreAudit(store, source, new AuditOptions { Deep = true, Retry = Quick }, TimeProvider.System).RunAsync(Token);
}
