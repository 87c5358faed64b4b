using System.Globalization;

namespace RegistryMigration.Benchmarks.Trees;

/// <summary>Makes trees: every blob hashes to its name, and a registry would serve every manifest.</summary>
internal static class TreeGenerator
{
    private const ulong Seed = 1;

    /// <summary>Writes a tree below a directory.</summary>
    /// <param name="shape">What it shall look like.</param>
    /// <param name="root">Where; gets <c>docker/registry/v2</c>.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static Tree Write(TreeShape shape, string root, CancellationToken cancellationToken)
    {
        var random = new DeterministicRandom(Seed);
        var writer = new TreeWriter(root);
        var images = new ImageWriter(writer, random);
        Layer[] layers = [.. shape.LayerSizes(random, shape.LayerBytes, shape.LargeLayers).Select(size => writer.WriteLayer(random, size, cancellationToken))];
        var ofRepository = Enumerable.Range(0, shape.Repositories).Select(_ => random.Sample(layers, shape.LayersOfRepository)).ToArray();
        var tags = new List<Tag>();
        for (var i = 0; i < shape.Images; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var number = i % shape.Repositories;
            var repository = RepositoryName(number);
            var manifest = images.Write(repository, random.Sample(ofRepository[number], random.Between(shape.FewestLayers, shape.MostLayers)), oci: number % 3 == 0);
            if (random.Fraction() >= shape.TaggedShare)
                continue;
            tags.Add(new Tag(repository, string.Create(CultureInfo.InvariantCulture, $"v{i}")));
            images.WriteTag(tags[^1], manifest);
        }

        var content = writer.Added;
        for (var i = 0; i < shape.Uploads; i++)
            WriteUpload(writer, random, RepositoryName(i % shape.Repositories));
        return new Tree(shape, root, writer.Added, writer.Added - content, writer.Links, layers, tags);
    }

    private static string RepositoryName(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"team{number % 10}/{(number % 7 == 0 ? "sub/" : "")}app{number}");

    // What a push that was cut off leaves behind.
    private static void WriteUpload(TreeWriter writer, DeterministicRandom random, string repository)
    {
        var id = new byte[16];
        random.Fill(id);
        var path = $"repositories/{repository}/_uploads/{new Guid(id)}";
        var data = new byte[random.Between(1_000, 200_000)];
        random.Fill(data);
        var state = new byte[108];
        random.Fill(state);
        writer.Write($"{path}/data", data);
        writer.Write($"{path}/startedat", "2024-01-01T00:00:00Z"u8.ToArray());
        writer.Write($"{path}/hashstates/sha256/0", state);
        writer.Write(string.Create(CultureInfo.InvariantCulture, $"{path}/hashstates/sha256/{data.Length}"), state);
    }
}
