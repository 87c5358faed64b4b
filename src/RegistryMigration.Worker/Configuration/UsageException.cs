namespace RegistryMigration.Worker.Configuration;

/// <summary>What was asked for can't be understood; the message says what to give instead and holds no secret.</summary>
internal sealed class UsageException(string message) : Exception(message);
