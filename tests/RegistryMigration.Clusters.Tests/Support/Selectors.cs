using RegistryMigration.Clusters.Kubernetes;

namespace RegistryMigration.Clusters.Tests.Support;

/// <summary>Decides which objects a list or watch is about, as an API server does: equality and existence of labels, equality of fields.</summary>
internal static class Selectors
{
    public static bool Match(Resource resource, ListOptions options) =>
        Terms(options.Labels).All(term => Matches(term, name => resource.Text("metadata", "labels", name)))
        && Terms(options.Fields).All(term => Matches(term, name => resource.Text(name.Split('.')) ?? ""));

    private static string[] Terms(string? selector) => selector?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static bool Matches(string term, Func<string, string?> valueOf)
    {
        if (term.Contains("!=", StringComparison.Ordinal))
        {
            var parts = term.Split("!=", 2);
            return valueOf(parts[0].Trim()) != parts[1].Trim();
        }

        var equality = term.Split('=', 2);
        return equality.Length == 2 ? valueOf(equality[0].Trim()) == equality[1].TrimStart('=').Trim()
            : term.StartsWith('!') ? valueOf(term[1..]) is null
            : valueOf(term) is not null;
    }
}
