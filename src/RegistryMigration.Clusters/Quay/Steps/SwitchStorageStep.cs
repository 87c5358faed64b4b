using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Clusters.Migrations.Steps;
using RegistryMigration.Clusters.Quay.Drivers;
using RegistryMigration.Engine.Journal;
using RegistryMigration.Engine.Stores;
using RegistryMigration.Engine.Stores.Trial;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay.Steps;

/// <summary>Makes Quay use another storage under the name that its database knows, in one change, and waits until Quay itself has written to it.</summary>
/// <param name="id">The step's id.</param>
/// <param name="context">The migration so far.</param>
/// <param name="request">Where to switch to.</param>
/// <param name="host">Where the configuration is.</param>
internal sealed class SwitchStorageStep(string id, StepContext context, SwitchRequest request, IQuayHost host) : IMigrationStep
{
    private const string Forced = "forced";
    private const string LocationField = "location";
    /// <summary>The field of its record with the name of the location.</summary>
    internal const string Name = "name";

    private const string Server = "server";
    private const string StoragePath = "storagePath";
    private const string Driver = "driver";
    private const string Authorities = "authorities";

    /// <inheritdoc />
    public string Id => id;

    /// <inheritdoc />
    public string Action => StepActions.SwitchBackend;

    /// <inheritdoc />
    public string Target => Destination.ToString();

    /// <summary>What it is asked.</summary>
    public StepTerms Terms => new StepTerms()
        .Add("-Destination", Destination.Server is { } server ? $"{Destination} ({server})" : $"{Destination}")
        .Add("-Driver", request.Driver ?? DriverStores.Default(Destination), request.Driver is not null)
        .AddSecret("-DriverSetting", request.DriverSettings.Count == 0 ? null : request.DriverSettings.ToJsonString(), request.DriverSettings.Count > 0)
        .Add("-RoleArn of New-RegistryStore", Destination.S3.RoleArn, Destination.S3.RoleArn is not null)
        .Add("-Location", request.Location, request.Location is not null)
        .AddSecret("-StorageCredential (or the store's own account)", StoragePlan.AccountOf(Destination, request) is { AccessKey: { } key } account ? $"{key}\n{account.SecretKey?.Reveal()}" : null, request.Account is not null)
        .Add("-Fingerprint", request.Fingerprint, request.Fingerprint is not null);

    private RegistryStore Destination => request.Destination!;

    /// <inheritdoc />
    public async Task<JsonObject> CaptureAsync(CancellationToken cancellationToken)
    {
        var now = await host.ReadAsync(cancellationToken);
        var location = LocationOf(now.Registry);
        if (IsAt(location, Destination))
            throw Refused($"Quay uses {Destination} already for its location {location.Name}. There is nothing to switch.");
        var plan = new StoragePlan(
            location.Name,
            request.Driver ?? DriverStores.Default(Destination),
            await FindStoragePathAsync(cancellationToken),
            await StorageTrust.FindAsync(Destination, request.Fingerprint, context.Timeout, cancellationToken));
        var edit = plan.Edit(now, Destination, request);
        var missing = Missing(now.Registry, location);
        Require(missing);
        var record = await host.CaptureAsync(now, edit, id, cancellationToken);
        WayBack.SetReadOnly(record, QuayStates.Of(now.Effective) != QuayState.Normal);
        record[LocationField] = $"{location}";
        record[Server] = Destination.Server;
        record[StoragePath] = plan.StoragePath;
        record[Driver] = plan.Driver;
        record[Name] = plan.Location;
        if (plan.Authorities is { } authorities)
            record[Authorities] = authorities;
        if (missing.Count > 0)
            record[Forced] = string.Join("; ", missing);
        // Also for a mere look.
        await StorageProof.LookAsync(plan.AsQuay(Destination, request), plan.RootIn(Destination), context, cancellationToken);
        return record;
    }

    /// <inheritdoc />
    public async Task TryAsync(JsonObject before, CancellationToken cancellationToken)
    {
        var plan = PlanOf(before);
        var place = plan.PlaceIn(plan.AsQuay(Destination, request));
        await foreach (var check in StoreTrial.TryObjectsAsync(place, StoreContext.Create(context.Time), cancellationToken))
        {
            if (check.Status == CheckStatus.Failed)
                throw Refused($"{Destination} can't be used by the account that Quay would use (-StorageCredential, or the store's own): {check.Name}: {string.Join("; ", check.Evidence)}. {check.NextStep} Nothing was changed.");
        }
    }

    /// <inheritdoc />
    public async Task<StepResult> ApplyAsync(JsonObject before, CancellationToken cancellationToken)
    {
        var plan = PlanOf(before);
        await using var proof = await StorageProof.BeginAsync(plan.AsQuay(Destination, request), plan.RootIn(Destination), StorageProof.New, context, cancellationToken);
        var there = await host.ReadAsync(cancellationToken);
        // Between the first try and this one, writes may have been allowed and blocked again.
        if (before[Forced] is null && LocationOf(there.Registry) is var location && !IsAt(location, Destination))
            Require(Missing(there.Registry, location));
        var runs = await host.ApplyAsync(before, now => plan.Edit(now, Destination, request), cancellationToken);
        var now = await host.ReadAsync(cancellationToken);
        var reached = await proof.WaitAsync(now.Registry, request.Registry, request.RegistryTls, host.IsRestartedByHand, cancellationToken);
        return new StepResult($"{runs}; {reached}", new JsonObject { [LocationField] = $"{LocationOf(now.Registry)}" }, Forced: (string?)before[Forced]);
    }

    /// <summary>Whether a location is in a store.</summary>
    internal static bool IsAt(QuayStorageLocation location, RegistryStore store) =>
        location.Store is { } there
        && there.Address.Kind == store.Address.Kind
        && there.Address.Container == store.Address.Container
        && (there.Server is null || store.Server is null || there.Server == store.Server)
        && $"{there.Address.Prefix}{there.Root}/".StartsWith(store.Address.Prefix, StringComparison.Ordinal);

    /// <summary>Whether a Quay keeps images in what it was switched to. A directory goes by another path within Quay's container, and is not told apart.</summary>
    internal static bool IsInUse(QuayRegistry quay, MigrationStep switched)
    {
        var target = StoreAddress.Parse(switched.Target);
        var server = (string?)switched.Before?[Server];
        return target.Kind == StoreKind.FileSystem
            || quay.Locations.Any(location => location.Store is { } store && store.Address.Kind == target.Kind && store.Address.Container == target.Container && (server is null || store.Server is null || store.Server == server));
    }

    private static StoragePlan PlanOf(JsonObject before) => new((string)before[Name]!, (string)before[Driver]!, (string)before[StoragePath]!, (string?)before[Authorities]);

    private void Require(List<string> missing)
    {
        if (missing.Count > 0 && !request.Force)
            throw Refused($"Quay may not be switched to {Destination} yet: {string.Join("; ", missing)}. Nothing was changed. -Force switches nevertheless, and images may be lost.");
    }

    private QuayStorageLocation LocationOf(QuayRegistry quay)
    {
        if (request.Location is { } name)
            return quay.Locations.FirstOrDefault(location => location.Name == name) ?? throw Refused($"Quay has no location '{name}'. It has {string.Join(", ", quay.Locations)}.");
        return quay.Locations.Count == 1 ? quay.Locations[0]
            : throw Refused(quay.Locations.Count == 0 ? "Quay's configuration names no storage location." : $"Quay has several storage locations, each with images of its own: {string.Join("; ", quay.Locations)}. Say with -Location which one moves to {Destination}.");
    }

    // Where the copy lies decides: a wrong path makes every pull fail.
    private async Task<string> FindStoragePathAsync(CancellationToken cancellationToken)
    {
        await using var open = await StoreFactory.OpenAsync(Destination, StoreContext.Create(context.Time), null, cancellationToken);
        if (!open.Found)
            throw Refused($"{Destination} holds nothing that looks like Quay's storage. Copy first: Get-QuayStorageLocation | Sync-RegistryBlobs -Destination … -Migration {context.Migration.Name}.");
        if (open.Layout.Kind != LayoutKind.Quay)
            throw Refused($"{Destination} holds a registry in the layout of docker-registry, which Quay can't use. Copy Quay's own storage there, to an empty place.");
        return Destination.Address.Kind == StoreKind.FileSystem
            ? Path.Combine(Destination.Address.Container, open.Root.TrimEnd('/')).TrimEnd('/')
            : $"/{Destination.Address.Prefix}{open.Root}".TrimEnd('/') is { Length: > 0 } path ? path : "/";
    }

    private List<string> Missing(QuayRegistry quay, QuayStorageLocation location)
    {
        var address = Destination.ToString();
        var missing = CutOverGate.Missing(context.Migration, address, pass => pass.Destination == address && (pass.DestinationServer ?? Destination.Server) == Destination.Server && IsFrom(location, pass)).ToList();
        if (quay.State == QuayState.Normal)
            missing.Add("Quay takes writes now: run Set-RegistryReadOnly, and then the last pass and the audit again");
        return missing;
    }

    // Of several locations each has images of its own. A directory goes by another path within Quay's container.
    private static bool IsFrom(QuayStorageLocation location, MigrationPass pass) =>
        location.Store is not { Address: { Kind: not StoreKind.FileSystem } address } || StoreAddress.Parse(pass.Source).Container == address.Container;

    private ClusterException Refused(string message) => new(ClusterErrorKind.Precondition, message) { Target = host.Target };
}
