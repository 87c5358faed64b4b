using System.Text;
using RegistryMigration.Engine.Audit;
using RegistryMigration.Engine.Layouts;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Tests.Support;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Audit;

/// <summary>One image in one repository, and ways to break it.</summary>
public abstract class AuditTestBase
{
    protected const string Repository = "team/app";

    private protected AuditTestBase(bool listsMd5 = true)
    {
        Registry = new TestRegistry(new MemoryStore { Capabilities = new StoreCapabilities { ListsMd5 = listsMd5 } });
        Manifest = Registry.Image(Repository, "v1", "layer one", "layer two");
        Layer = Digest.OfSha256("layer one"u8);
    }

    private protected TestRegistry Registry { get; }

    private protected MemoryStore Store => Registry.Store;

    protected Digest Manifest { get; }

    protected Digest Layer { get; }

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected static string BlobKey(Digest digest) => DistributionLayout.Instance.BlobKey(digest);

    protected static string Current(string tag) => DistributionLayout.TagCurrentLinkKey(Repository, tag);

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private protected Task<AuditResult> AuditAsync(AuditOptions? options = null, OpenStore? source = null) => AuditAsync(Store.Open(), options, source);

    private protected static Task<AuditResult> AuditAsync(OpenStore store, AuditOptions? options = null, OpenStore? source = null) =>
        new StoreAudit(store, source, options ?? new AuditOptions(), new FastTime()).RunAsync(Token);

    /// <summary>Asserts that these are all the defects there are, in every field but the message, which has to say something.</summary>
    protected static void AssertDefects(AuditResult result, params StoreDefect[] expected)
    {
        Assert.Equal(expected, result.Defects.Select(defect => defect with { Message = "" }));
        Assert.Equal(expected.Length, result.DefectCount);
        Assert.Equal(expected.Length == 0, result.IsClean);
        Assert.All(result.Defects, defect => Assert.EndsWith(".", defect.Message, StringComparison.Ordinal));
    }

    protected static StoreDefect Defect(DefectKind kind, string key, Digest? digest = null, string? repository = null, string? tag = null, DefectOrigin origin = DefectOrigin.Unknown) =>
        new(kind, key, "", digest?.ToString(), repository, tag, origin);
}
