using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Kubernetes.Changes;

/// <summary>
/// A change of single fields of a configuration: a JSON patch that tests the resource version, tried on the server before it is applied.
/// </summary>
/// <remarks>
/// The operator writes into the same object. Only the named fields are touched, and a conflict is retried only as long as these fields
/// are what they were at the first reading.
/// </remarks>
public sealed class ConfigChange
{
    // Every status that the operator writes is a conflict; five tries pass the bursts of a roll-out.
    private const int Tries = 5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    private readonly List<Action<Resource>> _conditions = [];
    private readonly List<ConfigField> _fields = [];
    private readonly ResourceType _type;
    private readonly string? _namespace;
    private readonly string _name;

    /// <summary>A change of an object.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="namespace">Its namespace; null for a cluster-wide one.</param>
    /// <param name="name">Its name.</param>
    public ConfigChange(ResourceType type, string? @namespace, string name) => (_type, _namespace, _name) = (type, @namespace, name);

    /// <summary>How the object is read, where its absence is to be told in other words; null reads it as it is.</summary>
    public Func<IKubernetesClient, CancellationToken, Task<Resource>>? Reader { get; init; }

    /// <summary>Refuses a state that the API server would accept; called with the outcome of every dry run. Null refuses nothing.</summary>
    public Func<IKubernetesClient, ConfigOutcome, CancellationToken, Task>? Guard { get; init; }

    /// <summary>The object that the values were made from; null reads it at the time of the change.</summary>
    public Resource? Basis { get; init; }

    /// <summary>Whether no field is named.</summary>
    public bool IsEmpty => _fields.Count == 0;

    /// <summary>Names a field and its value.</summary>
    /// <param name="value">The value; an object replaces what is there whole. Null removes the field.</param>
    /// <param name="path">The field below <c>spec</c>: <c>"storage"</c>, or <c>"requests", "read", "maxRunning"</c>.</param>
    public ConfigChange Set(JsonNode? value, params string[] path)
    {
        ArgumentNullException.ThrowIfNull(path);
        // As it comes back from a server, so that it compares: a number made here is another .NET type.
        _fields.Add(new ConfigField(["spec", .. path], value is null ? null : JsonNode.Parse(value.ToJsonString())));
        return this;
    }

    /// <summary>Adds a condition on the object as it is: what it throws refuses the change, each time that it is decided anew.</summary>
    public ConfigChange When(Action<Resource> condition)
    {
        _conditions.Add(condition);
        return this;
    }

    /// <summary>The patch for an object; empty (no operation but the test) where nothing differs.</summary>
    public Patch ToPatch(Resource before) => Patch.Operations([Patch.UnchangedSince(before), .. Operations(before)]);

    /// <summary>Tries the change on the server and changes nothing.</summary>
    /// <exception cref="ClusterException">
    /// <see cref="ClusterErrorKind.Invalid"/>: the API server refuses it, or would drop a field in silence. <see cref="ClusterErrorKind.Precondition"/>: the guard refuses it.
    /// </exception>
    public async Task<ConfigOutcome> TryAsync(IKubernetesClient client, CancellationToken cancellationToken) =>
        await RunAsync(client, time: null, cancellationToken);

    /// <summary>Tries the change on the server, then applies it. Where nothing differs nothing is written.</summary>
    /// <exception cref="ClusterException">As <see cref="TryAsync(IKubernetesClient, CancellationToken)"/>; <see cref="ClusterErrorKind.Conflict"/>: somebody changed the same fields meanwhile.</exception>
    public async Task<ConfigOutcome> ApplyAsync(IKubernetesClient client, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        return await RunAsync(client, time, cancellationToken);
    }

    // Without a clock the change is only tried; a dry run that meets another version is repeated at once.
    private async Task<ConfigOutcome> RunAsync(IKubernetesClient client, TimeProvider? time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        var first = Basis ?? await ReadAsync(client, cancellationToken);
        var before = first;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var outcome = await TryAsync(client, before, cancellationToken);
                if (time is null || outcome.Changes.Count == 0)
                    return outcome;
                var after = await client.PatchAsync(_type, _namespace, _name, ToPatch(before), WriteOptions.Default, cancellationToken);
                return Describe(before, after, applied: true);
            }
            catch (ClusterException e) when (e.Kind is ClusterErrorKind.Conflict or ClusterErrorKind.Invalid)
            {
                var current = await ReadAsync(client, cancellationToken);
                // A failed test comes as 422 like any other invalid request: what tells them apart is whether the object changed.
                if (e.Kind == ClusterErrorKind.Invalid && current.ResourceVersion == before.ResourceVersion)
                    throw;
                RefuseForeignChange(first, current, e);
                if (attempt == Tries)
                    throw Conflict($"{_type}/{_name} is being changed all the time: {Tries} tries met another resource version each. Run the same command again when the operator has come to rest.", e);
                before = current;
            }

            if (time is not null)
                await Task.Delay(FirstPause * (1 << (attempt - 1)), time, cancellationToken);
        }
    }

    /// <summary>The operations that bring the named fields back to what they were.</summary>
    /// <param name="outcome">What the change did.</param>
    public JsonArray ToRevert(ConfigOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var back = new ConfigChange(_type, _namespace, _name);
        foreach (var (path, _) in _fields)
            back._fields.Add(new ConfigField(path, JsonPath.At(outcome.Before.Json, path)?.DeepClone()));
        return new JsonArray([.. back.Operations(outcome.After)]);
    }

    private async Task<ConfigOutcome> TryAsync(IKubernetesClient client, Resource before, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        foreach (var condition in _conditions)
            condition(before);
        if (Operations(before).Count == 0)
            return Describe(before, before, applied: false);
        var after = await client.PatchAsync(_type, _namespace, _name, ToPatch(before), WriteOptions.Try, cancellationToken);
        RefuseDroppedFields(after);
        var outcome = Describe(before, after, applied: false);
        if (Guard is not null)
            await Guard(client, outcome, cancellationToken);
        return outcome;
    }

    private ConfigOutcome Describe(Resource before, Resource after, bool applied) =>
        new(before, after, JsonDifference.Compare(before.At("spec"), after.At("spec"), "spec"), applied) { Fields = [.. _fields] };

    private Task<Resource> ReadAsync(IKubernetesClient client, CancellationToken cancellationToken) =>
        Reader is null ? client.GetAsync(_type, _namespace, _name, cancellationToken) : Reader(client, cancellationToken);

    /// <summary>Operations on a working copy, one after the other, so that two fields of a section that is not there yet make it once.</summary>
    private List<JsonObject> Operations(Resource before)
    {
        var work = (JsonObject)before.Json.DeepClone();
        var operations = new List<JsonObject>();
        foreach (var (path, value) in _fields)
        {
            if (JsonNode.DeepEquals(JsonPath.At(work, path), value))
                continue;
            if (value is null)
            {
                ((JsonObject)JsonPath.At(work, path.SkipLast(1))!).Remove(path[^1]);
                operations.Add(new JsonObject { ["op"] = "remove", ["path"] = JsonPath.Pointer(path) });
                continue;
            }

            // RFC 6902: add replaces what is there, and works where nothing is; its parent has to be there.
            var parent = work;
            var depth = 0;
            while (depth < path.Count - 1 && parent[path[depth]] is JsonObject inner)
            {
                parent = inner;
                depth++;
            }

            var added = value.DeepClone();
            for (var missing = path.Count - 1; missing > depth; missing--)
                added = new JsonObject { [path[missing]] = added };
            operations.Add(Patch.Operation("add", JsonPath.Pointer(path.Take(depth + 1)), added.DeepClone()));
            parent[path[depth]] = added;
        }

        return operations;
    }

    // Structural schemas drop fields that they do not know without a word, and servers before 1.25 do not know fieldValidation.
    private void RefuseDroppedFields(Resource after)
    {
        foreach (var field in _fields)
        {
            // Defaults may be added to what was sent; nothing of it may be gone.
            if (field.MissingIn(after.Json) is { } dropped)
            {
                throw new ClusterException(
                    ClusterErrorKind.Invalid,
                    $"The API server would accept the change of {_type}/{_name} but not keep {dropped}: this version of the configuration does not know the field, or the operator's admission changes it. Nothing was changed.")
                { Target = $"{_type}/{_name}" };
            }
        }
    }

    private void RefuseForeignChange(Resource first, Resource current, ClusterException cause)
    {
        foreach (var (path, _) in _fields)
        {
            var (was, @is) = (JsonPath.At(first.Json, path), JsonPath.At(current.Json, path));
            if (!JsonNode.DeepEquals(was, @is))
            {
                var changes = string.Join("; ", JsonDifference.Compare(was, @is, JsonPath.Text(path)));
                throw Conflict($"Somebody changed the same field of {_type}/{_name} meanwhile ({changes}). Nothing was changed. Look at what is there now, then run the same command again.", cause);
            }
        }
    }

    private ClusterException Conflict(string message, ClusterException cause) =>
        new(ClusterErrorKind.Conflict, message, cause) { Reason = cause.Reason, StatusCode = cause.StatusCode, Target = $"{_type}/{_name}" };
}
