using System.CommandLine;
using RegistryMigration.Benchmarks.Commands;

var root = new RootCommand("Measures RegistryMigration, side by side with the tools that people use instead.")
{
    new RunCommand(),
    new ListCommand(),
    new ReportCommand(),
};
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
