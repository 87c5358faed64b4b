using RegistryMigration.Worker;

using var interruption = new Interruption();
return (int)await WorkerProgram.RunAsync(args, WorkerHost.OfProcess(), interruption.Token);
