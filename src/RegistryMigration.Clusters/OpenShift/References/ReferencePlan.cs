using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Clusters.Kubernetes.Changes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.References;

/// <summary>An object with references to change.</summary>
public sealed class ReferencePlan
{
    private readonly IReadOnlyList<(ReferencePlace Place, ImageReferenceChange Change)> _places;

    internal ReferencePlan(ReferenceKind kind, ResourceType type, Resource resource, IReadOnlyList<(ReferencePlace Place, ImageReferenceChange Change)> places) =>
        (Kind, Type, Found, _places) = (kind, type, resource, places);

    /// <summary>The object.</summary>
    public Resource Found { get; }

    /// <summary>What would be changed, and what can't be.</summary>
    public IReadOnlyList<ImageReferenceChange> Changes => [.. _places.Select(place => place.Change)];

    internal ReferenceKind Kind { get; }

    internal ResourceType Type { get; }

    /// <summary>The changes of spec or status as one patch; null where there are none.</summary>
    internal (Patch Patch, IReadOnlyList<ImageReferenceChange> Changes)? Next(bool status)
    {
        var places = _places.Where(place => place.Place.IsStatus == status && place.Change.Reason is null).ToList();
        if (places.Count == 0)
            return null;
        List<JsonObject> operations = [Patch.UnchangedSince(Found)];
        if (Kind.Name == "Secret")
        {
            operations.Add(DockerSecrets.Rename(Found, places.ToDictionary(place => place.Place.Value, place => place.Change.To, StringComparer.Ordinal)));
        }
        else
        {
            foreach (var (place, change) in places)
            {
                var pointer = JsonPath.Pointer(place.Path);
                operations.Add(Patch.Operation("test", pointer, place.Value));
                operations.Add(Patch.Operation("replace", pointer, change.To));
            }
        }

        return (new Patch(PatchKind.Json, new JsonArray([.. operations]), status ? "status" : null), [.. places.Select(place => place.Change)]);
    }

    internal ReferencePlan Without(IReadOnlySet<string> paths) => new(Kind, Type, Found, [.. _places.Where(place => !paths.Contains(place.Change.Path))]);
}
