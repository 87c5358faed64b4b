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
