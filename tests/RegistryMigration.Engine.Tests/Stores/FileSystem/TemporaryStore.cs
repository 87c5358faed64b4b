using System.Diagnostics;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Stores.FileSystem;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Tests.Stores.FileSystem;

/// <summary>A store in a directory of its own, removed afterwards.</summary>
internal sealed class TemporaryStore : IDisposable
{
    public const string Root = "docker/registry/v2/";

    public TemporaryStore(bool portable = false, string root = "")
    {
        Store = new FileSystemStore(Path, root, new StoreContext(), portable ? new PortableFileCalls() : FileCalls.Default);
        RootPath = System.IO.Path.Combine(Path, root);
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("rm-store-").FullName;

    public string RootPath { get; }

    public FileSystemStore Store { get; }

    public List<RejectedEntry> Rejected { get; } = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public string PathOf(string key) => System.IO.Path.Combine(RootPath, key);

    /// <summary>Puts a file there without the store.</summary>
    public void Put(string key, string content = "x")
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(PathOf(key))!);
        File.WriteAllText(PathOf(key), content);
    }

    public async Task<List<StoreEntry>> ListAsync(string prefix = "")
    {
        var entries = new List<StoreEntry>();
        await foreach (var page in Store.ListAsync(prefix, Rejected.Add, Token))
        {
            Assert.InRange(page.Length, 1, 1000);
            entries.AddRange(page.ToArray());
        }

        return entries;
    }

    public async Task<List<string>> KeysAsync(string prefix = "") => (await ListAsync(prefix)).ConvertAll(entry => entry.Key);

    public async Task<string> ReadAsync(string key)
    {
        await using var reader = await Store.ReadAsync(key, 0, null, Token);
        using var text = new StreamReader(reader.Content);
        return await text.ReadToEndAsync(Token);
    }

    /// <summary>Every file below the directory, unfinished ones included.</summary>
    public string[] Files() => Directory.GetFiles(Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 });

    /// <summary>Runs a program of the system; its exit code.</summary>
    public static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        await process.WaitForExitAsync(Token);
        return process.ExitCode;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
