using System.Diagnostics;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Engine.Tests.Stores.FileSystem;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>Targets that are full or take no writes, and two passes that write at once.</summary>
public sealed class TargetRefusalTests(LabFixture lab)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_disk_that_is_full_is_named_and_goes_on_when_there_is_room()
    {
        var sample = new FaultSample();
        var disk = await lab.MountDiskAsync("full-" + Guid.NewGuid().ToString("n")[..8], 24);
        var filler = Path.Combine(disk, "filler");
        await File.WriteAllBytesAsync(filler, new byte[16 << 20], Token);
        var directory = Directory.CreateDirectory(Path.Combine(disk, "store")).FullName;
        await using var target = await Passes.OpenAsync(new RegistryStore(directory));
        var result = await Passes.RunAsync(sample.Open(), target);
        result.AssertFailed(Party.Target, StoreErrorKind.Full);
        Assert.Contains("Free space", result.Failures[0].Message, StringComparison.Ordinal);
        // Not a trace of the half-written one.
        Assert.InRange(Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length), 0, 100_000);
        await Passes.AssertHarmlessAsync(target);
        File.Delete(filler);
        await Passes.AssertResumesAsync(sample.Open(), target);
    }

    [Fact]
    public async Task A_quota_that_is_used_up_is_named_and_goes_on_when_it_is_raised()
    {
        var sample = new FaultSample();
        await using var space = await FaultSpace.CreateAsync(lab, StoreKind.S3);
        await QuotaAsync(space, 4 << 20);
        await using var target = await space.OpenDirectAsync();
        var result = await Passes.RunAsync(sample.Open(), target);
        result.AssertFailed(Party.Target, StoreErrorKind.Full);
        Assert.Contains("quota", result.Failures[0].Message, StringComparison.OrdinalIgnoreCase);
        await Passes.AssertHarmlessAsync(target);
        await QuotaAsync(space, 1L << 30);
        await Passes.AssertResumesAsync(sample.Open(), target);
    }

    [Fact]
    public async Task A_mount_that_is_read_only_is_named()
    {
        var sample = new FaultSample();
        var disk = await lab.MountDiskAsync("ro-" + Guid.NewGuid().ToString("n")[..8], 24);
        var directory = Directory.CreateDirectory(Path.Combine(disk, "store")).FullName;
        Assert.Equal(0, await TemporaryStore.RunAsync("mount", "-o", "remount,ro", disk));
        await using var target = await Passes.OpenAsync(new RegistryStore(directory));
        var result = await Passes.RunAsync(sample.Open(), target);
        result.AssertFailed(Party.Target, StoreErrorKind.ReadOnly);
        Assert.Contains("Mount it writable", result.Failures[0].Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory));
        Assert.Equal(0, await TemporaryStore.RunAsync("mount", "-o", "remount,rw", disk));
        await Passes.AssertResumesAsync(sample.Open(), target);
    }

    [Theory]
    [InlineData(StoreKind.S3)]
    [InlineData(StoreKind.Swift)]
    public async Task A_user_who_may_not_write_is_refused(StoreKind kind)
    {
        var sample = new FaultSample();
        await using var space = await FaultSpace.CreateAsync(lab, kind);
        var right = space.Define(direct: true);
        var refused = new RegistryStore(space.Address)
        {
            Root = "docker/registry/v2",
            S3 = kind == StoreKind.S3 ? new S3Options { Endpoint = right.S3.Endpoint, Region = right.S3.Region, AccessKey = lab.Ceph.Second.AccessKey, SecretKey = new Secret(lab.Ceph.Second.SecretKey) } : new S3Options(),
            Swift = kind == StoreKind.Swift ? new SwiftOptions { AuthUrl = right.Swift.AuthUrl, UserName = lab.Swift.Reader.User, Password = new Secret(lab.Swift.Reader.Key) } : new SwiftOptions(),
        };
        await using var target = await Passes.OpenAsync(refused);
        var result = await Passes.RunAsync(sample.Open(), target);
        result.AssertFailed(Party.Target, StoreErrorKind.Denied);
        Assert.Equal(0, result.Copied);
        await using var owner = await space.OpenDirectAsync();
        Assert.Empty(await Passes.ListAsync(owner));
        await Passes.AssertResumesAsync(sample.Open(), owner);
    }

    [Theory]
    [InlineData(StoreKind.S3)]
    [InlineData(StoreKind.Swift)]
    [InlineData(StoreKind.FileSystem)]
    public async Task Two_passes_at_once_into_one_target_agree(StoreKind kind)
    {
        var sample = new FaultSample();
        await using var space = await FaultSpace.CreateAsync(lab, kind);
        await using var one = await space.OpenDirectAsync();
        await using var other = await space.OpenDirectAsync();
        var both = await Task.WhenAll(Passes.RunAsync(sample.Open(), one), Passes.RunAsync(sample.Open(), other));
        Assert.All(both, result => result.AssertCompleted());
        await Passes.AssertSameAsync(sample.Open(), one);
        var third = await Passes.RunAsync(sample.Open(), one);
        Assert.Equal((0L, (long)sample.Store.Keys.Count), (third.Copied, third.Unchanged));
    }

    // Of this bucket alone: other tests have theirs.
    private async Task QuotaAsync(FaultSpace space, long bytes)
    {
        var configuration = Path.Combine(lab.StateDirectory, "etc", "ceph.conf");
        foreach (var command in new string[][] { ["set", $"--max-size={bytes}"], ["enable"] })
        {
            var start = new ProcessStartInfo("radosgw-admin", ["-c", configuration, "-n", "client.rgw", "quota", command[0], "--quota-scope=bucket", "--bucket=" + space.Address.Container, .. command[1..]]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync(Token);
            await process.StandardOutput.ReadToEndAsync(Token);
            await process.WaitForExitAsync(Token);
            Assert.True(process.ExitCode == 0, await errors);
        }
    }
}
