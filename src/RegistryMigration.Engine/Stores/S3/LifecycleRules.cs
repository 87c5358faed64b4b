using Amazon.S3;
using Amazon.S3.Model;
using RegistryMigration.Model;
using static RegistryMigration.Engine.Checks.PreflightCheck;

namespace RegistryMigration.Engine.Stores.S3;

/// <summary>Judges the lifecycle rules of a bucket by what they do to images.</summary>
/// <remarks>Rules: https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html</remarks>
internal static class LifecycleRules
{
    public static RegistryCheck Judge(string name, IReadOnlyCollection<LifecycleRule> rules, string prefix)
    {
        // Registries give their objects no tags: a rule that asks for one meets none of them.
        var meeting = rules.Where(rule => rule.Status == LifecycleRuleStatus.Enabled && !NeedsTag(rule) && Meets(PrefixOf(rule), prefix)).ToArray();
        var deleting = meeting.Where(rule => rule.Expiration is { } end && (end.Days is > 0 || end.Date is not null)).Select(rule => $"{Name(rule)} deletes objects {When(rule.Expiration.Days, rule.Expiration.Date)}").ToArray();
        var moving = meeting.SelectMany(rule => (rule.Transitions ?? []).Select(step => (step.StorageClass, Text: $"{Name(rule)} moves objects to {step.StorageClass} {When(step.Days, step.Date)}"))).ToArray();
        var archived = moving.Where(step => step.StorageClass == S3StorageClass.Glacier || step.StorageClass == S3StorageClass.DeepArchive).ToArray();
        var seen = moving.Select(step => step.Text).ToArray();
        return deleting.Length > 0 ? Failed(name, "Disable these rules, or give them a prefix that no image has: images would vanish.", [.. deleting, .. seen])
            : archived.Length > 0 ? Failed(name, "Disable these rules: what lies in an archive can't be pulled.", seen)
            : moving.Length > 0 ? Warning(name, "See that the other storage class serves objects at once, and what reading from it costs.", seen)
            : Passed(name, rules.Count == 0 ? "none" : $"none of {rules.Count} deletes or moves images");
    }

    private static bool NeedsTag(LifecycleRule rule) => rule.Filter is { } filter
        && (filter.Tag is not null || filter.And?.Tags is { Count: > 0 }
            || filter.LifecycleFilterPredicate is LifecycleTagPredicate
            || (filter.LifecycleFilterPredicate is LifecycleAndOperator { Operands: { } operands } && operands.OfType<LifecycleTagPredicate>().Any()));

    private static string PrefixOf(LifecycleRule rule)
    {
        var filter = rule.Filter;
#pragma warning disable CS0618 // Servers and administrators still write rules in the form that S3 has deprecated.
        return filter?.Prefix ?? filter?.And?.Prefix ?? (filter?.LifecycleFilterPredicate as LifecyclePrefixPredicate)?.Prefix
            ?? (filter?.LifecycleFilterPredicate as LifecycleAndOperator)?.Operands?.OfType<LifecyclePrefixPredicate>().FirstOrDefault()?.Prefix ?? rule.Prefix ?? "";
#pragma warning restore CS0618
    }

    private static bool Meets(string rule, string images) => rule.StartsWith(images, StringComparison.Ordinal) || images.StartsWith(rule, StringComparison.Ordinal);

    private static string Name(LifecycleRule rule) => $"rule '{rule.Id}' (prefix '{PrefixOf(rule)}')";

    private static string When(int? days, DateTime? date) => days is { } count ? FormattableString.Invariant($"after {count} days") : FormattableString.Invariant($"from {date:yyyy-MM-dd} on");
}
