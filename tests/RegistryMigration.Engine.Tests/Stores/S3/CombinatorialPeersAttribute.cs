using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace RegistryMigration.Engine.Tests.Stores.S3;

/// <summary>Runs a theory against every real S3 server, with each of the given values where there are any.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CombinatorialPeersAttribute(params object[] values) : DataAttribute
{
    public object[] Values { get; } = values;

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) => new(
        [.. Enum.GetValues<S3Peer>().SelectMany(peer => Values.Length == 0 ? [new TheoryDataRow(peer)] : Values.Select(value => new TheoryDataRow(peer, value)))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
