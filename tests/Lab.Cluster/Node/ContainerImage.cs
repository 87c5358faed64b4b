using System.Text.Json.Nodes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>Which program a container runs, since there are no images here.</summary>
internal static class ContainerImage
{
    // Storage and address come from REGISTRY_* variables, as in the real image.
    private const string RegistryConfiguration = "version: 0.1\nlog: {accesslog: {disabled: true}, formatter: text}\nstorage: {inmemory: {}}\nhttp: {addr: '127.0.0.1:0'}\n";

    /// <summary>Whether an image is the registry.</summary>
    public static bool IsRegistry(JsonObject container) => Name(container).EndsWith("docker-registry", StringComparison.Ordinal);

    /// <summary>Whether an image is Quay.</summary>
    public static bool IsQuay(JsonObject container) => Name(container).EndsWith("/quay", StringComparison.Ordinal);

    /// <summary>Quay's command line: this program. What it needs beside its image is a directory and a database.</summary>
    public static IReadOnlyList<string> QuayCommand(string configuration, string database, int port) =>
        ["dotnet", typeof(ContainerImage).Assembly.Location, "quay", "--config", configuration, "--database", database, "--listen", $"127.0.0.1:{port}"];

    /// <summary>Whether an image can't be pulled.</summary>
    public static bool IsMissing(JsonObject container) => Name(container).StartsWith("missing.invalid/", StringComparison.Ordinal);

    /// <summary>The command line; null where nothing on this machine could run it.</summary>
    public static IReadOnlyList<string>? Command(JsonObject container, IReadOnlyDictionary<string, string> variables, PathMap paths, string folder, string? worker)
    {
        string[] Texts(string name) => [.. (container[name] as JsonArray ?? []).Select(text => paths.Replace(PodEnvironment.Expand(text!.GetValue<string>(), variables)))];
        if (IsRegistry(container))
        {
            var file = Path.Combine(folder, "registry.yml");
            File.WriteAllText(file, RegistryConfiguration);
            return ["docker-registry", "serve", file];
        }
        string[] command = Texts("command"), arguments = Texts("args");
        if (command.Length > 0 && IsHere(command[0]))
            return [.. command, .. arguments];
        if (worker is null)
            return null;
        string[] start = worker.EndsWith(".dll", StringComparison.Ordinal) ? ["dotnet", worker] : [worker];
        return [.. start, .. command.Skip(1), .. arguments];
    }

    private static bool IsHere(string program) => program.Contains('/', StringComparison.Ordinal)
        ? File.Exists(program)
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, program)));

    private static string Name(JsonObject container)
    {
        var image = container["image"]?.GetValue<string>() ?? "";
        image = image.Split('@')[0];
        var colon = image.LastIndexOf(':');
        return colon > image.LastIndexOf('/') ? image[..colon] : image;
    }
}
