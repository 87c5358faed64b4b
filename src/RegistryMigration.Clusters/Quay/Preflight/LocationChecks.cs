using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Preflight;
using RegistryMigration.Clusters.Quay.Configuration;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Checks.PreflightCheck;

namespace RegistryMigration.Clusters.Quay.Preflight;

/// <summary>Where a Quay keeps blobs: everything that names a location has to mean one that is moved.</summary>
internal static class LocationChecks
{
    // Where Quay keeps other files than images, and where a copy looks for them (config.py).
    private static readonly (string Setting, string Path)[] Paths = [("USERFILES_PATH", "userfiles"), ("LOG_ARCHIVE_PATH", "logarchive"), ("ACTION_LOG_ARCHIVE_PATH", "actionlogarchive")];

    private static readonly string[] Naming = ["USERFILES_LOCATION", "LOG_ARCHIVE_LOCATION", "ACTION_LOG_ARCHIVE_LOCATION"];

    public static RegistryCheck Mapped(QuayRegistry quay, PreflightOptions options)
    {
        const string name = "Storage locations";
        var evidence = quay.Locations.Select(location => location.Problem is { } problem ? $"{location.Name}: {problem}" : $"{location}").ToArray();
        if (evidence.Length == 0)
            return Failed(name, "See with Get-QuayRegistry why there is none: without it there is nothing to move.", "the configuration names no storage location");
        if (options.Location is { } wanted && quay.Locations.All(location => location.Name != wanted))
            return Failed(name, $"Name one that there is: there is no location '{wanted}'.", evidence);
        if (options.Location is null && quay.Locations.Count > 1)
            return Failed(name, "Blobs may lie in one location only. Say with -Location which one moves; each of the others stays, or moves with a migration of its own.", evidence);
        if (Moving(quay, options) is { Store: null })
            return Failed(name, "Correct the location, or move it by hand: this module can't read it.", evidence);
        return quay.Locations.Count > 1
            ? Warning(name, $"Keep the storage of the others: {string.Join(", ", quay.Locations.Where(location => location.Name != options.Location).Select(location => location.Name))} stay where they are.", evidence)
            : Passed(name, evidence);
    }

    /// <summary>The location that moves; null where that is not said.</summary>
    public static QuayStorageLocation? Moving(QuayRegistry quay, PreflightOptions options) =>
        options.Location is { } name ? quay.Locations.FirstOrDefault(location => location.Name == name) : quay.Locations.Count == 1 ? quay.Locations[0] : null;

    /// <summary>The database is not reachable from here: whoever reaches it is told what to ask.</summary>
    public static RegistryCheck Database(QuayRegistry quay) => Warning(
        "Location names in the database",
        "Run this in Quay's database. Every name with blobs has to be a location of the configuration, letter by letter, before and after the move: SELECT l.name, count(p.id) FROM imagestoragelocation l LEFT JOIN imagestorageplacement p ON p.location_id = l.id GROUP BY l.name;",
        $"the configuration has {(quay.Locations.Count == 0 ? "none" : string.Join(", ", quay.Locations.Select(location => $"'{location.Name}'")))}",
        "all names: SELECT name FROM imagestoragelocation;");

    /// <summary>Settings that name a location for other files than images.</summary>
    public static async Task<RegistryCheck> NamedAsync(QuayRegistry quay, IKubernetesClient? client, CancellationToken cancellationToken)
    {
        const string name = "Settings that name locations";
        try
        {
            if (await ConfigurationAsync(quay, client, cancellationToken) is not { } config)
                return Skipped(name, "the configuration that Quay runs with can't be read here");
            var named = Naming.Select(setting => (Setting: setting, Location: config.Scalar(setting))).Where(pair => pair.Location is not null).ToArray();
            var lost = named.Where(pair => quay.Locations.All(location => location.Name != pair.Location)).Select(pair => $"{pair.Setting} names '{pair.Location}', which is no location").ToArray();
            var elsewhere = Paths.Where(pair => config.Scalar(pair.Setting)?.Trim('/') is { } path && path != pair.Path).Select(pair => $"{pair.Setting} is '{config.Scalar(pair.Setting)}'").ToArray();
            if (elsewhere.Length > 0)
                return Failed(name, "A copy knows userfiles/, logarchive/ and actionlogarchive/ only: set these back and move the files there first, or copy them by hand besides.", elsewhere);
            return lost.Length > 0 ? Warning(name, "Correct them in the configuration: Quay can't keep these files.", lost)
                : Passed(name, named.Length == 0 ? ["none is set"] : named.Select(pair => $"{pair.Setting} is '{pair.Location}'"));
        }
        catch (Exception e) when (e is ClusterException or FormatException or IOException or UnauthorizedAccessException)
        {
            return Skipped(name, e.Message);
        }
    }

    private static async Task<QuayConfig?> ConfigurationAsync(QuayRegistry quay, IKubernetesClient? client, CancellationToken cancellationToken)
    {
        if (quay.ConfigurationPath is { } path)
            return QuayConfig.Parse(await File.ReadAllTextAsync(path, cancellationToken));
        if (client is null || quay.Namespace is not { } space || (quay.RenderedConfig ?? quay.ConfigBundle) is not { } secret)
            return null;
        return await client.FindAsync(ResourceTypes.Secrets, space, secret, cancellationToken) is { } found ? QuaySources.ConfigOf(found) : null;
    }
}
