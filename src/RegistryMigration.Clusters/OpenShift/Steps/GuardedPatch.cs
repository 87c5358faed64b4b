using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.OpenShift.Steps;

/// <summary>Changes fields of one object only in the state that the change was decided on; decides anew when somebody else was faster.</summary>
internal static class GuardedPatch
{
    // An operator that writes with every reconcile settles within a few rounds; what goes on for longer is somebody else's work.
    private const int Attempts = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Reads, decides, tries, and patches.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="type">The type of a cluster-wide object.</param>
    /// <param name="name">Its name.</param>
    /// <param name="plan">The operations for what was read; none where nothing is to be changed. Throws where the change is no longer right.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends requests and waits.</param>
    /// <returns>The object as it is then.</returns>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Conflict"/>: others changed it each time.</exception>
    public static async Task<Resource> ApplyAsync(IKubernetesClient client, ResourceType type, string name, Func<Resource, IEnumerable<JsonObject>> plan, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var current = await client.GetAsync(type, null, name, cancellationToken);
            var operations = plan(current).ToArray();
            if (operations.Length == 0)
                return current;
            try
            {
                // The server's own validation and admission, before anything is changed.
                await client.PatchAsync(type, null, name, Guarded(current, operations), WriteOptions.Try, cancellationToken);
                return await client.PatchAsync(type, null, name, Guarded(current, operations), WriteOptions.Default, cancellationToken);
            }
            catch (ClusterException e) when (e.Kind is ClusterErrorKind.Conflict or ClusterErrorKind.Invalid && attempt < Attempts)
            {
                // A failed test is told as 422, like what the schema refuses: only the version tells which it was.
                if (e.Kind == ClusterErrorKind.Invalid && (await client.GetAsync(type, null, name, cancellationToken)).ResourceVersion == current.ResourceVersion)
                    throw;
                await Task.Delay(Pause, time, cancellationToken);
            }
            catch (ClusterException e) when (e.Kind is ClusterErrorKind.Conflict or ClusterErrorKind.Invalid)
            {
                throw new ClusterException(ClusterErrorKind.Conflict, $"{type}/{name} was changed by somebody else before each of {Attempts} attempts, so nothing was changed. See who writes it (metadata.managedFields), then run the same command again.", e)
                {
                    Target = $"{type}/{name}",
                    StatusCode = e.StatusCode,
                    Reason = e.Reason,
                };
            }
        }
    }

    private static Patch Guarded(Resource current, JsonObject[] operations) =>
        Patch.Operations([Patch.UnchangedSince(current), .. operations.Select(operation => operation.DeepClone().AsObject())]);
}
