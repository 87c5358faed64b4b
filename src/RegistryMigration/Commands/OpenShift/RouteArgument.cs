using System.Collections;
using RegistryMigration.Clusters.OpenShift.Changes;
using RegistryMigration.Commands.Stores;

namespace RegistryMigration.Commands.OpenShift;

/// <summary>Reads a route typed as a hashtable.</summary>
internal static class RouteArgument
{
    /// <exception cref="FormatException">A key is not known, or there is no name.</exception>
    public static CustomRoute Read(Hashtable table)
    {
        string? name = null, host = null, secret = null;
        foreach (var (key, value) in InitializeRegistryStoreCommand.ToText(table))
        {
            switch (key.ToUpperInvariant())
            {
                case "NAME":
                    name = value;
                    break;
                case "HOSTNAME" or "HOST":
                    host = value;
                    break;
                case "SECRETNAME" or "CERTIFICATESECRET":
                    secret = value;
                    break;
                default:
                    throw new FormatException($"A route has no '{key}'. Expected @{{ Name = 'public'; Hostname = 'registry.example.com'; SecretName = 'public-tls' }}, of which Name must be there.");
            }
        }

        return string.IsNullOrEmpty(name)
            ? throw new FormatException("A route needs a name: @{ Name = 'public'; Hostname = 'registry.example.com' }.")
            : new CustomRoute(name, Filled(host), Filled(secret));
    }

    private static string? Filled(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
