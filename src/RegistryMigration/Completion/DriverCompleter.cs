using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using RegistryMigration.Clusters.Quay.Drivers;

namespace RegistryMigration.Completion;

/// <summary>Offers Quay's storage drivers.</summary>
public sealed class DriverCompleter : IArgumentCompleter
{
    /// <inheritdoc />
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionText.Matching(StorageDriver.All.Select(driver => driver.Name), wordToComplete);
}
