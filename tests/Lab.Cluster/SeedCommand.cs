using System.CommandLine;
using System.Text.Json;

namespace RegistryMigration.Lab.Cluster;

/// <summary><c>seed</c>: makes a world, waits for nothing, and tells where it is as JSON.</summary>
internal static class SeedCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create(Option<string> state, CancellationToken cancellationToken)
    {
        var defaults = new WorldOptions();
        var storage = new Option<string>("--storage") { Description = "pvc, swift or s3.", DefaultValueFactory = _ => defaults.Storage };
        var container = new Option<string?>("--container") { Description = "The container or bucket." };
        var keystone = new Option<bool>("--keystone") { Description = "Swift behind Keystone." };
        var userSecret = new Option<bool>("--user-secret") { Description = "Credentials in the user's Secret." };
        var accessMode = new Option<string>("--access-mode") { Description = "Of the claim.", DefaultValueFactory = _ => defaults.AccessMode };
        var replicas = new Option<int?>("--replicas") { Description = "Of the registry." };
        var readOnly = new Option<bool>("--read-only") { Description = "Start read-only." };
        var managed = new Option<bool>("--storage-managed") { Description = "The operator owns the storage, and deletes it when it is removed." };
        var suspended = new Option<bool>("--pruner-suspended") { Description = "Start with the pruner suspended." };
        var platform = new Option<string>("--platform") { Description = "OpenStack, AWS, None.", DefaultValueFactory = _ => defaults.Platform };
        var wait = new Option<bool>("--wait-only") { Description = "Make nothing: wait until the registry is ready." };
        var timeout = new Option<int>("--timeout") { Description = "Seconds to wait.", DefaultValueFactory = _ => 120 };
        var command = new Command("seed", "Makes the objects of a cluster with an image registry.") { state, storage, container, keystone, userSecret, accessMode, replicas, readOnly, managed, suspended, platform, wait, timeout };
        command.SetAction(async (arguments, _) =>
        {
            var lab = await LabState.ReadAsync(arguments.GetRequiredValue(state), cancellationToken);
            using var api = new KubeApi(lab.Kube);
            if (arguments.GetValue(wait))
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(TimeSpan.FromSeconds(arguments.GetValue(timeout)));
                await RegistryWorld.WaitReadyAsync(api, limit.Token);
                return;
            }
            var seed = new WorldSeed(api, lab, new WorldOptions
            {
                Storage = arguments.GetRequiredValue(storage),
                Container = arguments.GetValue(container),
                Keystone = arguments.GetValue(keystone),
                UserSecret = arguments.GetValue(userSecret),
                AccessMode = arguments.GetRequiredValue(accessMode),
                Replicas = arguments.GetValue(replicas),
                ReadOnly = arguments.GetValue(readOnly),
                StorageManagementState = arguments.GetValue(managed) ? "Managed" : defaults.StorageManagementState,
                PrunerSuspended = arguments.GetValue(suspended),
                Platform = arguments.GetRequiredValue(platform),
            });
            await seed.MakeAsync(cancellationToken);
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                Registry = $"https://127.0.0.1:{lab.OpenShift.RegistryPort}",
                CertificateAuthority = lab.Kube.CertificateAuthority,
                Token = lab.Kube.AdminToken,
                ClaimDirectory = Path.Combine(lab.Claims, Names.Namespace, "image-registry-storage"),
                seed.Container,
            }, Indented));
        });
        return command;
    }
}
