using System.Reflection;
using System.Runtime.Loader;

namespace RegistryMigration.Loading;

/// <summary>Holds the engine and every package it uses, apart from whatever other modules have loaded.</summary>
/// <remarks>
/// What is not a file here comes from the default context: the framework, and RegistryMigration.Model, whose types pass between cmdlets
/// and engine and therefore must be the same on both sides.
/// </remarks>
internal sealed class DependencyContext(string directory) : AssemblyLoadContext("RegistryMigration")
{
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var path = Path.Combine(directory, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
