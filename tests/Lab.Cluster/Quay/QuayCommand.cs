using System.CommandLine;
using System.Net;

namespace RegistryMigration.Lab.Cluster;

/// <summary><c>quay</c>: Quay, as far as its storage and its registry API go.</summary>
internal static class QuayCommand
{
    public static Command Create(Func<Task> untilStopped, CancellationToken cancellationToken)
    {
        var config = new Option<string>("--config") { Description = "The directory conf/stack: config.yaml, ssl.cert, ssl.key, extra_ca_cert*, extra_ca_certs/.", Required = true };
        var database = new Option<string>("--database") { Description = "The directory of the database.", Required = true };
        var listen = new Option<string>("--listen") { Description = "HOST:PORT.", Required = true };
        var command = new Command("quay", "Runs a Quay.") { config, database, listen };
        command.SetAction(async (arguments, _) =>
        {
            try
            {
                await using var quay = await QuayStandIn.StartAsync(arguments.GetRequiredValue(config), arguments.GetRequiredValue(database), IPEndPoint.Parse(arguments.GetRequiredValue(listen)),
                    ignoreValidation: !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("IGNORE_VALIDATION")), cancellationToken);
                await untilStopped();
                return 0;
            }
            catch (QuayBootException e)
            {
                await Console.Error.WriteLineAsync(e.Message);
                return 1;
            }
        });
        return command;
    }
}
