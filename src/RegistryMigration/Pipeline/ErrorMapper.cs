using System.Management.Automation;
using RegistryMigration.Model;

namespace RegistryMigration.Pipeline;

/// <summary>The one place that turns failures into error ids, categories and targets. Ids are names of <see cref="StoreErrorKind"/>, or of <see cref="ClusterErrorKind"/> after <c>Cluster</c>, and never change.</summary>
internal static class ErrorMapper
{
    /// <summary>The error for an exception.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="target">What was worked on, where the exception does not say more.</param>
    public static CommandError Map(Exception exception, object? target = null) => exception switch
    {
        StoreException e => new(e.Kind.ToString(), CategoryOf(e.Kind), Whose(e.Party) + e.Message, NextStepOf(e.Kind), e.Key ?? target ?? e.Store, e),
        ClusterException e => new(IdOf(e.Kind), CategoryOf(e.Kind), e.Message, NextStepOf(e.Kind), e.Target ?? target, e),
        FormatException or ArgumentException => new("InvalidArgument", ErrorCategory.InvalidArgument, exception.Message, null, target, exception),
        UnauthorizedAccessException => new(nameof(StoreErrorKind.Denied), ErrorCategory.PermissionDenied, exception.Message, "Check the path and the permissions of this account.", target, exception),
        IOException => new("FileError", ErrorCategory.ReadError, exception.Message, "Check the path and its permissions.", target, exception),
        _ => new("Unexpected", ErrorCategory.NotSpecified, $"{exception.GetType().Name}: {exception.Message}", "This is a defect of the module: report it with Get-Error's output.", target, exception),
    };

    /// <summary>The error for one entry that a pass could not copy.</summary>
    public static CommandError Map(SyncFailure failure) =>
        new(failure.Kind.ToString(), CategoryOf(failure.Kind), $"{Whose(failure.Party)}{failure.Key}: {failure.Message}", NextStepOf(failure.Kind), failure.Key);

    /// <summary>PowerShell's category for a kind of failure.</summary>
    public static ErrorCategory CategoryOf(StoreErrorKind kind) => kind switch
    {
        StoreErrorKind.Transient => ErrorCategory.ConnectionError,
        StoreErrorKind.Throttled => ErrorCategory.ResourceBusy,
        StoreErrorKind.Stalled => ErrorCategory.OperationTimeout,
        StoreErrorKind.NotFound => ErrorCategory.ObjectNotFound,
        StoreErrorKind.Denied => ErrorCategory.PermissionDenied,
        StoreErrorKind.Unauthenticated or StoreErrorKind.CredentialsExpired or StoreErrorKind.ClockSkew => ErrorCategory.AuthenticationError,
        StoreErrorKind.Integrity or StoreErrorKind.Changed => ErrorCategory.InvalidData,
        StoreErrorKind.Full => ErrorCategory.QuotaExceeded,
        StoreErrorKind.ReadOnly => ErrorCategory.WriteError,
        StoreErrorKind.InvalidKey => ErrorCategory.InvalidArgument,
        StoreErrorKind.Unsupported => ErrorCategory.NotImplemented,
        StoreErrorKind.Conflict => ErrorCategory.ResourceExists,
        StoreErrorKind.Certificate => ErrorCategory.SecurityError,
        StoreErrorKind.Unreachable => ErrorCategory.ResourceUnavailable,
        StoreErrorKind.BrokenListing => ErrorCategory.InvalidResult,
        _ => ErrorCategory.NotSpecified,
    };

    /// <summary>What to do about a failure that any request can meet; null where the message itself knows more and says it.</summary>
    public static string? NextStepOf(StoreErrorKind kind) => kind switch
    {
        StoreErrorKind.Transient or StoreErrorKind.Stalled => "Check the network and the server's load, then run the same command again: it goes on where it stopped.",
        StoreErrorKind.Throttled => "Run the same command again with fewer transfers at a time: it goes on where it stopped.",
        StoreErrorKind.CredentialsExpired => "Renew the credentials, make the store anew with New-RegistryStore, and run the same command again.",
        StoreErrorKind.ClockSkew => "Set this machine's clock (NTP), then run the same command again.",
        StoreErrorKind.Integrity => "Run Test-RegistryStore -Deep on the store to see what else is damaged.",
        StoreErrorKind.Changed => "Run the same command again; block writes to the registry if it keeps changing.",
        StoreErrorKind.Full => "Free space or raise the quota, then run the same command again: it goes on where it stopped.",
        StoreErrorKind.Conflict => "Let only one sync write here at a time, then run the same command again.",
        StoreErrorKind.BrokenListing => "Nothing may be concluded from this listing: run the same command again, and check the server if it stays.",
        StoreErrorKind.Other => "Run the same command with -Verbose, and see Get-Error for the cause.",
        _ => null,
    };

    /// <summary>The error id for a kind of failure at a cluster. What is about a migration, wherever it runs, has a name of its own.</summary>
    public static string IdOf(ClusterErrorKind kind) => kind is ClusterErrorKind.Precondition or ClusterErrorKind.Locked ? kind.ToString() : $"Cluster{kind}";

    /// <summary>PowerShell's category for a kind of failure at a cluster.</summary>
    public static ErrorCategory CategoryOf(ClusterErrorKind kind) => kind switch
    {
        ClusterErrorKind.Configuration => ErrorCategory.InvalidArgument,
        ClusterErrorKind.Unreachable => ErrorCategory.ResourceUnavailable,
        ClusterErrorKind.Certificate => ErrorCategory.SecurityError,
        ClusterErrorKind.Unauthenticated => ErrorCategory.AuthenticationError,
        ClusterErrorKind.Denied => ErrorCategory.PermissionDenied,
        ClusterErrorKind.NotFound => ErrorCategory.ObjectNotFound,
        ClusterErrorKind.NotServed => ErrorCategory.NotInstalled,
        ClusterErrorKind.Conflict => ErrorCategory.ResourceExists,
        ClusterErrorKind.Invalid => ErrorCategory.InvalidData,
        ClusterErrorKind.Expired or ClusterErrorKind.Transient => ErrorCategory.ConnectionError,
        ClusterErrorKind.TimedOut => ErrorCategory.OperationTimeout,
        ClusterErrorKind.Precondition => ErrorCategory.InvalidOperation,
        ClusterErrorKind.Locked => ErrorCategory.ResourceBusy,
        _ => ErrorCategory.NotSpecified,
    };

    /// <summary>What to do about a failure at a cluster; null where the message itself says it.</summary>
    public static string? NextStepOf(ClusterErrorKind kind) => kind switch
    {
        ClusterErrorKind.Transient or ClusterErrorKind.Expired => "Run the same command again: steps that are done are not done twice.",
        ClusterErrorKind.Other => "Run the same command with -Verbose, and see Get-Error for the cause.",
        _ => null,
    };

    private static string Whose(Party? party) => party switch
    {
        Party.Source => "Source: ",
        Party.Target => "Destination: ",
        _ => "",
    };
}
