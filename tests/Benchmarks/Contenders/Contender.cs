using RegistryMigration.Benchmarks.Running;
using RegistryMigration.Benchmarks.Servers;

namespace RegistryMigration.Benchmarks.Contenders;

/// <summary>A tool in one way of using it.</summary>
/// <param name="name">The name in tables: the tool and what is special about this way.</param>
internal abstract class Contender(string name)
{
    /// <summary>The name in tables.</summary>
    public string Name => name;

    /// <summary>One of this project's own tools.</summary>
    public virtual bool IsOurs => false;

    /// <summary>Contenders of one family understand each other's finished copies (time stamps, names of segments), and share them.</summary>
    public abstract string Family { get; }

    /// <summary>Copies uploads in progress as well, since to this tool they are files like any other.</summary>
    public virtual bool CopiesUploads => !IsOurs;

    /// <summary>Why it can't run on this machine, else null.</summary>
    public abstract string? WhyNot { get; }

    /// <summary>Name and version of the tool.</summary>
    public abstract Task<string> VersionAsync(Tool tool, CancellationToken cancellationToken);

    /// <summary>The command that copies what the destination lacks.</summary>
    /// <exception cref="NotSupportedException">This tool can't copy between such places.</exception>
    public abstract CommandLine Copy(Place source, Place destination);

    /// <summary>The command that makes the destination the same as the source, with deletes.</summary>
    /// <exception cref="NotSupportedException">This tool can't.</exception>
    public virtual CommandLine Mirror(Place source, Place destination) => throw new NotSupportedException($"{Name} can't delete what the source lacks.");

    /// <summary>The first line that a program prints about its version.</summary>
    protected static async Task<string> FirstLineAsync(Tool tool, CommandLine command, CancellationToken cancellationToken)
    {
        var result = await tool.RunAsync(command, cancellationToken);
        return (result.Output + result.Errors).Split('\n')[0].Trim();
    }

    /// <summary>What to say of a program that is not there.</summary>
    protected static string? MissingUnlessOnPath(string program) => Tool.Find(program) is null ? $"{program} is not on PATH" : null;

    /// <summary>What to throw for places that this tool can't copy between.</summary>
    protected NotSupportedException Unsupported(Place source, Place destination) => new($"{Name} can't copy from {source.GetType().Name} to {destination.GetType().Name}.");
}
