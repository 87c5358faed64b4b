namespace RegistryMigration.Model;

/// <summary>A migration as one names it: the object of <c>Get-RegistryMigration</c>, or its name.</summary>
public sealed class MigrationReference
{
    /// <summary>By name.</summary>
    public MigrationReference(string name) => Name = MigrationName.Check(name);

    /// <summary>By the migration itself, with its journal and cluster.</summary>
    public MigrationReference(RegistryMigrationInfo migration)
    {
        ArgumentNullException.ThrowIfNull(migration);
        Name = migration.Name;
        Migration = migration;
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The migration, where it was given; what it says of steps may be out of date.</summary>
    public RegistryMigrationInfo? Migration { get; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}

/// <summary>What may be the name of a migration: it becomes the name of a file, of a ConfigMap and of a Lease.</summary>
public static class MigrationName
{
    /// <summary>The longest name; with its prefix it stays a label value (63 characters).</summary>
    public const int MaxLength = 40;

    /// <summary>Gives back a name that may be one.</summary>
    /// <exception cref="FormatException">It may not; the message says what a name is made of.</exception>
    public static string Check(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var fits = name.Length is > 0 and <= MaxLength && name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-') && name[0] != '-' && name[^1] != '-';
        return fits ? name : throw new FormatException(
            $"'{name}' can't be the name of a migration: it names a ConfigMap as well. Use up to {MaxLength} lower-case letters, digits and hyphens, with no hyphen at either end.");
    }
}
