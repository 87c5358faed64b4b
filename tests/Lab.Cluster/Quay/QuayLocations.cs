using System.Text.Json.Nodes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>The storage locations of a configuration, and which of them serves: storage/__init__.py, storage/distributedstorage.py.</summary>
internal sealed class QuayLocations : IDisposable
{
    private readonly Dictionary<string, IStorageDriver> _drivers = new(StringComparer.Ordinal);
    private readonly List<string> _preference;
    private readonly bool _readOnly;

    /// <summary>Makes a driver for each location.</summary>
    /// <exception cref="QuayBootException">Quay's constructors refuse the arguments.</exception>
    public QuayLocations(QuayConfig config, QuayTrust trust)
    {
        _readOnly = config.IsReadOnly;
        foreach (var (location, value) in config["DISTRIBUTED_STORAGE_CONFIG"] as JsonObject ?? [])
        {
            if (value is not JsonArray { Count: 2 } pair || pair[0] is not JsonValue name || (pair[1] ?? new JsonObject()) is not JsonObject parameters)
                throw new QuayBootException("DISTRIBUTED_STORAGE_CONFIG object values must be of form (Name, Args)");
            _drivers[location] = Create(location, name.ToString(), parameters, trust);
        }
        _preference = config["DISTRIBUTED_STORAGE_PREFERENCE"] is JsonArray { Count: > 0 } preference ? [.. preference.Select(item => item!.ToString())] : [.. _drivers.Keys];
    }

    /// <summary>Where writes go.</summary>
    /// <exception cref="QuayStorageException">The first of the preference is no location.</exception>
    public string Preferred => _drivers.ContainsKey(_preference[0]) ? _preference[0] : throw new QuayStorageException($"KeyError: '{_preference[0]}'");

    /// <summary>The driver for a blob: of the locations that have it the preferred one, else any. A name that is not configured is Python's KeyError.</summary>
    /// <exception cref="QuayStorageException">There is no such location.</exception>
    public IStorageDriver this[IReadOnlyCollection<string> placements]
    {
        get
        {
            var location = _preference.Find(placements.Contains) ?? placements.Order(StringComparer.Ordinal).First();
            return _drivers.GetValueOrDefault(location) ?? throw new QuayStorageException($"KeyError: '{location}'");
        }
    }

    /// <summary>What config-tool says against the locations.</summary>
    public async Task<IReadOnlyList<string>> ObjectionsAsync(CancellationToken cancellationToken)
    {
        if (_drivers.Count == 0)
            return ["DISTRIBUTED_STORAGE_CONFIG must contain at least one storage location."];
        var objections = await Task.WhenAll(_drivers.Values.Select(driver => driver.ObjectionAsync(cancellationToken)));
        return [.. objections.OfType<string>()];
    }

    /// <summary>Writes and finds a file in every location, as validate() does. Only a preferred one that fails makes Quay ill (health/storage_engines.py).</summary>
    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        // "Storage check disabled for readonly mode"
        if (_readOnly)
            return true;
        var healthy = true;
        foreach (var (location, driver) in _drivers)
        {
            try
            {
                using var content = new MemoryStream("testing 123"u8.ToArray());
                await driver.WriteAsync("_verify", content, cancellationToken);
                if (!await driver.ExistsAsync("_verify", cancellationToken))
                    throw new QuayStorageException("Could not find verification file");
            }
            catch (QuayStorageException e)
            {
                await Console.Error.WriteLineAsync($"Storage '{location}' check failed: {e.Message}");
                healthy &= !_preference.Contains(location);
            }
        }
        return healthy;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var driver in _drivers.Values)
            driver.Dispose();
    }

    private static IStorageDriver Create(string location, string name, JsonObject parameters, QuayTrust trust)
    {
        var driver = DriverArguments.Class(name);
        DriverArguments.Check(driver, parameters);
        return driver switch
        {
            "LocalStorage" => new LocalDriver(parameters["storage_path"]!.ToString()),
            "S3Storage" or "STSS3Storage" or "RadosGWStorage" or "RHOCSStorage" or "IBMCloudStorage" => new CloudDriver(location, driver, parameters, trust),
            "SwiftStorage" => new SwiftDriver(location, parameters, trust),
            "FakeStorage" => new AbsentDriver($"{name} is not a valid storage type."),
            _ => new AbsentDriver($"Could not connect to storage {location}. Error: the service of {driver} is not here."),
        };
    }
}
