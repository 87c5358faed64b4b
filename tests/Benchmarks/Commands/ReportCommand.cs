using System.CommandLine;
using RegistryMigration.Benchmarks.Contenders;
using RegistryMigration.Benchmarks.Reporting;
using RegistryMigration.Benchmarks.Workloads;

namespace RegistryMigration.Benchmarks.Commands;

/// <summary>Puts the results of several runs together.</summary>
internal sealed class ReportCommand : Command
{
    private readonly Option<DirectoryInfo> _work = WorkDirectory.Option();
    private readonly Option<DirectoryInfo?> _results = new("--results") { Description = "The folder with one JSON file for each workload (results in the work directory)" };
    private readonly ReportOptions _files = new();

    public ReportCommand()
        : base("report", "Prints the tables of all workloads that were run")
    {
        Add(_work);
        Add(_results);
        _files.AddTo(this);
        SetAction(async (parsed, cancellationToken) =>
        {
            var folder = parsed.GetValue(_results)?.FullName ?? WorkDirectory.Results(parsed.GetRequiredValue(_work));
            await _files.WriteAsync(parsed, folder, cancellationToken);
        });
    }
}

/// <summary>The files that a report goes to, and writing it.</summary>
internal sealed class ReportOptions
{
    private readonly Option<FileInfo?> _json = new("--json") { Description = "Write all results to this file as well, as one JSON array" };
    private readonly Option<FileInfo?> _markdown = new("--markdown") { Description = "Write the tables to this file instead of standard output" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_json);
        command.Add(_markdown);
    }

    /// <summary>Writes what a folder of results holds.</summary>
    public async Task WriteAsync(ParseResult parsed, string folder, CancellationToken cancellationToken)
    {
        // The catalog knows the order; what contenders it would start does not matter here.
        var names = new WorkloadCatalog(new Worker(""), new Module(""), "", shape => shape).All().Select(workload => workload.Name);
        var results = await ResultFiles.LoadAsync(folder, names, cancellationToken);
        if (parsed.GetValue(_json) is { } json)
            await ResultFiles.WriteAsync(json.FullName, results, cancellationToken);
        if (parsed.GetValue(_markdown) is { } markdown)
            await File.WriteAllTextAsync(markdown.FullName, MarkdownReport.Write(results), cancellationToken);
        else
            await parsed.InvocationConfiguration.Output.WriteAsync(MarkdownReport.Write(results));
    }
}
