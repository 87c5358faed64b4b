using System.CommandLine;
using System.Text.Json;

namespace RegistryMigration.Lab.Cluster;

/// <summary><c>seed-quay</c>: makes a world with a Quay, waits for nothing, and tells where it is as JSON.</summary>
internal static class SeedQuayCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create(Option<string> state, CancellationToken cancellationToken)
    {
        var defaults = new QuayWorldOptions();
        var managed = new Option<bool>("--managed") { Description = "The operator owns the storage." };
        var driver = new Option<string>("--driver") { Description = "Of the bundle's location.", DefaultValueFactory = _ => defaults.Driver };
        var location = new Option<string>("--location") { Description = "The name of the bundle's location.", DefaultValueFactory = _ => defaults.Location };
        var bucket = new Option<string?>("--bucket") { Description = "Of Ceph's first user; else one is made." };
        var path = new Option<string>("--storage-path") { Description = "Before all keys.", DefaultValueFactory = _ => defaults.StoragePath };
        var tls = new Option<bool>("--tls") { Description = "HTTPS to the storage." };
        var proxy = new Option<bool>("--proxy-storage") { Description = "FEATURE_PROXY_STORAGE." };
        var replicas = new Option<int>("--replicas") { Description = "Pods of Quay.", DefaultValueFactory = _ => defaults.Replicas };
        var wait = new Option<bool>("--wait-only") { Description = "Make nothing: wait until Quay is ready." };
        var timeout = new Option<int>("--timeout") { Description = "Seconds to wait.", DefaultValueFactory = _ => 120 };
        var command = new Command("seed-quay", "Makes the objects of a cluster with a Quay.") { state, managed, driver, location, bucket, path, tls, proxy, replicas, wait, timeout };
        command.SetAction(async (arguments, _) =>
        {
            var lab = await LabState.ReadAsync(arguments.GetRequiredValue(state), cancellationToken);
            using var api = new KubeApi(lab.Kube);
            if (arguments.GetValue(wait))
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(TimeSpan.FromSeconds(arguments.GetValue(timeout)));
                await QuayWorld.WaitReadyAsync(api, defaults, limit.Token);
                return;
            }
            var options = new QuayWorldOptions
            {
                Managed = arguments.GetValue(managed),
                Driver = arguments.GetRequiredValue(driver),
                Location = arguments.GetRequiredValue(location),
                Bucket = arguments.GetValue(bucket),
                StoragePath = arguments.GetRequiredValue(path),
                Tls = arguments.GetValue(tls),
                ProxyStorage = arguments.GetValue(proxy),
                Replicas = arguments.GetValue(replicas),
            };
            var seed = new QuayWorldSeed(api, lab, options);
            await seed.MakeAsync(cancellationToken);
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                Registry = $"https://127.0.0.1:{lab.OpenShift.QuayPort}",
                lab.Kube.CertificateAuthority,
                QuayWorldSeed.User,
                QuayWorldSeed.Password,
                options.Namespace,
                options.Name,
                QuayWorldSeed.Bundle,
                Location = options.Managed ? "local_us" : options.Location,
                seed.Bucket,
                Database = QuayNames.Database(lab, options.Namespace, options.Name),
            }, Indented));
        });
        return command;
    }
}
