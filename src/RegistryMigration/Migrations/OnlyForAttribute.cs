namespace RegistryMigration.Migrations;

/// <summary>A parameter that the registries of one system alone have a use for; <see cref="SystemParameters"/> refuses it for others.</summary>
/// <param name="system">The system's name.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OnlyForAttribute(string system) : Attribute
{
    /// <summary>The system's name.</summary>
    public string System => system;

    /// <summary>Whether only a registry that runs in no cluster has a use for it.</summary>
    public bool Standalone { get; init; }
}
