using System.Security.Cryptography;
using System.Text.RegularExpressions;
using RegistryMigration.Clusters.Kubernetes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.InCluster;

/// <summary>Names and labels of what a copy makes, and places inside its pods. Never a label that a registry's own Service or Deployment selects.</summary>
internal static partial class SyncNames
{
    /// <summary>On everything that belongs to a copy; the value is its name.</summary>
    public const string SyncLabel = "registry-migration/sync";

    /// <summary>On Jobs and pods: all, blobs or links.</summary>
    public const string PhaseLabel = "registry-migration/phase";

    /// <summary>On Jobs of one part and their pods: which part.</summary>
    public const string IndexLabel = "registry-migration/index";

    /// <summary>What the Job controller writes on pods of an Indexed Job.</summary>
    public const string CompletionIndex = "batch.kubernetes.io/job-completion-index";

    /// <summary>The container in each pod.</summary>
    public const string Container = "worker";

    /// <summary>Where the claim is mounted.</summary>
    public const string ClaimMount = "/registry";

    /// <summary>Where credentials are mounted.</summary>
    public const string CredentialPath = "/var/run/registry-migration";

    /// <summary>Where a container leaves its last words.</summary>
    public const string TerminationPath = "/dev/termination-log";

    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>A name that nobody has: without vowels, so that it spells nothing.</summary>
    public static string MakeName() => $"registry-sync-{RandomNumberGenerator.GetString(Alphabet, 5)}";

    /// <summary>The Secret that is made for a copy.</summary>
    public static string SecretOf(string name) => $"{name}-credentials";

    /// <summary>The name as it was given.</summary>
    /// <exception cref="ClusterException">It can't be part of names and labels.</exception>
    public static string Check(string name) => Label().IsMatch(name) && name.Length <= 40
        ? name
        : throw new ClusterException(ClusterErrorKind.Configuration, $"'{name}' can't name a copy. Give up to 40 lower-case letters, digits and '-', beginning and ending with a letter or digit.");

    /// <summary>Selects everything that belongs to a copy.</summary>
    public static ListOptions Of(string name) => new() { Labels = $"{SyncLabel}={name}" };

    /// <summary>Which part a pod works on.</summary>
    public static int IndexOf(Resource pod)
    {
        var text = pod.Text("metadata", "labels", IndexLabel) ?? pod.Text("metadata", "annotations", CompletionIndex) ?? pod.Text("metadata", "labels", CompletionIndex);
        return int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var index) ? index : 0;
    }

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
    private static partial Regex Label();
}
