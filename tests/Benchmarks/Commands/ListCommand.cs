using System.CommandLine;
using RegistryMigration.Benchmarks.Contenders;
using RegistryMigration.Benchmarks.Servers;
using RegistryMigration.Benchmarks.Workloads;

namespace RegistryMigration.Benchmarks.Commands;

/// <summary>Shows all workloads with the commands that would be measured. Starts nothing.</summary>
internal sealed class ListCommand : Command
{
    private readonly Option<DirectoryInfo> _work = WorkDirectory.Option();

    public ListCommand()
        : base("list", "Shows the workloads, who takes part in each, and the commands; starts nothing")
    {
        Add(_work);
        SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var catalog = new WorkloadCatalog(new Worker("registry-migration"), new Module("RegistryMigration.psd1"), WorkDirectory.Scratch(parsed.GetRequiredValue(_work)), shape => shape);
            foreach (var workload in catalog.All())
                Write(output, workload);
        });
    }

    private static void Write(TextWriter output, Workload workload)
    {
        output.WriteLine($"{workload.Name}{(workload.IsOptional ? " (only when named)" : "")}: {workload.Title}");
        foreach (var entry in workload.Entries)
        {
            output.WriteLine($"  {entry.Contender.Name}{(entry.Contender.WhyNot is { } whyNot ? $" (left out: {whyNot})" : "")}");
            output.WriteLine($"    {entry.Contender.Copy(Example(workload.Pair.From, "source"), Example(workload.Pair.To, "target"))}");
        }

        foreach (var left in workload.LeftOut)
            output.WriteLine($"  left out: {left.Name}: {left.Reason}");
        output.WriteLine();
    }

    private static Place Example(StorageKind kind, string name) => kind switch
    {
        StorageKind.S3 => new S3Place("http://127.0.0.1:7480", "us-east-1", name, "access-key", "secret-key"),
        StorageKind.Swift => new SwiftPlace("http://127.0.0.1:8080/auth/v1.0", "account:user", "key", name),
        _ => new DirectoryPlace("/" + name),
    };
}
