using System.Xml.Linq;
using RegistryMigration.Engine.Stores.S3.Requests;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Checks.PreflightCheck;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>Judges the lifecycle rules of a bucket by what they do to images.</summary>
/// <remarks>
/// Rules: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLifecycleConfiguration.html. Read without the SDK, which refuses
/// what Ceph answers (a prefix beside And).
/// </remarks>
internal static class LifecycleRules
{
    private static readonly string[] Archives = ["GLACIER", "DEEP_ARCHIVE"];

    /// <summary>The configuration as the server has it.</summary>
    public static async Task<XElement> ReadAsync(S3Connection connection, CancellationToken cancellationToken)
    {
        using var response = await connection.SendAsync(new S3Request(HttpMethod.Get, null) { Query = "lifecycle=" }, cancellationToken);
        await using var body = await connection.Http.OpenAsync(response, cancellationToken);
        try
        {
            return await XElement.LoadAsync(body, LoadOptions.None, cancellationToken);
        }
        catch (System.Xml.XmlException e)
        {
            throw new StoreException(StoreErrorKind.Unsupported, $"{connection.Endpoint} answers to a request for lifecycle rules with something else: {e.Message}", e) { Store = connection.Name };
        }
    }

    /// <summary>The check of a configuration; null is none.</summary>
    public static RegistryCheck Judge(string name, XElement? configuration, string prefix)
    {
        var rules = Below(configuration, "Rule").ToArray();
        // Registries give their objects no tags: a rule that asks for one meets none of them.
        var meeting = rules.Where(rule => Text(rule, "Status") == "Enabled" && !rule.Descendants().Any(element => element.Name.LocalName == "Tag") && Meets(PrefixOf(rule), prefix)).ToArray();
        var deleting = meeting.SelectMany(rule => Below(rule, "Expiration").Where(IsDue).Select(end => $"{Name(rule)} deletes objects {When(end)}")).ToArray();
        var moving = meeting.SelectMany(rule => Below(rule, "Transition").Select(step => (Class: Text(step, "StorageClass"), Told: $"{Name(rule)} moves objects to {Text(step, "StorageClass")} {When(step)}"))).ToArray();
        var moved = moving.Select(step => step.Told).ToArray();
        return deleting.Length > 0 ? Failed(name, "Disable these rules, or give them a prefix that no image has: images would vanish.", [.. deleting, .. moved])
            : moving.Any(step => Archives.Contains(step.Class, StringComparer.Ordinal)) ? Failed(name, "Disable these rules: what lies in an archive can't be pulled.", moved)
            : moving.Length > 0 ? Warning(name, "See that the other storage class serves objects at once, and what reading from it costs.", moved)
            : Passed(name, rules.Length == 0 ? "none" : FormattableString.Invariant($"{rules.Length}, none of which deletes or moves images"));
    }

    // ExpiredObjectDeleteMarker alone deletes no object.
    private static bool IsDue(XElement end) => Text(end, "Days") is not null || Text(end, "Date") is not null;

    // Under the rule itself in the form that S3 has deprecated; under Filter, or And below that, in the other.
    private static string PrefixOf(XElement rule) => rule.Descendants().FirstOrDefault(element => element.Name.LocalName == "Prefix" && element.Value.Length > 0)?.Value ?? "";

    private static bool Meets(string rule, string images) => rule.StartsWith(images, StringComparison.Ordinal) || images.StartsWith(rule, StringComparison.Ordinal);

    private static string Name(XElement rule) => $"rule '{Text(rule, "ID")}' (prefix '{PrefixOf(rule)}')";

    private static string When(XElement due) => Text(due, "Days") is { } days ? $"after {days} days" : $"from {Text(due, "Date")} on";

    private static IEnumerable<XElement> Below(XElement? parent, string name) => parent?.Elements().Where(element => element.Name.LocalName == name) ?? [];

    private static string? Text(XElement parent, string name) => Below(parent, name).FirstOrDefault()?.Value;
}
