using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Stores.Swift;
using RegistryMigration.Engine.Tests.Lab;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>Nothing is concluded from a listing that breaks off or can't be right: not at the source, not at the target, not with -Prune.</summary>
public sealed class ListingTests(LabFixture lab)
{
    private const string SwiftRoot = "files/docker/registry/v2/";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreKind.S3)]
    [InlineData(StoreKind.Swift)]
    public async Task A_listing_that_fails_on_page_3_goes_on_or_fails_the_pass_and_nothing_is_pruned(StoreKind kind)
    {
        var sample = new FaultSample();
        await using var space = await FaultSpace.CreateAsync(lab, kind);
        // More keys than two pages of the server; Swift's are made small.
        if (kind == StoreKind.S3)
            Parallel.For(0, 2_100, i => sample.Registry.Blob(i.ToString(CultureInfo.InvariantCulture)));
        await space.FillAsync(sample);
        await using var source = kind == StoreKind.S3 ? await space.OpenAsync() : OpenSwift(space, pageSize: 5);
        await using var target = new MemoryStore { Name = "target" };
        var third = space.Inject(Fault.Answer(500), "GET", IsFurtherPage, times: 1, skip: 1);
        (await Passes.RunAsync(source, target.Open())).AssertCompleted();
        Assert.Equal(1, third.Met);
        Assert.Equal(sample.Store.Keys, target.Keys);

        var surplus = new TestRegistry(target).Image("only/here", "v1", "surplus");
        space.Inject(Fault.Answer(500), "GET", IsFurtherPage, skip: 1);
        var result = await Passes.RunAsync(source, target.Open(), Passes.Options(Passes.Once) with { Prune = true });
        result.AssertFailed(Party.Source, StoreErrorKind.Transient);
        Assert.Empty(target.Deleted);

        space.Proxy.Rules.Clear();
        var again = await Passes.RunAsync(source, target.Open(), Passes.Options() with { Prune = true });
        again.AssertCompleted();
        Assert.Equal(target.Deleted.Count, again.Deleted);
        Assert.Contains(DistributionLayout.Instance.BlobKey(surplus), target.Deleted);
        Assert.Equal(sample.Store.Keys, target.Keys);
    }

    [Theory]
    [InlineData(StoreKind.S3, "repeats", Party.Source)]
    [InlineData(StoreKind.S3, "repeats", Party.Target)]
    [InlineData(StoreKind.S3, "out of order", Party.Source)]
    [InlineData(StoreKind.S3, "out of order", Party.Target)]
    [InlineData(StoreKind.Swift, "repeats", Party.Source)]
    [InlineData(StoreKind.Swift, "repeats", Party.Target)]
    [InlineData(StoreKind.Swift, "out of order", Party.Source)]
    [InlineData(StoreKind.Swift, "out of order", Party.Target)]
    public async Task A_listing_that_can_not_be_right_ends_the_pass(StoreKind kind, string how, Party party)
    {
        var sample = new FaultSample();
        await using var space = await FaultSpace.CreateAsync(lab, kind);
        await space.FillAsync(sample);
        await using var memory = new MemoryStore { Name = "other" };
        new TestRegistry(memory).Image("other/app", "v1", "else");
        var before = memory.Keys;
        await using var broken = await space.OpenAsync();
        space.Inject(Fault.Rewrite(body => kind == StoreKind.S3 ? ChangeXml(body, how) : ChangeJson(body, how)), "GET", IsListing);
        var result = party == Party.Source
            ? await Passes.RunAsync(broken, memory.Open(), Passes.Options() with { Prune = true })
            : await Passes.RunAsync(memory.Open(), broken, Passes.Options() with { Prune = true });
        result.AssertFailed(party, StoreErrorKind.BrokenListing);
        Assert.Equal((0L, 0L), (result.Copied, result.Deleted));
        Assert.Equal(before, memory.Keys);
        space.Proxy.Rules.Clear();
        await Passes.AssertSameAsync(sample.Open(), broken);
    }

    [Theory]
    [InlineData(StoreKind.S3)]
    [InlineData(StoreKind.Swift)]
    [InlineData(StoreKind.FileSystem)]
    public async Task An_empty_source_prunes_nothing(StoreKind kind)
    {
        var sample = new FaultSample();
        // An upload of the registry at the target is no content of the source.
        sample.Store.Put("repositories/team/app/_uploads/7f0e/startedat", "2024"u8.ToArray());
        await using var space = await FaultSpace.CreateAsync(lab, kind);
        await using var empty = await space.OpenDirectAsync();
        await using var bare = space.OpenRaw();
        foreach (var key in new string[] { "repositories/gone/_uploads/1/startedat", "note.txt" })
        {
            var result = await Passes.RunAsync(empty, sample.Open(), Passes.Options() with { Prune = true });
            result.AssertFailed(Party.Target, StoreErrorKind.Conflict);
            Assert.Contains("lists as empty", result.Failures[0].Message, StringComparison.Ordinal);
            Assert.Empty(sample.Store.Deleted);
            await bare.WriteAsync(empty.Root + key, new StoreContent("x"u8.ToArray()), Token);
        }
    }

    private static bool IsListing(string target) => target.Contains("list-type=2", StringComparison.Ordinal) || target.Contains("format=json", StringComparison.Ordinal);

    private static bool IsFurtherPage(string target) => target.Contains("continuation-token", StringComparison.Ordinal) || target.Contains("marker=", StringComparison.Ordinal);

    private static OpenStore OpenSwift(FaultSpace space, int pageSize)
    {
        var definition = space.Define();
        var context = new StoreContext { Retry = new Engine.Resilience.RetryPolicy(Passes.Once, TimeProvider.System) };
        return new OpenStore(definition, SwiftStore.Create(definition.Address, SwiftRoot, definition.Swift, definition.Tls, context, pageSize), DistributionLayout.Instance, SwiftRoot, Found: true);
    }

    private static string ChangeXml(string body, string how)
    {
        var document = XDocument.Parse(body);
        var entries = document.Root!.Elements().Where(element => element.Name.LocalName == "Contents").ToList();
        if (entries.Count < 2)
            return body;
        if (how == "repeats")
        {
            entries[^1].AddAfterSelf(new XElement(entries[0]));
        }
        else
        {
            entries[^1].Remove();
            entries[0].AddBeforeSelf(entries[^1]);
        }

        return document.Declaration + document.ToString(SaveOptions.DisableFormatting);
    }

    private static string ChangeJson(string body, string how)
    {
        if (JsonNode.Parse(body) is not JsonArray { Count: > 1 } entries || entries[0]!["name"] is null)
            return body;
        if (how == "repeats")
        {
            entries.Add(entries[0]!.DeepClone());
        }
        else
        {
            var last = entries[^1];
            entries.RemoveAt(entries.Count - 1);
            entries.Insert(0, last);
        }

        return entries.ToJsonString();
    }
}
