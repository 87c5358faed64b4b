using System.Text.Json.Nodes;
using RegistryMigration.Clusters.Quay.Configuration;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Quay.Steps;

/// <summary>How Quay's configuration says whether it takes writes.</summary>
internal static class QuayStates
{
    /// <summary>Refuses pushes and stops garbage collection; since Quay 3.13.0 (endpoints/decorators.py, workers/gc).</summary>
    public const string DisablePushes = "DISABLE_PUSHES";

    /// <summary><c>normal</c> or <c>readonly</c>; the latter leaves the database alone, too.</summary>
    public const string RegistryState = "REGISTRY_STATE";

    // Quay reads both below its own folder, where the bundle is mounted (boot.py, config.py).
    private const string KeyIdLocation = "INSTANCE_SERVICE_KEY_KID_LOCATION";
    private const string KeyLocation = "INSTANCE_SERVICE_KEY_LOCATION";
    private const string KeyIdFile = "quay-readonly.kid";
    private const string KeyFile = "quay-readonly.pem";

    /// <summary>Every key of the configuration that is about this.</summary>
    public static readonly IReadOnlyList<string> Keys = [DisablePushes, RegistryState, KeyIdLocation, KeyLocation];

    /// <summary>What a configuration says.</summary>
    public static QuayState Of(QuayConfig config) =>
        config.Scalar(RegistryState) == "readonly" ? QuayState.ReadOnly
        : config.Flag(DisablePushes) == true ? QuayState.PushesDisabled
        : QuayState.Normal;

    /// <summary>Refuse writes.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="key">The key of a Quay whose database is to be read-only too; null leaves the database as it is.</param>
    public static QuayEdit Block(QuayConfig config, QuayServiceKey? key)
    {
        if (key is null)
            return new QuayEdit(config.Set(true, DisablePushes));
        return new QuayEdit(config.Set("readonly", RegistryState).Set(PathOf(KeyIdFile), KeyIdLocation).Set(PathOf(KeyFile), KeyLocation))
        {
            Files = new Dictionary<string, string>(StringComparer.Ordinal) { [KeyIdFile] = key.Id, [KeyFile] = key.PrivateKey.Reveal() },
        };
    }

    /// <summary>Take writes again: what was recorded when they were blocked first, but never a configuration that blocks them.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="first">What was recorded then.</param>
    /// <param name="added">Files that blocking added: a key that nothing names any more has no business there.</param>
    public static QuayEdit Allow(QuayConfig config, JsonObject? first, IEnumerable<string> added)
    {
        foreach (var key in Keys)
            config = config.Set(first?[key]?.DeepClone(), key);
        if (Of(config) != QuayState.Normal)
            config = config.Set(null, DisablePushes).Set(null, RegistryState);
        string?[] named = [config.Scalar(KeyIdLocation), config.Scalar(KeyLocation)];
        return new QuayEdit(config) { Without = [.. added.Where(file => !named.Contains(PathOf(file), StringComparer.Ordinal))] };
    }

    /// <summary>What a configuration says about it, for the record; absent keys are left out.</summary>
    public static JsonObject Record(QuayConfig config)
    {
        var record = new JsonObject();
        foreach (var key in Keys)
        {
            if (config.At(key) is { } value)
                record[key] = value.DeepClone();
        }

        return record;
    }

    private static string PathOf(string file) => $"conf/stack/{file}";
}
