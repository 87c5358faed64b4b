namespace RegistryMigration.Worker.Tests.Support;

/// <summary>The files of a directory as a registry would see them.</summary>
internal static class Tree
{
    private const string Uploads = "/_uploads/";

    /// <summary>Relative paths of all files but uploads and temporary files, which no registry takes for content.</summary>
    public static string[] Keys(string directory) => Directory.Exists(directory)
        ?
        [
            .. Directory.EnumerateFiles(directory, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
                .Select(path => Path.GetRelativePath(directory, path))
                .Where(key => !key.Contains(Uploads, StringComparison.Ordinal) && !Path.GetFileName(key).StartsWith(".rm-", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ]
        : [];

    /// <summary>Fails unless every file of <paramref name="copy"/> is whole: the same bytes as its namesake.</summary>
    public static void AssertWhole(string source, string copy)
    {
        foreach (var key in Keys(copy))
            Assert.True(File.ReadAllBytes(Path.Combine(copy, key)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(source, key))), $"{key} is not what the source has.");
    }

    /// <summary>Fails unless both have the same files with the same bytes.</summary>
    public static void AssertEqual(string source, string copy)
    {
        Assert.Equal(Keys(source), Keys(copy));
        AssertWhole(source, copy);
    }
}
