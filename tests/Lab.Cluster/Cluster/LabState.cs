using System.Text.Json;

namespace RegistryMigration.Lab.Cluster;

/// <summary>What <c>lab.json</c> of a state directory says.</summary>
/// <param name="Kube">The API server.</param>
/// <param name="OpenShift">What the node stand-in serves.</param>
/// <param name="Swift">Swift with its own logins; null where it does not run.</param>
/// <param name="SwiftKs">Swift behind Keystone; null where it does not run.</param>
/// <param name="Ceph">S3; null where it does not run.</param>
public sealed record LabState(KubeAccess Kube, OpenShiftAccess OpenShift, SwiftAccess? Swift, KeystoneAccess? SwiftKs, S3Access? Ceph)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = LabNames.Instance };

    /// <summary>The state directory.</summary>
    public string Directory { get; private init; } = "";

    /// <summary>Where claims are directories: <c>NAMESPACE/CLAIM</c>.</summary>
    public string Claims => Path.Combine(Directory, "data", "claims");

    /// <summary>Reads a state directory in which <c>openshift</c> runs.</summary>
    public static async Task<LabState> ReadAsync(string directory, CancellationToken cancellationToken)
    {
        var file = Path.Combine(directory, "lab.json");
        await using var stream = File.OpenRead(file);
        var state = await JsonSerializer.DeserializeAsync<LabState>(stream, Options, cancellationToken);
        return state is { Kube: not null, OpenShift: not null }
            ? state with { Directory = Path.GetFullPath(directory) }
            : throw new InvalidOperationException($"{file} knows no cluster: start one with lab.sh up {directory} openshift.");
    }

    private sealed class LabNames : JsonNamingPolicy
    {
        public static readonly LabNames Instance = new();

        public override string ConvertName(string name) => name switch
        {
            nameof(OpenShift) => "openshift",
            nameof(SwiftKs) => "swift-ks",
            _ => CamelCase.ConvertName(name),
        };
    }
}

/// <summary>The API server, and who may do what there.</summary>
public sealed record KubeAccess(
    Uri Server, string Version, string CertificateAuthority, string Kubeconfig, string AdminToken,
    string ClientCertificate, string ClientKey, IReadOnlyDictionary<string, string> Tokens, Uri Etcd);

/// <summary>The ports of the node stand-in, and the certificate of its addresses.</summary>
public sealed record OpenShiftAccess(int RegistryPort, int QuayPort, int KubeletPort, string RegistryCertificate, string RegistryKey);

/// <summary>Swift with its own logins.</summary>
public sealed record SwiftAccess(Uri AuthUrl, string User, string Key);

/// <summary>Swift behind Keystone.</summary>
public sealed record KeystoneAccess(Uri AuthUrl, string Region, string User, string Password, string Project);

/// <summary>S3: the first user and the second, who can't reach what the first one has.</summary>
public sealed record S3Access(Uri Endpoint, Uri TlsEndpoint, string CaFile, string AccessKey, string SecretKey, string Region, S3Keys Second);

/// <summary>A user's keys.</summary>
public sealed record S3Keys(string AccessKey, string SecretKey);
