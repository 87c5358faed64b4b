using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>Checks that a copy can run, and makes all that it needs as manifests. Changes nothing.</summary>
/// <param name="client">The cluster.</param>
/// <param name="time">The clock.</param>
public sealed class SyncPlanning(IKubernetesClient client, TimeProvider time)
{
    /// <summary>Plans a copy.</summary>
    /// <exception cref="ClusterException">Something that it needs is missing or contradictory, or the cluster would refuse the Job.</exception>
    /// <exception cref="StoreException">There are no credentials for the store here.</exception>
    public async Task<PlannedSync> PlanAsync(SyncJobRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        Check(request);
        var name = SyncNames.Check(request.Name ?? SyncNames.MakeName());
        var claim = await SyncClaim.FindAsync(client, request.Namespace, request.Claim, request.Direction, cancellationToken);
        RequireRoom(request, claim);
        await RefuseTwinAsync(request, name, cancellationToken);
        var user = await PodUser.FindAsync(client, request, claim, cancellationToken);

        var (store, endpoints) = await StoreAsync(request, cancellationToken);
        var secret = store.Manifest(Metadata(name, SyncNames.SecretOf(name)));
        var ports = request.EgressPorts.Concat(PolicyManifest.IsIncomplete(request.Store) ? [443] : []).Distinct().ToList();
        var shared = SharedBandwidth(request);
        PodManifest PodsOf(SyncJobRequest asked) => new(asked, name, claim, user, store, secret is null ? null : SyncNames.SecretOf(name));
        var warnings = Warnings(request, claim, user).ToList();
        var indexed = shared.Shards > 1 && await TakesIndexedAsync(shared, name, PodsOf(shared), cancellationToken);
        if (shared.Shards > 1 && !indexed && shared.Parallelism < shared.Shards)
        {
            warnings.Add($"This cluster ({client.Cluster.Version}) has no Indexed Jobs (they came with 1.21). The work is cut into {shared.Parallelism} parts instead of {shared.Shards}, one Job each, all at a time.");
            shared = shared with { Shards = shared.Parallelism };
        }

        var manifests = new JobManifests(shared, name, PodsOf(shared));
        var phases = manifests.Phases.Select(phase => manifests.Of(phase, indexed)).ToList();
        await TryAsync(request.Namespace, phases[0][0], cancellationToken);
        var record = new SyncRecord
        {
            Name = name,
            Namespace = request.Namespace,
            Direction = request.Direction,
            Claim = request.Claim,
            ClaimPath = request.ClaimPath,
            Store = request.Store,
            Image = request.Image,
            Shards = shared.Shards,
            Parallelism = Math.Min(shared.Parallelism, shared.Shards),
            StartedAt = time.GetUtcNow(),
            Phases = [.. manifests.Phases.Zip(phases, (phase, jobs) => new SyncPhaseJobs(phase, [.. jobs.Select(job => (string)job["metadata"]!["name"]!)]))],
            NextJobs = phases.Count > 1 ? phases[1] : [],
            IsPartial = request.Options.IsFiltered,
            Secret = secret is null ? null : SyncNames.SecretOf(name),
            EgressPorts = [.. ports.Concat(endpoints.Select(uri => uri.Port)).Distinct().Order()],
        };
        var policy = PolicyManifest.Make(Metadata(name, name), name, endpoints, ports);
        return new PlannedSync(new SyncPieces(record, request.Store, secret, policy, phases[0]), Describe(record, claim, request), warnings);
    }

    private static void Check(SyncJobRequest request)
    {
        WorkerImage.Check(request.Image);
        if (request.Store.Address.Kind == StoreKind.FileSystem)
            throw Bad($"{request.Store} is a directory of this machine, which pods do not have. Give s3://bucket/prefix or swift://container.");
        if (request.Options.Prune)
            throw Bad("A copy in the cluster deletes nothing. Prune afterwards with Sync-RegistryBlobs -Prune, from where both ends are reached.");
        if (request.Shards is < 1 or > 256)
            throw Bad("The work can be cut into 1 to 256 parts: blobs are shared out by the first two hex digits of their digest.");
        if (request.Parallelism < 1)
            throw Bad("At least one part must run at a time.");
        if (request.Identity.RunAsUser is < 1)
            throw Bad("Pods of a copy don't run as root. Give a user above 0.");
        if (request.ClaimPath?.Split('/').Contains("..") == true)
            throw Bad($"'{request.ClaimPath}' leads out of the claim. Give a path below its root.");
    }

    private static void RequireRoom(SyncJobRequest request, SyncClaim claim)
    {
        if (claim.IsSinglePod && Math.Min(request.Parallelism, request.Shards) > 1)
            throw Bad($"One pod at a time can mount the claim '{claim.Name}' (ReadWriteOncePod). Give -Parallelism 1, or leave -Shards out.");
    }

    // A second one would copy the same at the same time; the first is only to be waited for.
    private async Task RefuseTwinAsync(SyncJobRequest request, string name, CancellationToken cancellationToken)
    {
        await foreach (var other in SyncReader.ListAsync(client, request.Namespace, cancellationToken))
        {
            if (other.Record.Name == name)
                throw new ClusterException(ClusterErrorKind.Precondition, $"There is a copy '{name}' in {request.Namespace} already ({other.Status}). Wait for it with Wait-RegistrySync, or remove it with Stop-RegistrySync.") { Target = $"{request.Namespace}/{name}" };
            if (other.Record.Claim != request.Claim || other.Status is RegistrySyncStatus.Completed or RegistrySyncStatus.Failed)
                continue;
            // Several may read a claim at a time. Who writes it is alone with it.
            var job = other.ToJob(client.Cluster, null, null);
            if (job.Store.ToString() == request.Store.ToString() || job.Direction == SyncDirection.ToClaim || request.Direction == SyncDirection.ToClaim)
            {
                throw new ClusterException(ClusterErrorKind.Precondition, $"'{job.Name}' copies {job.Source} to {job.Destination} already ({job.Status}). "
                    + $"Wait for it: Wait-RegistrySync {job.Name} -Namespace {request.Namespace}; or remove it with Stop-RegistrySync.") { Target = $"{request.Namespace}/{job.Name}" };
            }
        }
    }

    private async Task<(PodStore Store, IReadOnlyList<Uri> Endpoints)> StoreAsync(SyncJobRequest request, CancellationToken cancellationToken)
    {
        if (request.CredentialSecret is not { } given)
        {
            var store = await ExplicitStore.OfAsync(request.Store, cancellationToken);
            return (PodStore.Of(store, await AuthoritiesAsync(store, cancellationToken), request.Direction), [.. PolicyManifest.EndpointsOf(store)]);
        }

        var secret = await client.FindAsync(ResourceTypes.Secrets, request.Namespace, given, cancellationToken)
            ?? throw new ClusterException(ClusterErrorKind.NotFound, $"There is no Secret '{given}' in {request.Namespace}. Leave it out, and one is made of the credentials that New-RegistryStore was given.") { Target = $"{ResourceTypes.Secrets}/{given} in {request.Namespace}" };
        var told = PodStore.Of(request.Store, await AuthoritiesAsync(request.Store, cancellationToken), request.Direction, secret);
        return (told, [.. PolicyManifest.EndpointsOf(request.Store).Concat(GivenClouds.AuthUrl(secret, request.Store.Swift.Cloud) is { } keystone ? [keystone] : []).Distinct()]);
    }

    private static async Task<string?> AuthoritiesAsync(RegistryStore store, CancellationToken cancellationToken)
    {
        if (store.Tls.CertificateAuthorityPath is not { } path)
            return null;
        try
        {
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Bad($"The certificate authorities of {store} can't be read: {e.Message}");
        }
    }

    // The limit is for the whole copy, and each pod knows only itself.
    private static SyncJobRequest SharedBandwidth(SyncJobRequest request) => request.Options.BytesPerSecond is { } limit
        ? request with { Options = request.Options with { BytesPerSecond = Math.Max(1, limit / Math.Min(request.Parallelism, request.Shards)) } }
        : request;

    // A dry run tells it: servers before 1.21 drop the field without a word.
    private async Task<bool> TakesIndexedAsync(SyncJobRequest request, string name, PodManifest pods, CancellationToken cancellationToken)
    {
        var job = new JobManifests(request, name, pods).Of(JobManifests.Blobs, indexed: true)[0];
        return (await TryAsync(request.Namespace, job, cancellationToken)).Text("spec", "completionMode") == "Indexed";
    }

    private Task<Resource> TryAsync(string @namespace, JsonObject job, CancellationToken cancellationToken) =>
        client.CreateAsync(ResourceTypes.Jobs, @namespace, job.DeepClone().AsObject(), WriteOptions.Try, cancellationToken);

    private static IEnumerable<string> Warnings(SyncJobRequest request, SyncClaim claim, PodUser user)
    {
        if (claim.Node is { } node)
            yield return $"Until the copy ends, the volume stays at node {node}: a registry pod that is moved to another node waits for it.";
        else if (claim.Holder is null)
            yield return $"No running pod mounts the claim {claim.Name}: the scheduler chooses the node{(request.Direction == SyncDirection.FromClaim ? ", and pods run as the image's own user unless -RunAsUser and -FSGroup say otherwise" : "")}.";
        if (request.Direction == SyncDirection.ToClaim && request.Identity.RunAsUser is null)
            yield return FormattableString.Invariant($"What is written belongs to user {user.User} and group {user.Group}, as the namespace's ranges say. Give -RunAsUser and -FSGroup where the registry's pod has others: it can't read or change files of another user.");
        if (request.Store.Tls.SkipCertificateCheck)
            yield return $"The certificate of {request.Store} is not checked by the pods: anybody on the way can read and change what is transferred. Give the private CA with New-RegistryStore -CertificateAuthority instead.";
    }

    private static string Describe(SyncRecord record, SyncClaim claim, SyncJobRequest request)
    {
        var jobs = record.Phases.Sum(phase => phase.Jobs.Count);
        return $"Create {(jobs == 1 ? "a Job" : $"{jobs} Jobs ({string.Join(", then ", record.Phases.Select(phase => $"{phase.Jobs.Count} for {phase.Name}"))})")}, a NetworkPolicy, a ConfigMap{(record.Secret is not null ? " and a Secret" : "")} in {record.Namespace}: "
            + $"copy {(record.Direction == SyncDirection.FromClaim ? $"claim {record.Claim} to {record.Store}" : $"{record.Store} to claim {record.Claim}")} in {record.Shards} part{(record.Shards == 1 ? "" : "s")}, {record.Parallelism} at a time{(claim.Node is { } node ? $", on node {node}" : "")}, as {request.Image}";
    }

    private static JsonObject Metadata(string sync, string name) => new() { ["name"] = name, ["labels"] = PodManifest.Labels(sync) };

    private static ClusterException Bad(string message) => new(ClusterErrorKind.Configuration, message);
}
