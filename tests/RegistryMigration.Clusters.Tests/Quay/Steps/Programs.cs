using System.Diagnostics;

namespace RegistryMigration.Clusters.Tests.Quay.Steps;

/// <summary>Programs of the system.</summary>
internal static class Programs
{
    /// <summary>Runs one that has to succeed, and gives what it says.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return output.Trim();
    }
}
