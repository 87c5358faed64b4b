using System.Text.Json;

namespace RegistryMigration.Benchmarks.Trees;

/// <summary>Keeps generated trees below a directory, since making one takes longer than some runs.</summary>
internal sealed class TreeCache(string directory)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The tree of this shape, made unless it is there.</summary>
    public async Task<Tree> GetAsync(TreeShape shape, CancellationToken cancellationToken)
    {
        var place = Path.Combine(directory, shape.Name);
        var description = Path.Combine(place, "tree.json");
        if (File.Exists(description)
            && JsonSerializer.Deserialize<Tree>(await File.ReadAllTextAsync(description, cancellationToken)) is { } tree && tree.Shape == shape)
        {
            return tree with { Path = Path.Combine(place, "data") };
        }

        // Written last, so a tree without its description is one that was cut off.
        if (Directory.Exists(place))
            Directory.Delete(place, recursive: true);
        var made = await Task.Run(() => TreeGenerator.Write(shape, Path.Combine(place, "data"), cancellationToken), cancellationToken);
        await File.WriteAllTextAsync(description, JsonSerializer.Serialize(made, Indented), cancellationToken);
        return made;
    }
}
