namespace RegistryMigration.Model;

/// <summary>A journal can't be read, written or trusted. The message names the next step.</summary>
public sealed class JournalException : Exception
{
    /// <summary>Makes the error.</summary>
    public JournalException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
