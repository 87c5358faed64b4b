using System.Management.Automation;
using System.Reflection;
using RegistryMigration.Clusters.Migrations;
using RegistryMigration.Model;

namespace RegistryMigration.Migrations;

/// <summary>Refuses parameters that a migration's registry has no use for: what is left aside in silence passes for done.</summary>
internal static class SystemParameters
{
    /// <summary>Looks at everything that was typed.</summary>
    /// <param name="cmdlet">The cmdlet, whose parameters say with <see cref="OnlyForAttribute"/> whom they are for.</param>
    /// <param name="given">What was typed.</param>
    /// <param name="system">The migration's system; one that is not known here refuses nothing.</param>
    /// <param name="standalone">Whether its registry runs in no cluster.</param>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Precondition"/>: it names parameters and system.</exception>
    public static void Require(Type cmdlet, IReadOnlyDictionary<string, object> given, string system, bool standalone)
    {
        if (!MigrationSystems.Knows(system))
            return;
        var refused = given.Where(pair => pair.Value is not (null or SwitchParameter { IsPresent: false }))
            .Select(pair => (pair.Key, For: cmdlet.GetProperty(pair.Key)?.GetCustomAttribute<OnlyForAttribute>()))
            .Where(pair => pair.For is { } only && (only.System != system || (only.Standalone && !standalone)))
            .Select(pair => $"-{pair.Key} is for {pair.For!.System}{(pair.For.Standalone ? " without a cluster" : "")}")
            .Order(StringComparer.Ordinal)
            .ToList();
        if (refused.Count > 0)
            throw new ClusterException(ClusterErrorKind.Precondition, $"This migration is of {system}{(standalone ? " without a cluster" : " in a cluster")}, which has no use for what was given: {string.Join(", ", refused)}. Leave it out. Nothing was changed.");
    }
}
