using System.Globalization;
using System.Net;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using RegistryMigration.Engine.Http;
using RegistryMigration.Engine.Stores.S3.Requests;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>Turns refusals, and what the SDK throws, into <see cref="StoreException"/>s: the one place that knows S3's error codes.</summary>
/// <remarks>Codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and those of Ceph and Swift where they differ.</remarks>
internal static class S3Errors
{
    /// <summary>The store error for what a request failed with, without an answer or within the SDK.</summary>
    public static StoreException From(Exception exception, S3Connection connection, string? key) => exception switch
    {
        StoreException already => already.In(connection, key),
        AmazonServiceException { StatusCode: > 0 } answer => From(Refusal(answer), connection, key, answer),
        _ when Broken(exception, connection.Endpoint) is { } broken => broken.In(connection, key),
        AmazonClientException => new StoreException(StoreErrorKind.Unauthenticated, $"No usable credentials for {connection.Name}: {exception.Message} Give an access key and secret key, or a profile.", exception) { Store = connection.Name, Key = key },
        _ => new StoreException(StoreErrorKind.Other, $"{connection.Name} failed: {exception.Message}", exception) { Store = connection.Name, Key = key },
    };

    /// <summary>The store error for a server's refusal.</summary>
    public static StoreException From(S3Refusal refusal, S3Connection connection, string? key, Exception? cause = null)
    {
        var kind = KindOf(refusal);
        return new StoreException(kind, Describe(kind, refusal, connection, key), cause ?? new S3RefusedException(refusal))
        {
            Store = connection.Name,
            Key = key,
            StatusCode = (int)refusal.Status,
            RetryAfter = RetryAfter(refusal.RetryAfter, connection.Context.Time),
        };
    }

    /// <summary>What a server said that the SDK asked.</summary>
    public static S3Refusal Refusal(AmazonServiceException answer) => S3Answers.Refusal(answer, InChain<HttpErrorResponseException>(answer)?.Response);

    /// <summary>The failure of a request of the SDK that has no answer; null where it was not sent.</summary>
    public static StoreException? Broken(Exception exception, string server) =>
        (InChain<HttpRequestException>(exception) ?? (Exception?)InChain<IOException>(exception)) is { } broken ? HttpFailures.FromException(broken, server)
        : exception is AmazonServiceException or TimeoutException or OperationCanceledException ? new StoreException(StoreErrorKind.Transient, $"The connection to {server} broke: {exception.Message}", exception)
        : null;

    /// <summary>The server's error code; null where the failure was no answer, or an answer without one.</summary>
    public static string? CodeOf(StoreException failure) => failure.InnerException switch
    {
        S3RefusedException refused => refused.Refusal.Code,
        AmazonServiceException answer => answer.ErrorCode,
        _ => null,
    };

    /// <summary>The same failure, told of this store and key.</summary>
    public static StoreException In(this StoreException failure, S3Connection connection, string? key) =>
        new(failure.Kind, failure.Message, failure.InnerException) { Store = connection.Name, Key = key };

    /// <summary>What can be done about a refusal.</summary>
    public static StoreErrorKind KindOf(S3Refusal answer) => answer.Code switch
    {
        "SlowDown" or "ServiceUnavailable" or "RequestLimitExceeded" or "TooManyRequests" or "TooManyRequestsException" or "Throttling" or "ThrottlingException" or "BandwidthLimitExceeded" => StoreErrorKind.Throttled,
        "InternalError" or "RequestTimeout" or "OperationAborted" or "ConditionalRequestConflict" or "IncompleteBody" or "InvalidPart" => StoreErrorKind.Transient,
        "RequestTimeTooSkewed" => StoreErrorKind.ClockSkew,
        "ExpiredToken" or "ExpiredTokenException" or "TokenRefreshRequired" => StoreErrorKind.CredentialsExpired,
        "InvalidAccessKeyId" or "SignatureDoesNotMatch" or "InvalidToken" or "InvalidClientTokenId" or "AuthorizationHeaderMalformed" => StoreErrorKind.Unauthenticated,
        "XAmzContentSHA256Mismatch" or "BadDigest" or "InvalidDigest" or "XAmzContentChecksumMismatch" => StoreErrorKind.Integrity,
        "QuotaExceeded" or "EntityTooLarge" or "InsufficientCapacity" or "InsufficientStorage" => StoreErrorKind.Full,
        "KeyTooLongError" or "InvalidObjectName" or "InvalidURI" => StoreErrorKind.InvalidKey,
        "NoSuchUpload" => StoreErrorKind.Conflict,
        "BucketAlreadyExists" => StoreErrorKind.Denied,
        "NotImplemented" => StoreErrorKind.Unsupported,
        // An error inside an answer of 200, which CompleteMultipartUpload and CopyObject may give: sent again as S3's documents ask.
        _ when answer.Status == HttpStatusCode.OK => StoreErrorKind.Transient,
        _ => HttpFailures.KindOf(answer.Status),
    };

    private static string Describe(StoreErrorKind kind, S3Refusal answer, S3Connection connection, string? key)
    {
        var what = key is null ? connection.Name : $"'{key}' in {connection.Name}";
        return (kind, answer.Code) switch
        {
            (_, "NoSuchBucket") => $"There is no bucket '{connection.Bucket}' at {connection.Endpoint}. Make it with Initialize-RegistryStore, or check the address.",
            (_, "PermanentRedirect" or "TemporaryRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException") => $"The bucket '{connection.Bucket}' belongs to another region: {Said(answer)} Give its region.",
            (StoreErrorKind.NotFound, _) => $"There is no {what}.",
            (StoreErrorKind.ClockSkew, _) => $"{connection.Endpoint} refuses requests because clocks differ{Skew(answer.Date, connection.Context.Time)}. Set this machine's clock by NTP.",
            (StoreErrorKind.CredentialsExpired, _) => $"The credentials for {connection.Name} have expired. Give new ones, or a profile or role that can be renewed.",
            // What the server says beside these two codes repeats the string to sign: long, and of no help.
            (StoreErrorKind.Unauthenticated, _) => $"{connection.Endpoint} does not accept the credentials for {connection.Name} ({answer.Code}). Check the access key, the secret key and the region.",
            (StoreErrorKind.Denied, _) => $"Access to {what} is refused: {Said(answer)} Grant the account what it needs there.",
            (StoreErrorKind.Full, _) => $"{what} was not taken for lack of room: {Said(answer)} Raise the quota or the size limit.",
            (StoreErrorKind.ReadOnly, _) => $"{connection.Endpoint} takes no such request for {what}: {Said(answer)} Check that the endpoint is an S3 API that may be written to.",
            (StoreErrorKind.Integrity, _) => $"{connection.Endpoint} found that the bytes of {what} are not what their digest says: {Said(answer)}",
            _ => $"{connection.Endpoint} answered to a request for {what}: {Said(answer)}",
        };
    }

    /// <summary>A refusal in words: status, code, message and the request's id.</summary>
    public static string Said(S3Refusal answer) => string.Create(CultureInfo.InvariantCulture,
        $"{(int)answer.Status} {answer.Code}{(string.IsNullOrEmpty(answer.Message) ? "" : ", " + answer.Message.TrimEnd('.'))}{(string.IsNullOrEmpty(answer.RequestId) ? "" : $" (request {answer.RequestId})")}.");

    private static string Skew(string? serverDate, TimeProvider time)
    {
        if (!DateTimeOffset.TryParse(serverDate, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var server))
            return "";
        var ahead = time.GetUtcNow() - server;
        return string.Create(CultureInfo.InvariantCulture, $": this machine is {ahead.Duration().TotalSeconds:0} s {(ahead > TimeSpan.Zero ? "ahead" : "behind")}");
    }

    private static TimeSpan? RetryAfter(string? header, TimeProvider time)
    {
        if (int.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return TimeSpan.FromSeconds(seconds);
        return DateTimeOffset.TryParse(header, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date - time.GetUtcNow() : null;
    }

    private static T? InChain<T>(Exception? exception)
        where T : Exception
    {
        while (exception is not null and not T)
            exception = exception.InnerException;
        return exception as T;
    }
}
