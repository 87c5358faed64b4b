using System.Text;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>Keys are data from outside: those that are unsafe or too long are named, and stop nothing else.</summary>
public sealed class KeyTests(LabFixture lab)
{
    private static readonly string LinkEnd = $"/_layers/sha256/{FaultSample.Small.Hex}/link";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static byte[] LinkBytes => Encoding.ASCII.GetBytes(FaultSample.Small.ToString());

    [Theory]
    [InlineData(StoreKind.S3)]
    [InlineData(StoreKind.Swift)]
    public async Task What_climbs_out_of_a_directory_is_named_and_never_written(StoreKind kind)
    {
        var sample = new FaultSample();
        await using var space = await FaultSpace.CreateAsync(lab, kind);
        await space.FillAsync(sample);
        await using var source = await space.OpenDirectAsync();
        string[] bad = ["repositories/../../../../escaped" + LinkEnd, "repositories/a/./b" + LinkEnd, "repositories/a//b" + LinkEnd, "repositories/control\u0001" + LinkEnd, $"repositories/{new string('n', 300)}{LinkEnd}"];
        foreach (var key in bad)
            await source.Store.WriteAsync(key, new StoreContent(LinkBytes), Token);
        // Names that mean nothing to the layout: a directory marker, and a link with a slash behind it.
        foreach (var key in new[] { "repositories/marker/", $"repositories/team/app{LinkEnd}/" })
            await source.Store.WriteAsync(key, new StoreContent(LinkBytes), Token);

        await using var directory = await FaultSpace.CreateAsync(lab, StoreKind.FileSystem);
        await using var target = await directory.OpenDirectAsync();
        var result = await Passes.RunAsync(source, target);
        result.AssertFailed(Party.Target, StoreErrorKind.InvalidKey);
        Assert.Equal(bad.Order(StringComparer.Ordinal), result.Failures.Select(failure => failure.Key).Order(StringComparer.Ordinal));
        Assert.Equal(2, result.Skipped.Single(skipped => skipped.Kind == EntryKind.Unknown).Count);
        Assert.False(File.Exists(Path.Combine(Path.GetTempPath(), "escaped")) || Directory.Exists(Path.Combine(Path.GetTempPath(), "escaped")));
        Assert.Equal(["docker"], Directory.EnumerateFileSystemEntries(directory.Address.Container).Select(Path.GetFileName));
        await Passes.AssertSameAsync(sample.Open(), target);
    }

    [Fact]
    public async Task A_key_with_NUL_reaches_no_server_and_no_directory()
    {
        var sample = new FaultSample();
        var bad = "repositories/nul\0name" + LinkEnd;
        sample.Store.Put(bad, LinkBytes);
        foreach (var kind in new[] { StoreKind.Swift, StoreKind.FileSystem })
        {
            await using var space = await FaultSpace.CreateAsync(lab, kind);
            await using var target = await space.OpenDirectAsync();
            var result = await Passes.RunAsync(sample.Open(), target);
            result.AssertFailed(Party.Target, StoreErrorKind.InvalidKey);
            Assert.Equal(bad, Assert.Single(result.Failures).Key);
            await Passes.AssertSameAsync(new FaultSample().Open(), target);
        }
    }

    [Theory]
    [InlineData(StoreKind.S3)]
    [InlineData(StoreKind.Swift)]
    [InlineData(StoreKind.FileSystem)]
    public async Task A_key_of_1025_bytes_is_named_and_the_longest_ones_and_non_ASCII_arrive(StoreKind kind)
    {
        await using var space = await FaultSpace.CreateAsync(lab, kind);
        await using var target = await space.OpenDirectAsync();
        var sample = new FaultSample();
        // Key and root together may have 1,024 bytes on a server; a directory takes 1,024 below its root.
        var limit = KeyRules.MaxKeyBytes - (kind == StoreKind.FileSystem ? 0 : Encoding.UTF8.GetByteCount(target.Root));
        var longest = LongKey(limit);
        sample.Store.Put(longest, LinkBytes);
        foreach (var name in new[] { "реєстр/образ", "日本語", "emoji-🧪", "e\u0301-\u00e9", "space and+plus%2F" })
            sample.Store.Put($"repositories/{name}{LinkEnd}", LinkBytes);
        sample.Store.Put(LongKey(limit + 1), LinkBytes);
        var result = await Passes.RunAsync(sample.Open(), target);
        result.AssertFailed(Party.Target, StoreErrorKind.InvalidKey);
        Assert.Equal(LongKey(limit + 1), Assert.Single(result.Failures).Key);
        sample.Store.Remove(LongKey(limit + 1));
        await Passes.AssertSameAsync(sample.Open(), target);

        await using var back = new MemoryStore { Name = "back" };
        (await Passes.RunAsync(target, back.Open())).AssertCompleted();
        Assert.Equal(sample.Store.Keys, back.Keys);
    }

    [Fact]
    public async Task Links_out_of_a_source_directory_and_names_that_are_no_keys_are_reported_and_not_followed()
    {
        var sample = new FaultSample();
        await using var outside = await FaultSpace.CreateAsync(lab, StoreKind.FileSystem);
        await using var directory = await FaultSpace.CreateAsync(lab, StoreKind.FileSystem);
        await directory.FillAsync(sample);
        var secret = Path.Combine(outside.Address.Container, "shadow");
        await File.WriteAllTextAsync(secret, "not to be copied", Token);
        var root = Path.Combine(directory.Address.Container, "docker/registry/v2");
        var key = DistributionLayout.Instance.BlobKey(Digest.OfSha256("not to be copied"u8));
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, key))!);
        File.CreateSymbolicLink(Path.Combine(root, key), secret);
        Directory.CreateSymbolicLink(Path.Combine(root, "repositories/linked"), outside.Address.Container);
        var control = Directory.CreateDirectory(Path.Combine(root, "repositories/control\u0001/_layers/sha256", FaultSample.Small.Hex)).FullName;
        await File.WriteAllBytesAsync(Path.Combine(control, "link"), LinkBytes, Token);

        await using var space = await FaultSpace.CreateAsync(lab, StoreKind.S3);
        await using var source = await directory.OpenDirectAsync();
        await using var target = await space.OpenDirectAsync();
        var result = await Passes.RunAsync(source, target);
        Assert.True(result is { Status: SyncStatus.CompletedWithDefects, Failed: 0 }, result.ToJson());
        Assert.InRange(result.Defects.Count, 3, 3);
        Assert.All(result.Defects, defect => Assert.Equal((DefectKind.UnusableName, DefectOrigin.BrokenAtSource), (defect.Kind, defect.Origin)));
        await Passes.AssertSameAsync(sample.Open(), target);
    }

    [Fact]
    public async Task A_link_out_of_a_target_directory_is_never_written_through()
    {
        var sample = new FaultSample();
        await using var outside = await FaultSpace.CreateAsync(lab, StoreKind.FileSystem);
        await using var directory = await FaultSpace.CreateAsync(lab, StoreKind.FileSystem);
        var root = Directory.CreateDirectory(Path.Combine(directory.Address.Container, "docker/registry/v2/repositories")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(root, "big"), outside.Address.Container);
        await using var target = await directory.OpenDirectAsync();
        var result = await Passes.RunAsync(sample.Open(), target);
        Assert.Equal(SyncStatus.Failed, result.Status);
        Assert.All(result.Failures, failure => Assert.Equal(Party.Target, failure.Party));
        Assert.Empty(Directory.EnumerateFileSystemEntries(outside.Address.Container));
        await Passes.AssertHarmlessAsync(target);
        Directory.Delete(Path.Combine(root, "big"));
        await Passes.AssertResumesAsync(sample.Open(), target);
    }

    // Segments of at most 255 bytes, as a file system takes them.
    private static string LongKey(int bytes)
    {
        var left = bytes - "repositories".Length - LinkEnd.Length;
        var key = new StringBuilder("repositories");
        while (left > 0)
        {
            // A last segment needs a slash and a name.
            var take = left <= 201 ? left : Math.Min(201, left - 2);
            key.Append('/').Append('a', take - 1);
            left -= take;
        }

        return key.Append(LinkEnd).ToString();
    }
}
