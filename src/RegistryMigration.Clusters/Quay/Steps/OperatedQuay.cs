using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Changes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay.Steps;

/// <summary>A Quay under its operator: a changed configuration is a new Secret that the QuayRegistry points to, and undone by pointing back.</summary>
/// <param name="client">The cluster.</param>
/// <param name="context">The migration so far, and how long the operator may take.</param>
internal sealed class OperatedQuay(IKubernetesClient client, StepContext context) : IQuayHost
{
    private const string Bundle = "configBundleSecret";
    private const string Components = "components";
    private const string RegistryField = "registry";
    private const string To = "to";

    /// <inheritdoc />
    public string Target => $"{QuayTypes.QuayRegistries}{(context.Migration.Instance is { } name ? $"/{name}" : "")} in {Namespace}";

    /// <inheritdoc />
    public bool IsRestartedByHand => false;

    private string Namespace => context.Migration.Namespace!;

    /// <inheritdoc />
    public async Task<QuayNow> ReadAsync(CancellationToken cancellationToken)
    {
        var sources = await ReadSourcesAsync(cancellationToken);
        if (sources.BundleConfig is null)
            throw Refused($"The config bundle {sources.BundleName ?? "(none is named)"} in {Namespace} can't be read{Why(sources)}. There is nothing to begin with without it: it is a Secret with Quay's {QuayTypes.ConfigKey}, named in spec.{Bundle}.");
        if (sources.RenderedConfig is null)
            throw Refused($"No configuration of {sources.Registry.Name} can be read{Why(sources)}: its deployment is not there yet, or names a Secret that this account may not read. Wait until the operator has come to rest, and see Get-QuayRegistry.");
        return new QuayNow(QuayReader.Of(client, sources), sources.BundleConfig, sources.RenderedConfig);
    }

    /// <inheritdoc />
    public async Task<QuayState> ReadStateAsync(CancellationToken cancellationToken) =>
        QuayStates.Of((await ReadSourcesAsync(cancellationToken)).RenderedConfig ?? (await ReadAsync(cancellationToken)).Effective);

    /// <inheritdoc />
    public async Task<JsonObject> CaptureAsync(QuayNow now, QuayEdit edit, string step, CancellationToken cancellationToken)
    {
        var registry = await client.GetAsync(QuayTypes.QuayRegistries, Namespace, now.Registry.Name, cancellationToken);
        var from = registry.Text("spec", Bundle)!;
        var bundle = await client.GetAsync(ResourceTypes.Secrets, Namespace, from, cancellationToken);
        var changes = edit.Config.Text != now.Given.Text || edit.Files.Count > 0 || edit.Without.Count > 0;
        var fields = new JsonArray(Bundle);
        var spec = new JsonObject { [Bundle] = from };
        if (edit.TakesStorage)
        {
            fields.Add(Components);
            // Where none are listed yet, all are the operator's.
            spec[Components] = registry.At("spec", Components)?.DeepClone() ?? new JsonArray();
        }

        return new JsonObject
        {
            ["resourceVersion"] = registry.ResourceVersion,
            ["generation"] = registry.Generation,
            ["fields"] = fields,
            ["spec"] = spec,
            [RegistryField] = registry.Name,
            [FileRecord.Field] = new JsonObject(edit.Files.Keys.Select(file => KeyValuePair.Create(file, (JsonNode?)(bundle.Text("data", file) is null ? FileRecord.Absent : from)))),
            [To] = changes ? BundleSecret.NameOf(registry.Name, BundleSecret.Data(bundle, edit)) : from,
        };
    }

    /// <inheritdoc />
    public async Task<string> ApplyAsync(JsonObject before, Func<QuayNow, QuayEdit> edit, CancellationToken cancellationToken)
    {
        var (name, from, to) = ((string)before[RegistryField]!, From(before), (string)before[To]!);
        if (await client.FindAsync(ResourceTypes.Secrets, Namespace, to, cancellationToken) is not { } there)
            await MakeAsync(name, from, to, edit, cancellationToken);
        else if (to != from && BundleSecret.NameOf(name, there.Section("data") ?? []) != to)
            throw Refused($"The Secret {to} in {Namespace}, which an earlier step made, was changed since, and is not what its name says. Save what you need of it and delete it, then run the same command again; Undo-RegistryMigration gives the step up.");
        await PointAsync(name, before, [from, to], to, before["spec"]?[Components] is null ? null : ComponentsWithoutStorage, cancellationToken);
        return await new QuayRollout(client, context, name).WaitAsync(to, cancellationToken);
    }

    /// <inheritdoc />
    public Task SettleAsync(JsonObject before, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public async Task<string> RestoreAsync(JsonObject before, CancellationToken cancellationToken)
    {
        var (name, from) = ((string)before[RegistryField]!, From(before));
        if (await client.FindAsync(ResourceTypes.Secrets, Namespace, from, cancellationToken) is null)
            throw Refused($"The Secret {from} in {Namespace}, which {name} was configured with, is gone, so that nothing can point back to it. Make it anew from a backup of the configuration, then undo again.");
        // A step that followed may have pointed elsewhere, and been left to this undo.
        var ours = context.Migration.Steps.Select(step => step.Before).OfType<JsonObject>().Where(record => record[To] is not null).SelectMany(record => new[] { From(record), (string)record[To]! });
        await PointAsync(name, before, [.. ours, from], from, before["spec"]?[Components] is null ? null : now => ComponentsAs(before["spec"]![Components], now), cancellationToken);
        var left = await client.FindAsync(ResourceTypes.Secrets, Namespace, (string)before[To]!, cancellationToken);
        return $"{Describe(before)} again; {await new QuayRollout(client, context, name).WaitAsync(from, cancellationToken, left is null ? null : QuaySources.ConfigOf(left))}";
    }

    /// <inheritdoc />
    public async Task<QuayStorageLocation?> FindFormerAsync(JsonObject before, string location, CancellationToken cancellationToken) =>
        (await QuayReader.ReadBundleAsync(client, Namespace, From(before), (string)before[RegistryField]!, cancellationToken)).FirstOrDefault(found => found.Name == location);

    /// <inheritdoc />
    public string Describe(JsonObject before) => $"{Bundle} {From(before)}{(before["spec"]?[Components] is null ? "" : $", storage {(IsStorageManaged(before["spec"]![Components]) ? "managed by the operator" : "not managed")}")}";

    private static string Why(QuaySources sources) => sources.Unread.Count == 0 ? "" : $" ({string.Join("; ", sources.Unread)})";

    private static string From(JsonObject before) => (string)before["spec"]![Bundle]!;

    private async Task MakeAsync(string name, string from, string to, Func<QuayNow, QuayEdit> edit, CancellationToken cancellationToken)
    {
        var bundle = await client.FindAsync(ResourceTypes.Secrets, Namespace, from, cancellationToken)
            ?? throw Refused($"The Secret {from} in {Namespace}, which this step began from, is gone. Undo the migration or make it anew from a backup.");
        var data = BundleSecret.Data(bundle, edit(await ReadAsync(cancellationToken)));
        if (BundleSecret.NameOf(name, data) != to)
            throw Refused($"What would be written is not what this step began with: somebody has changed the Secret {from} meanwhile, or other parameters are given than then. Undo-RegistryMigration gives the step up; then run it anew.");
        try
        {
            await client.CreateAsync(ResourceTypes.Secrets, Namespace, BundleSecret.Manifest(to, context.Migration.Name, data), WriteOptions.Default, cancellationToken);
        }
        catch (ClusterException e) when (e is { Kind: ClusterErrorKind.Conflict, Reason: "AlreadyExists" })
        {
            // Its name follows from its content.
        }
    }

    private async Task PointAsync(string name, JsonObject before, string[] known, string to, Func<JsonNode?, JsonNode?>? components, CancellationToken cancellationToken)
    {
        var registry = await client.GetAsync(QuayTypes.QuayRegistries, Namespace, name, cancellationToken);
        var change = new ConfigChange(QuayTypes.QuayRegistries, Namespace, name).When(current =>
        {
            if (current.Text("spec", Bundle) is var now && !known.Contains(now, StringComparer.Ordinal))
                throw Refused($"{name} is configured by {now ?? "nothing"} by now, which is neither what was there ({From(before)}) nor anything of this migration. Somebody else has changed it: look at it with Get-QuayRegistry, and decide by hand.");
        }).Set(to, Bundle);
        if (components is not null)
            change.Set(components(registry.At("spec", Components)), Components);
        await change.ApplyAsync(client, context.Time, cancellationToken);
    }

    // A component that is not managed may have no overrides (apis/quay/v1, validation of Component); one that is not listed is managed.
    private static JsonArray ComponentsWithoutStorage(JsonNode? now) => ComponentsAs(new JsonArray(new JsonObject { ["kind"] = QuayTypes.ObjectStorage, ["managed"] = false }), now);

    /// <summary>The components as they are now, and the storage as it was.</summary>
    private static JsonArray ComponentsAs(JsonNode? before, JsonNode? now)
    {
        var storage = Storage(before);
        var changed = new JsonArray();
        foreach (var component in now as JsonArray ?? [])
        {
            var isStorage = (string?)component?["kind"] == QuayTypes.ObjectStorage;
            if (!isStorage)
                changed.Add(component?.DeepClone());
            else if (storage is not null)
                changed.Add(storage.DeepClone());
        }

        if (storage is not null && Storage(changed) is null)
            changed.Add(storage.DeepClone());
        return changed;
    }

    private static JsonNode? Storage(JsonNode? components) => (components as JsonArray)?.FirstOrDefault(component => (string?)component?["kind"] == QuayTypes.ObjectStorage);

    private static bool IsStorageManaged(JsonNode? components) => Storage(components)?["managed"] is not JsonValue value || !value.TryGetValue<bool>(out var managed) || managed;

    private Task<QuaySources> ReadSourcesAsync(CancellationToken cancellationToken) => QuaySources.ReadAsync(client, Namespace, context.Migration.Instance, cancellationToken);

    private ClusterException Refused(string message) => new(ClusterErrorKind.Precondition, message) { Target = Target };
}
