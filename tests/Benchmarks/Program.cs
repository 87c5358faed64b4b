using System.CommandLine;
using RegistryMigration.Benchmarks.Commands;
using RegistryMigration.Benchmarks.Scale;

var root = new RootCommand("Measures RegistryMigration: side by side with the tools that people use instead, and its planning against size.")
{
    new RunCommand(),
    new ListCommand(),
    new ReportCommand(),
    new ScaleCommand(),
    ScaleCommand.Probe(),
};
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
