using System.Management.Automation;
using System.Reflection;
using System.Runtime.Loader;

namespace RegistryMigration.Loading;

/// <summary>Lets the cmdlets find the engine while the module is imported. PowerShell calls this on import and removal.</summary>
/// <remarks>
/// The default load context sees only this assembly and the model, so that other modules keep their own versions of our packages.
/// Pattern: https://learn.microsoft.com/powershell/scripting/dev-cross-plat/resolving-dependency-conflicts.
/// </remarks>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    // The only names answered for; assemblies of the product that lie in dependencies/ and are used by cmdlets directly.
    private static readonly string[] Bridged = ["RegistryMigration.Engine", "RegistryMigration.Clusters"];

    // One context for the life of the process: a second import must find the types that the cmdlets are bound to already.
    private static readonly Lazy<DependencyContext> Dependencies = new(() =>
        new DependencyContext(Path.Combine(Path.GetDirectoryName(typeof(ModuleLifetime).Assembly.Location)!, "dependencies")));

    /// <inheritdoc />
    /// <remarks>Several runspaces import on their own; each adds one handler and removes one.</remarks>
    public void OnImport() => AssemblyLoadContext.Default.Resolving += Resolve;

    /// <inheritdoc />
    public void OnRemove(PSModuleInfo psModuleInfo) => AssemblyLoadContext.Default.Resolving -= Resolve;

    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name) =>
        Bridged.Contains(name.Name, StringComparer.Ordinal) ? Dependencies.Value.LoadFromAssemblyName(name) : null;
}
