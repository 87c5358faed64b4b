namespace RegistryMigration.Model.Tests.Migrations;

public sealed class MigrationTests
{
    private static MigrationStep Step(MigrationStepState state, string? noReturn = null) =>
        new() { Id = "x", Action = "x", Target = "x", State = state, Started = default, By = "x", NoReturn = noReturn };

    [Theory]
    [InlineData("m")]
    [InlineData("to-swift-2")]
    [InlineData("0123456789012345678901234567890123456789")]
    public void Names_that_a_ConfigMap_can_have_are_taken(string name) => Assert.Equal(name, new MigrationReference(name).Name);

    [Theory]
    [InlineData("")]
    [InlineData("-m")]
    [InlineData("m-")]
    [InlineData("M")]
    [InlineData("a.b")]
    [InlineData("../m")]
    [InlineData("ä")]
    [InlineData("01234567890123456789012345678901234567890")]
    public void Others_are_refused(string name) => Assert.Throws<FormatException>(() => new MigrationReference(name));

    [Fact]
    public void It_is_lossless_until_a_step_says_otherwise_and_again_when_that_is_undone()
    {
        var info = new RegistryMigrationInfo { Name = "m", Id = "i", System = "s", Steps = [Step(MigrationStepState.Done)] };

        Assert.True(info.IsUndoLossless);
        Assert.Equal("pushed", (info with { Steps = [Step(MigrationStepState.Done, "pushed"), Step(MigrationStepState.Done)] }).NoReturn);
        Assert.True((info with { Steps = [Step(MigrationStepState.Undone, "pushed")] }).IsUndoLossless);
    }

    [Fact]
    public void A_pass_takes_the_numbers_of_its_result()
    {
        var result = new SyncResult
        {
            Source = new RegistryStore("/a"),
            Destination = new RegistryStore("s3://b"),
            Status = SyncStatus.CompletedWithDefects,
            Duration = TimeSpan.FromSeconds(2),
            Copied = 3,
            CopiedBytes = 400,
            Defects = [new StoreDefect(DefectKind.MissingBlob, "k", ""), new StoreDefect(DefectKind.MissingBlob, "l", "")],
        };

        var pass = MigrationPass.From(result, MigrationPassKind.Final);

        Assert.Equal(("/a", "s3://b", 200.0, 2), (pass.Source, pass.Destination, pass.BytesPerSecond, pass.Defects["MissingBlob"]));
        Assert.False(pass.IsProofOfSameness);
        Assert.True((pass with { Copied = 0 }).IsProofOfSameness);
        Assert.False((pass with { Copied = 0, Deferred = 1 }).IsProofOfSameness);
        Assert.False((pass with { Copied = 0, Status = SyncStatus.Interrupted }).IsProofOfSameness);
    }

    [Theory]
    // Two servers may have a bucket of one name; pods and journals of before record no servers.
    [InlineData("s3://quay", "old", "s3://quay", "new", false)]
    [InlineData("s3://quay", "old", "s3://quay", "old", true)]
    [InlineData("s3://quay", null, "s3://quay", "old", true)]
    [InlineData("s3://old", "one", "s3://new", "one", false)]
    public void A_pass_onto_itself_is_known(string source, string? sourceServer, string destination, string? destinationServer, bool itself)
    {
        var pass = new MigrationPass { Source = source, SourceServer = sourceServer, Destination = destination, DestinationServer = destinationServer };
        Assert.Equal(itself, pass.IsOntoItself);
        var back = new MigrationPass { Source = destination, SourceServer = destinationServer, Destination = source, DestinationServer = sourceServer };
        Assert.True(back.IsOppositeOf(pass));
        Assert.Equal(itself, pass.IsOppositeOf(pass));
    }
}
