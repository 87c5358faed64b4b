using System.Management.Automation;

namespace RegistryMigration.Pipeline;

/// <summary>An error before it becomes PowerShell's record, so that it can be made and tested without a host.</summary>
/// <param name="Id">The stable first part of the error id.</param>
/// <param name="Category">PowerShell's category.</param>
/// <param name="Message">What happened and what to do next.</param>
/// <param name="NextStep">What to do next, where the message does not say it; shown as recommendation.</param>
/// <param name="Target">The key or object concerned.</param>
/// <param name="Cause">The exception behind it; null makes one of the message.</param>
internal sealed record CommandError(string Id, ErrorCategory Category, string Message, string? NextStep = null, object? Target = null, Exception? Cause = null)
{
    /// <summary>PowerShell's record; the cmdlet's name is added to the id when it is written.</summary>
    public ErrorRecord ToRecord() => new(Cause ?? new InvalidOperationException(Message), Id, Category, Target)
    {
        ErrorDetails = new ErrorDetails(Message) { RecommendedAction = NextStep ?? "" },
    };
}
