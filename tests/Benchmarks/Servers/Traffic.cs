namespace RegistryMigration.Benchmarks.Servers;

/// <summary>What a server counted.</summary>
/// <param name="Requests">Requests, also those it refused.</param>
/// <param name="Received">Bytes of object bodies that it received.</param>
/// <param name="Sent">Bytes of bodies that it sent.</param>
internal readonly record struct Traffic(long Requests, long Received, long Sent)
{
    public static Traffic operator +(Traffic left, Traffic right) => new(left.Requests + right.Requests, left.Received + right.Received, left.Sent + right.Sent);

    public static Traffic operator -(Traffic left, Traffic right) => new(left.Requests - right.Requests, left.Received - right.Received, left.Sent - right.Sent);
}
