using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;

namespace RegistryMigration.Lab.Cluster;

/// <summary>A Quay that runs: refuses its configuration as Quay does, or serves until it is stopped.</summary>
internal sealed class QuayStandIn : IAsyncDisposable
{
    // The keys of "required" in util/config/schema.py that this stand-in has a use for.
    private static readonly string[] Required = ["SERVER_HOSTNAME", "PREFERRED_URL_SCHEME", "DISTRIBUTED_STORAGE_CONFIG", "DISTRIBUTED_STORAGE_PREFERENCE"];

    private readonly WebApplication _http;
    private readonly QuayServer _server;
    private readonly QuayLocations _locations;

    private QuayStandIn(WebApplication http, QuayServer server, QuayLocations locations) => (_http, _server, _locations) = (http, server, locations);

    /// <summary>Boots: configuration, locations, config-tool, service key, and then the server.</summary>
    /// <param name="directory">The directory conf/stack.</param>
    /// <param name="database">The database's directory.</param>
    /// <param name="listen">Where to listen.</param>
    /// <param name="ignoreValidation">Whether what config-tool says is only said: Quay's variable IGNORE_VALIDATION.</param>
    /// <param name="cancellationToken">Ends the boot.</param>
    /// <exception cref="QuayBootException">Quay would not start.</exception>
    public static async Task<QuayStandIn> StartAsync(string directory, string database, IPEndPoint listen, bool ignoreValidation, CancellationToken cancellationToken)
    {
        var config = QuayConfig.Read(directory);
        var data = new QuayDatabase(database);
        var locations = new QuayLocations(config, new QuayTrust(directory));
        await ValidateAsync(config, locations, ignoreValidation, cancellationToken);
        if (!config.Flag("SETUP_COMPLETE"))
            throw new QuayBootException("Your configuration bundle is either not mounted or setup has not been completed");
        // setup_instance_service_key of boot.py.
        if (!new InstanceKey(config, data).Boots)
            throw new QuayBootException("Exception: No valid service key found for read-only registry.");
        var server = new QuayServer(data, locations, config, await data.SigningKeyAsync(cancellationToken));
        var http = LoopbackServer.Create(listen, config.ServesTls ? Certificate(config) : null);
        http.Run(server.ServeAsync);
        await http.StartAsync(cancellationToken);
        return new QuayStandIn(http, server, locations);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _http.DisposeAsync();
        _server.Dispose();
        _locations.Dispose();
    }

    // conf/init/d_validate_config_bundle.sh: `config-tool validate --mode online` before anything runs.
    private static async Task ValidateAsync(QuayConfig config, QuayLocations locations, bool ignore, CancellationToken cancellationToken)
    {
        var objections = Required.Where(name => config[name] is null).Select(name => $"{name} is required").ToList();
        if (objections.Count == 0)
            objections.AddRange(await locations.ObjectionsAsync(cancellationToken));
        if (config.ServesTls && !(File.Exists(Path.Combine(config.Directory, "ssl.cert")) && File.Exists(Path.Combine(config.Directory, "ssl.key"))))
            objections.Add("ssl.cert and ssl.key are required for PREFERRED_URL_SCHEME https without EXTERNAL_TLS_TERMINATION");
        if (objections.Count == 0)
            return;
        if (!ignore)
            throw new QuayBootException(string.Join('\n', objections));
        await Console.Error.WriteLineAsync(string.Join('\n', objections));
    }

    private static X509Certificate2 Certificate(QuayConfig config) => LoopbackServer.Certificate(Path.Combine(config.Directory, "ssl.cert"), Path.Combine(config.Directory, "ssl.key"));
}
