namespace RegistryMigration.Model;

/// <summary>One condition of an object's status.</summary>
/// <param name="Type">What is told: <c>Available</c>, <c>Progressing</c>, <c>Degraded</c>, <c>StorageExists</c>, …</param>
/// <param name="Status">True or false; null is unknown.</param>
/// <param name="Reason">Why, in one word; null where nothing is said.</param>
/// <param name="Message">Why, in words; null where nothing is said.</param>
/// <param name="Since">Since when; null where nothing is said.</param>
public sealed record RegistryCondition(string Type, bool? Status, string? Reason, string? Message, DateTimeOffset? Since)
{
    /// <summary><c>Degraded=True (StorageNotConfigured): …</c>.</summary>
    public override string ToString() =>
        $"{Type}={(Status is { } status ? status ? "True" : "False" : "Unknown")}{(string.IsNullOrEmpty(Reason) ? "" : $" ({Reason})")}{(string.IsNullOrEmpty(Message) ? "" : $": {Message}")}";
}
