using RegistryMigration.Benchmarks.Running;
using RegistryMigration.Benchmarks.Servers;

namespace RegistryMigration.Benchmarks.Contenders;

/// <summary><c>cp -a</c>, which reads nothing back, checks nothing, and leaves it to the kernel when bytes reach the disk.</summary>
/// <param name="flags">The flags: <c>-a</c>, or <c>-au</c> to pass over what is there and not older.</param>
/// <param name="flush">Wait until everything is on the disk, as this project's tools do for each file.</param>
internal sealed class CopyCommand(string flags = "-a", bool flush = false) : Contender($"cp {flags}{(flush ? " + sync -f" : "")}")
{
    /// <inheritdoc />
    public override string Family => "cp";

    /// <inheritdoc />
    public override string? WhyNot => MissingUnlessOnPath("cp");

    /// <inheritdoc />
    public override Task<string> VersionAsync(Tool tool, CancellationToken cancellationToken) => FirstLineAsync(tool, new CommandLine("cp", "--version"), cancellationToken);

    /// <inheritdoc />
    public override CommandLine Copy(Place source, Place destination)
    {
        if ((source, destination) is not (DirectoryPlace from, DirectoryPlace to))
            throw Unsupported(source, destination);
        return flush
            ? new CommandLine("sh", "-c", $"cp {flags} \"$1\"/. \"$2\" && sync -f \"$2\"", "sh", from.Path, to.Path)
            : new CommandLine("cp", flags, from.Path + "/.", to.Path);
    }
}
