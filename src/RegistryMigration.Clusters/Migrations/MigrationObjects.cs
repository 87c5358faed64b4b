using System.Text.Json.Nodes;

namespace RegistryMigration.Clusters.Migrations;

/// <summary>Names and labels of what a migration puts beside a registry.</summary>
internal static class MigrationObjects
{
    /// <summary>Finds all copies of journals.</summary>
    public const string Selector = "app.kubernetes.io/managed-by=registry-migration,app.kubernetes.io/component=journal";

    /// <summary>The annotation that tells which session holds a lease.</summary>
    public const string TokenAnnotation = "registry-migration/session";

    /// <summary>The name of the ConfigMap and of the Lease.</summary>
    public static string NameOf(string migration) => "registry-migration-" + migration;

    /// <summary>The start of an object.</summary>
    public static JsonObject Metadata(string migration, string component) => new()
    {
        ["name"] = NameOf(migration),
        ["labels"] = new JsonObject
        {
            ["app.kubernetes.io/name"] = "registry-migration",
            ["app.kubernetes.io/instance"] = migration,
            ["app.kubernetes.io/component"] = component,
            ["app.kubernetes.io/managed-by"] = "registry-migration",
        },
    };
}
