using System.CommandLine;
using System.Runtime.InteropServices;
using RegistryMigration.Lab.Cluster;

// The stand-ins as programs, for scenarios. They run until they are stopped (SIGTERM), and say `ready` when they are.
using var stop = new CancellationTokenSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
{
    context.Cancel = true;
    stop.Cancel();
});

var state = new Option<string>("--lab-state") { Description = "The state directory of a lab in which `openshift` runs.", Required = true };
var worker = new Option<string?>("--worker") { Description = "The worker program, or its dll." };
var mode = new Option<string>("--mode") { Description = "What goes wrong, separated by commas.", DefaultValueFactory = _ => "" };

var node = new Command("node", "Runs pods as local processes, and the way to the registry.") { state, worker };
node.SetAction(async (arguments, _) =>
{
    var lab = await LabState.ReadAsync(arguments.GetRequiredValue(state), stop.Token);
    await using var standIn = await NodeStandIn.StartAsync(lab, arguments.GetValue(worker), stop.Token);
    await UntilStoppedAsync();
});

var @operator = new Command("operator", "Does what the image registry operator does.") { state, mode };
@operator.SetAction(async (arguments, _) =>
{
    var lab = await LabState.ReadAsync(arguments.GetRequiredValue(state), stop.Token);
    await using var standIn = OperatorStandIn.Start(lab, OperatorModeNames.Parse(arguments.GetRequiredValue(mode)));
    await UntilStoppedAsync();
});

var quayOperator = new Command("quay-operator", "Does what the operator of Quay does.") { state, mode };
quayOperator.SetAction(async (arguments, _) =>
{
    var lab = await LabState.ReadAsync(arguments.GetRequiredValue(state), stop.Token);
    await using var standIn = QuayOperatorStandIn.Start(lab, OperatorModeNames.Parse(arguments.GetRequiredValue(mode)));
    await UntilStoppedAsync();
});

var root = new RootCommand("Stands in for what the lab lacks: kubelets, the image registry operator, Quay and its operator.") { node, @operator, quayOperator, SeedCommand.Create(state, stop.Token), SeedQuayCommand.Create(state, stop.Token), QuayCommand.Create(UntilStoppedAsync, stop.Token), BucketCommand.Create(stop.Token) };
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

async Task UntilStoppedAsync()
{
    Console.WriteLine("ready");
    try
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop.Token);
    }
    catch (OperationCanceledException)
    {
        // Asked to end.
    }
}
