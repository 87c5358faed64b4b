namespace RegistryMigration.Benchmarks.Servers;

/// <summary>What a server counted, and what it cost.</summary>
/// <param name="Requests">Requests, also those it refused.</param>
/// <param name="Received">Bytes of object bodies that it received.</param>
/// <param name="Sent">Bytes of bodies that it sent.</param>
/// <param name="CpuSeconds">Processor seconds, user and system, of all its processes.</param>
internal readonly record struct Traffic(long Requests, long Received, long Sent, double CpuSeconds = 0)
{
    public static Traffic operator +(Traffic left, Traffic right) => new(left.Requests + right.Requests, left.Received + right.Received, left.Sent + right.Sent, left.CpuSeconds + right.CpuSeconds);

    public static Traffic operator -(Traffic left, Traffic right) => new(left.Requests - right.Requests, left.Received - right.Received, left.Sent - right.Sent, left.CpuSeconds - right.CpuSeconds);
}
