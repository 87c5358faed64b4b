using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Checks.PreflightCheck;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>What a bucket's own rules would do to images: keep what is deleted, delete what is kept.</summary>
internal static class S3RuleChecks
{
    /// <param name="connection">The bucket.</param>
    /// <param name="prefix">What the keys of images start with.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    public static async IAsyncEnumerable<RegistryCheck> RunAsync(S3Connection connection, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return await AskAsync("Versioning", Versioning, (client, token) => client.GetBucketVersioningAsync(new GetBucketVersioningRequest { BucketName = connection.Bucket }, token));
        yield return await JudgeAsync("Lifecycle rules", (name, rules) => LifecycleRules.Judge(name, rules, prefix), async () => await connection.Context.Retry.ExecuteAsync(connection.Traffic, async token => await LifecycleRules.ReadAsync(connection, token), cancellationToken));
        yield return await AskAsync("Object lock", ObjectLock, (client, token) => client.GetObjectLockConfigurationAsync(new GetObjectLockConfigurationRequest { BucketName = connection.Bucket }, token));
        yield return await AskAsync("Encryption", Encryption, (client, token) => client.GetBucketEncryptionAsync(new GetBucketEncryptionRequest { BucketName = connection.Bucket }, token));

        Task<RegistryCheck> AskAsync<T>(string name, Func<string, T?, RegistryCheck> judge, Func<IAmazonS3, CancellationToken, Task<T>> ask)
            where T : class => JudgeAsync(name, judge, () => connection.RetryAsync(key: null, ask, cancellationToken));

        async Task<RegistryCheck> JudgeAsync<T>(string name, Func<string, T?, RegistryCheck> judge, Func<Task<T>> ask)
            where T : class
        {
            try
            {
                return judge(name, await ask());
            }
            // Of what is not configured servers say that it is not found.
            catch (StoreException e) when (e.StatusCode == (int)HttpStatusCode.NotFound && S3Errors.CodeOf(e) != "NoSuchBucket")
            {
                return judge(name, null);
            }
            catch (StoreException e) when (IsUnknown(e))
            {
                return Skipped(name, $"the server does not tell: {e.Message}");
            }
            catch (StoreException e)
            {
                return Failed(name, e.Kind == StoreErrorKind.NotFound ? "Make the bucket with Initialize-RegistryStore, then run this again." : "Check the store's address and credentials with New-RegistryStore.", e.Message);
            }
        }
    }

    /// <summary>Whether a server does not know the call, or does not let this account ask.</summary>
    public static bool IsUnknown(StoreException failure) => failure.Kind is StoreErrorKind.Unsupported or StoreErrorKind.ReadOnly or StoreErrorKind.Denied;

    private static RegistryCheck Versioning(string name, GetBucketVersioningResponse? answer) =>
        answer?.VersioningConfig?.Status == VersionStatus.Enabled
            ? Warning(name, "Suspend it, or give old versions an end (NoncurrentVersionExpiration): what the registry deletes stays, and costs space.", "the bucket keeps every version of every object")
            : Passed(name, answer?.VersioningConfig?.Status == VersionStatus.Suspended ? "suspended: what is deleted is gone" : "off: what is deleted is gone");

    private static RegistryCheck ObjectLock(string name, GetObjectLockConfigurationResponse? answer) =>
        answer?.ObjectLockConfiguration?.Rule?.DefaultRetention is { } retention
            ? Warning(name, "Take a bucket without default retention: the registry's garbage collection frees no space before it ends.", $"objects are kept for {(retention.Days is { } days ? $"{days} days" : $"{retention.Years} years")} ({retention.Mode})")
            : Passed(name, "no default retention");

    private static RegistryCheck Encryption(string name, GetBucketEncryptionResponse? answer)
    {
        var rules = (answer?.ServerSideEncryptionConfiguration?.ServerSideEncryptionRules ?? []).Select(rule => rule.ServerSideEncryptionByDefault).Where(rule => rule is not null).ToArray();
        return Passed(name, rules.Length == 0 ? ["none by default"] : rules.Select(rule => $"{rule.ServerSideEncryptionAlgorithm} by default{(rule.ServerSideEncryptionKeyManagementServiceKeyId is { Length: > 0 } key ? $" with key {key}, which the registry's account has to be allowed to use" : "")}"));
    }
}
