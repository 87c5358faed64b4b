using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>An error as a journal may keep it.</summary>
internal static class ErrorText
{
    /// <summary>The message of errors of this module, which never hold a secret; of any other only its type, since nobody knows what it quotes.</summary>
    public static string Of(Exception error) => error switch
    {
        ClusterException or StoreException or JournalException => error.Message,
        TimeoutException => "It took too long.",
        OperationCanceledException => "It was cancelled from within.",
        _ => $"Unexpected: {error.GetType().Name}.",
    };
}
