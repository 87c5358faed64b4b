using System.Runtime.CompilerServices;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Reading;
using RegistryMigration.Clusters.OpenShift.References;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift;

/// <summary>Finds the objects of a cluster that name images of one registry, and makes them name another.</summary>
/// <remarks>Objects that a controller owns are left alone: the owner is changed instead, and makes them anew.</remarks>
public sealed class ImageReferences
{
    private const int Tries = 3;

    private readonly IKubernetesClient _client;
    private readonly ReferenceMapper _mapper;
    private readonly ReferenceOptions _options;

    /// <summary>A search in one cluster.</summary>
    /// <exception cref="FormatException">There is no mapping, or a kind is not known.</exception>
    public ImageReferences(IKubernetesClient client, ReferenceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Mappings.Count == 0)
            throw new FormatException("Give at least one mapping: REGISTRY/NAME=REGISTRY/NAME.");
        if (options.Kinds.FirstOrDefault(kind => !Kinds.Contains(kind, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            throw new FormatException($"'{unknown}' is no kind that names images. Known are {string.Join(", ", Kinds)}.");
        (_client, _options, _mapper) = (client, options, new ReferenceMapper(options.Mappings));
    }

    /// <summary>The kinds that are looked at.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [.. ReferenceKind.All.Select(kind => kind.Name)];

    /// <summary>Every object that a mapping changes, with its places. Changes nothing.</summary>
    /// <param name="failed">Told of a type that can't be listed, or an object that can't be read; the search goes on.</param>
    /// <param name="skipped">Told of what is left out, in words.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async IAsyncEnumerable<ReferencePlan> FindAsync(Func<ClusterException, ValueTask> failed, Action<string> skipped, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(failed);
        ArgumentNullException.ThrowIfNull(skipped);
        foreach (var kind in ReferenceKind.All.Where(kind => _options.Kinds.Count == 0 || _options.Kinds.Contains(kind.Name, StringComparer.OrdinalIgnoreCase)))
        {
            if (await _client.DiscoverAsync(kind.Group, kind.Plural, cancellationToken) is not { } type)
            {
                skipped($"{kind.Plural}{(kind.Group.Length == 0 ? "" : "." + kind.Group)}: not served by this cluster.");
                continue;
            }

            if (!type.Namespaced && _options.Namespaces.Count > 0)
            {
                skipped($"{type}: left out, since they live in no namespace.");
                continue;
            }

            IReadOnlyList<string?> places = [null];
            if (type.Namespaced && _options.Namespaces.Count > 0)
                places = _options.Namespaces;
            foreach (var @namespace in places)
            {
                await foreach (var plan in FindAsync(kind, type, @namespace, failed, skipped, cancellationToken))
                    yield return plan;
            }
        }
    }

    /// <summary>Makes the changes of one object, with a test of what was there. Objects that changed meanwhile are read and planned again.</summary>
    /// <param name="plan">The object and its changes.</param>
    /// <param name="failed">Told where the API server refuses.</param>
    /// <param name="cancellationToken">Ends the work; what was changed stays changed.</param>
    /// <returns>One result for each place; what could not be changed says why.</returns>
    public async Task<IReadOnlyList<ImageReferenceChange>> ApplyAsync(ReferencePlan plan, Func<ClusterException, ValueTask> failed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(failed);
        var results = plan.Changes.Where(change => change.Reason is not null).ToList();
        var done = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            // Through two endpoints where spec and status name images; the second needs the version that the first made.
            for (var attempt = 1; (plan.Next(status: true) ?? plan.Next(status: false)) is { } patch; attempt++)
            {
                try
                {
                    var after = await _client.PatchAsync(plan.Type, plan.Found.Namespace, plan.Found.Name, patch.Patch, WriteOptions.Default, cancellationToken);
                    results.AddRange(patch.Changes.Select(change => change with { Applied = true }));
                    done.UnionWith(patch.Changes.Select(change => change.Path));
                    plan = Plan(plan.Kind, plan.Type, after);
                    attempt = 0;
                }
                catch (ClusterException e) when (e.Kind is ClusterErrorKind.Conflict or ClusterErrorKind.Invalid && attempt < Tries)
                {
                    var current = await _client.GetAsync(plan.Type, plan.Found.Namespace, plan.Found.Name, cancellationToken);
                    if (current.ResourceVersion == plan.Found.ResourceVersion)
                        throw;
                    plan = Plan(plan.Kind, plan.Type, current);
                }

                // A mapping that also matches its own result (a/* to a/b) would go on for ever.
                plan = plan.Without(done);
            }
        }
        catch (ClusterException e)
        {
            results.AddRange(plan.Changes.Where(change => change.Reason is null && !done.Contains(change.Path)).Select(change => change with { Reason = e.Message }));
            await failed(e);
        }

        return results;
    }

    private async IAsyncEnumerable<ReferencePlan> FindAsync(
        ReferenceKind kind, ResourceType type, string? @namespace, Func<ClusterException, ValueTask> failed, Action<string> skipped, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var owned = 0;
        await using var objects = _client.ListAsync(type, @namespace, ListOptions.All, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            ReferencePlan? plan = null;
            ClusterException? failure = null;
            try
            {
                if (!await objects.MoveNextAsync())
                    break;
            }
            catch (ClusterException e)
            {
                await failed(e);
                break;
            }

            try
            {
                if (IsOwned(objects.Current))
                    owned++;
                else
                    plan = Plan(kind, type, objects.Current);
            }
            catch (ClusterException e)
            {
                failure = e;
            }

            if (failure is not null)
                await failed(failure);
            if (plan is { Changes.Count: > 0 })
                yield return plan;
        }

        if (owned > 0)
            skipped($"{type}{(@namespace is null ? "" : $" in {@namespace}")}: {owned} left alone, since a controller owns them and makes them anew.");
    }

    private ReferencePlan Plan(ReferenceKind kind, ResourceType type, Resource resource)
    {
        var places = new List<(ReferencePlace Place, ImageReferenceChange Change)>();
        foreach (var place in kind.Places(resource))
        {
            var to = kind.Name == "Secret" ? _mapper.MapKey(place.Value) : _mapper.Map(place.Value);
            if (to == place.Value)
                continue;
            places.Add((place, new ImageReferenceChange
            {
                Kind = kind.Name,
                Namespace = resource.Namespace,
                Name = resource.Name,
                Path = place.Text,
                From = place.Value,
                To = to,
                Reason = place.Fixed ?? (kind.Name == "Secret" && kind.Places(resource).Any(other => other.Value == to) ? $"the secret holds credentials for {to} already" : null),
            }));
        }

        return new ReferencePlan(kind, type, resource, places);
    }

    private static bool IsOwned(Resource resource) => resource.Items("metadata", "ownerReferences").Select(JsonText.ObjectOf).Any(owner => owner.Flag("controller") == true);
}
