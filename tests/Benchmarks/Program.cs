using System.CommandLine;
using RegistryMigration.Benchmarks.Scale;

var root = new RootCommand("Measures RegistryMigration.")
{
    new ScaleCommand(),
    ScaleCommand.Probe(),
};
return await root.Parse(args).InvokeAsync();
