using System.Management.Automation;
using RegistryMigration.Model;
using RegistryMigration.Pipeline;

namespace RegistryMigration.Tests.Pipeline;

public sealed class ErrorMapperTests
{
    public static TheoryData<StoreErrorKind> Kinds => [.. Enum.GetValues<StoreErrorKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_has_its_name_as_id_and_a_category(StoreErrorKind kind)
    {
        var error = ErrorMapper.Map(new StoreException(kind, "What happened. What to do."), "fallback");

        Assert.Equal(kind.ToString(), error.Id);
        Assert.Equal("What happened. What to do.", error.Message);
        Assert.Equal("fallback", error.Target);
        Assert.Equal(kind == StoreErrorKind.Other, error.Category == ErrorCategory.NotSpecified);
    }

    public static TheoryData<ClusterErrorKind> ClusterKinds => [.. Enum.GetValues<ClusterErrorKind>()];

    [Theory]
    [MemberData(nameof(ClusterKinds))]
    public void Every_kind_of_a_cluster_has_its_name_as_id_and_a_category(ClusterErrorKind kind)
    {
        var error = ErrorMapper.Map(new ClusterException(kind, "What happened. What to do.") { Target = "pods/a in b" }, "fallback");

        Assert.Equal(kind is ClusterErrorKind.Precondition or ClusterErrorKind.Locked ? $"{kind}" : $"Cluster{kind}", error.Id);
        Assert.Equal(("What happened. What to do.", "pods/a in b"), (error.Message, error.Target));
        Assert.Equal(kind == ClusterErrorKind.Other, error.Category == ErrorCategory.NotSpecified);
    }

    [Fact]
    public void The_key_is_the_target_and_the_party_leads_the_message()
    {
        var error = ErrorMapper.Map(new StoreException(StoreErrorKind.Full, "No room.") { Key = "blobs/x", Store = "s3://b", Party = Party.Target }, "fallback");

        Assert.Equal("blobs/x", error.Target);
        Assert.Equal("Destination: No room.", error.Message);
        Assert.Equal(ErrorCategory.QuotaExceeded, error.Category);
    }

    [Fact]
    public void A_failed_entry_keeps_key_party_and_kind()
    {
        var error = ErrorMapper.Map(new SyncFailure("blobs/x", Party.Source, StoreErrorKind.Integrity, "Wrong bytes."));

        Assert.Equal(("Integrity", "blobs/x", "Source: blobs/x: Wrong bytes."), (error.Id, error.Target, error.Message));
    }

    [Fact]
    public void What_nobody_foresaw_says_so()
    {
        var error = ErrorMapper.Map(new KeyNotFoundException("gone"));

        Assert.Equal("Unexpected", error.Id);
        Assert.Contains("KeyNotFoundException: gone", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.NextStep);
    }
}
