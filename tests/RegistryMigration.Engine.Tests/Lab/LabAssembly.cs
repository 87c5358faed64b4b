using RegistryMigration.Engine.Tests.Lab;

[assembly: AssemblyFixture(typeof(LabFixture))]
