using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.Quay.Configuration;
using RegistryMigration.Engine.Stores.FileSystem;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay.Steps;

/// <summary>A Quay that reads a config.yaml at its start: the file is replaced whole, what was there stays beside it, and somebody restarts Quay.</summary>
/// <param name="context">The migration so far, and what restarts Quay.</param>
internal sealed class StandaloneQuay(StepContext context) : IQuayHost
{
    private const string Backup = "backup";
    private const string Salt = "salt";
    private const string From = "from";
    private const string To = "to";
    private const string Keys = "fields";
    private const string Values = "values";
    private const string Without = "without";
    private const string BackupEnding = ".bak";

    private readonly string _path = context.Migration.ConfigurationPath!;

    /// <inheritdoc />
    public string Target => _path;

    /// <inheritdoc />
    public bool IsRestartedByHand => true;

    /// <inheritdoc />
    public async Task<QuayNow> ReadAsync(CancellationToken cancellationToken)
    {
        var config = await ParseAsync(_path, cancellationToken);
        return new QuayNow(await QuayReader.ReadFileAsync(_path, cancellationToken), config, config);
    }

    /// <inheritdoc />
    public async Task<QuayState> ReadStateAsync(CancellationToken cancellationToken) => QuayStates.Of(await ParseAsync(_path, cancellationToken));

    /// <inheritdoc />
    public async Task<JsonObject> CaptureAsync(QuayNow now, QuayEdit edit, string step, CancellationToken cancellationToken)
    {
        List<string> keys = [.. now.Given.Json.Select(key => key.Key).Union(edit.Config.Json.Select(key => key.Key), StringComparer.Ordinal).Where(key => !JsonNode.DeepEquals(now.Given.At(key), edit.Config.At(key)))];
        var salt = SaltedHash.NewSalt();
        var files = new JsonObject();
        foreach (var name in edit.Files.Keys.Concat(edit.Without))
            files[name] = await HashOfAsync(Beside(name), salt, cancellationToken);
        return new JsonObject
        {
            [Keys] = new JsonArray([.. keys.Select(key => (JsonNode)key)]),
            [FileRecord.Field] = files,
            [Without] = new JsonArray([.. edit.Without.Select(name => (JsonNode)name)]),
            [Backup] = $"{_path}.{context.Migration.Name}-{context.Migration.Id[..Math.Min(8, context.Migration.Id.Length)]}.{step}{BackupEnding}",
            [Salt] = salt,
            [From] = SaltedHash.Of(now.Given.Text, salt),
            [Values] = SaltedHash.Of(ValuesOf(now.Given, keys), salt),
            [To] = SaltedHash.Of(edit.Config.Text, salt),
        };
    }

    /// <inheritdoc />
    public async Task<string> ApplyAsync(JsonObject before, Func<QuayNow, QuayEdit> edit, CancellationToken cancellationToken)
    {
        RemoveRemains(before);
        var now = await ReadAsync(cancellationToken);
        var hash = HashIn(before, now.Given.Text);
        if (hash == (string)before[From]!)
        {
            var made = edit(now);
            if (HashIn(before, made.Config.Text) != (string)before[To]!)
                throw Refused("What would be written is not what this step began with: other parameters are given than then. Undo-RegistryMigration gives the step up; then run it anew.");
            await WriteAsync((string)before[Backup]!, now.Given.Text, cancellationToken);
            foreach (var (name, content) in made.Files)
                await PutAsync(before, name, content, cancellationToken);
            foreach (var name in Dropped(before))
                await BackUpAsync(before, name, cancellationToken);
            await WriteAsync(_path, made.Config.Text, cancellationToken);
        }
        else if (hash != (string)before[To]!)
        {
            throw Refused($"Somebody has changed {_path} since this step began; what was there then is in {before[Backup]}, where that was written. Undo-RegistryMigration gives the step up and leaves other keys as they are; then run it anew.");
        }

        await RestartAsync(cancellationToken);
        return $"{_path} says so ({string.Join(", ", Names(before))}), and what was there is in {before[Backup]}";
    }

    /// <inheritdoc />
    public async Task SettleAsync(JsonObject before, CancellationToken cancellationToken)
    {
        // Quay reads its key each time that it signs. What somebody else has put there since is theirs.
        foreach (var name in Dropped(before))
        {
            if (await HashOfAsync(Beside(name), (string)before[Salt]!, cancellationToken) == (string)before[FileRecord.Field]![name]!)
                Delete(Beside(name));
        }
    }

    /// <inheritdoc />
    public async Task<string> RestoreAsync(JsonObject before, CancellationToken cancellationToken)
    {
        RemoveRemains(before);
        var backup = (string)before[Backup]!;
        // Written before anything else, so that without it nothing was changed.
        if (!File.Exists(backup))
        {
            if (HashIn(before, ValuesOf(await ParseAsync(_path, cancellationToken), Names(before))) != (string)before[Values]!)
                throw Refused($"{backup}, which holds what was in {_path}, is gone. Bring {string.Join(", ", Names(before))} back by hand, or the file from a backup of yours, then undo again.");
            // Somebody may have brought it back by hand.
            await RestartAsync(cancellationToken);
            return $"{_path} has nothing of this step";
        }

        var was = await ParseAsync(backup, cancellationToken);
        if (HashIn(before, was.Text) != (string)before[From]!)
            throw Refused($"{backup} is not what this step found in {_path}. Bring {string.Join(", ", Names(before))} back by hand, or the file from a backup of yours, then undo again.");
        var now = await ParseAsync(_path, cancellationToken);
        // What others have changed meanwhile is theirs.
        var restored = HashIn(before, now.Text) == (string)before[To]! ? was : Names(before).Aggregate(now, (config, key) => config.Set(was.At(key)?.DeepClone(), key));
        if (restored.Text != now.Text)
            await WriteAsync(_path, restored.Text, cancellationToken);
        foreach (var (name, found) in before[FileRecord.Field] as JsonObject ?? [])
            await BringBackAsync(before, name, (string)found!, cancellationToken);
        await RestartAsync(cancellationToken);
        foreach (var (name, found) in before[FileRecord.Field] as JsonObject ?? [])
        {
            if ((string)found! == FileRecord.Absent)
                Delete(Beside(name));
        }

        return Describe(before);
    }

    /// <inheritdoc />
    public async Task<QuayStorageLocation?> FindFormerAsync(JsonObject before, string location, CancellationToken cancellationToken)
    {
        var backup = (string)before[Backup]!;
        var was = await QuayReader.ReadFileAsync(File.Exists(backup) ? backup : _path, cancellationToken);
        return was.Locations.FirstOrDefault(found => found.Name == location);
    }

    /// <inheritdoc />
    public string Describe(JsonObject before) => $"{string.Join(", ", Names(before))} in {_path} as in {before[Backup]}";

    private static IEnumerable<string> Names(JsonObject before) => (before[Keys] as JsonArray ?? []).Select(name => (string)name!);

    private static IEnumerable<string> Dropped(JsonObject before) => (before[Without] as JsonArray ?? []).Select(name => (string)name!);

    private static string BackupOf(JsonObject before, string name) => $"{((string)before[Backup]!)[..^BackupEnding.Length]}.{name}{BackupEnding}";

    // What is hashed holds secrets, and is not recorded.
    private static string HashIn(JsonObject before, string text) => SaltedHash.Of(text, (string)before[Salt]!);

    private static string ValuesOf(QuayConfig config, IEnumerable<string> keys) => string.Join('\n', keys.Select(key => $"{key}={config.At(key)?.ToJsonString()}"));

    private static async Task<string> HashOfAsync(string path, string salt, CancellationToken cancellationToken) => File.Exists(path) ? SaltedHash.Of(await File.ReadAllTextAsync(path, cancellationToken), salt) : FileRecord.Absent;

    private async Task<QuayConfig> ParseAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return QuayConfig.Parse(await File.ReadAllTextAsync(path, cancellationToken));
        }
        catch (FormatException e)
        {
            throw new ClusterException(ClusterErrorKind.Configuration, $"{path}: {e.Message}", e) { Target = path };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused($"{path} can't be read: {e.Message} What steps of this migration found in {_path} is beside it, in files that end in {BackupEnding}. Bring it back or remove the cause, then run the same command again.");
        }
    }

    private async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        try
        {
            await FileReplacement.WriteAsync(path, text, _path, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused($"{path} can't be written: {e.Message} It is as it was. Remove the cause, then run the same command again.");
        }
    }

    // What lies there under this name may be another storage's certificate, or somebody's key (Quay's documentation has the same names).
    private async Task PutAsync(JsonObject before, string name, string content, CancellationToken cancellationToken)
    {
        var (path, found) = (Beside(name), (string)before[FileRecord.Field]![name]!);
        var now = await HashOfAsync(path, (string)before[Salt]!, cancellationToken);
        if (now == HashIn(before, content))
            return;
        if (now != found)
            throw Refused($"Somebody has changed {path} since this step began. Undo-RegistryMigration gives the step up; then run it anew.");
        await BackUpAsync(before, name, cancellationToken);
        await WriteAsync(path, content, cancellationToken);
    }

    private async Task BackUpAsync(JsonObject before, string name, CancellationToken cancellationToken)
    {
        if (File.Exists(Beside(name)))
            await WriteAsync(BackupOf(before, name), await File.ReadAllTextAsync(Beside(name), cancellationToken), cancellationToken);
    }

    private async Task BringBackAsync(JsonObject before, string name, string found, CancellationToken cancellationToken)
    {
        var (path, backup) = (Beside(name), BackupOf(before, name));
        if (found != FileRecord.Absent && await HashOfAsync(path, (string)before[Salt]!, cancellationToken) != found && File.Exists(backup))
            await WriteAsync(path, await File.ReadAllTextAsync(backup, cancellationToken), cancellationToken);
    }

    // They hold secrets, and lie where a process was killed while it wrote one of these.
    private void RemoveRemains(JsonObject before)
    {
        IEnumerable<string> files = [_path, (string)before[Backup]!, .. (before[FileRecord.Field] as JsonObject ?? []).SelectMany(file => new[] { Beside(file.Key), BackupOf(before, file.Key) })];
        foreach (var path in files)
            Delete(path, FileReplacement.RemoveRemains);
    }

    private void Delete(string path) => Delete(path, File.Delete);

    private void Delete(string path, Action<string> delete)
    {
        try
        {
            delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused($"{path} can't be deleted: {e.Message} Remove the cause, then run the same command again.");
        }
    }

    private string Beside(string name) => Path.Combine(Path.GetDirectoryName(_path)!, name);

    private async Task RestartAsync(CancellationToken cancellationToken)
    {
        if (context.Restart is { } restart)
            await restart(cancellationToken);
        else
            context.Notices?.Report($"{_path} is written: restart Quay now (podman restart quay), on every host that runs it");
    }

    private ClusterException Refused(string message) => new(ClusterErrorKind.Precondition, message) { Target = _path };
}
