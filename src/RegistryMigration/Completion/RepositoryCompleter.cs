using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace RegistryMigration.Completion;

/// <summary>Offers the repositories of the store that is given already.</summary>
public sealed class RepositoryCompleter : IArgumentCompleter
{
    /// <inheritdoc />
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        GivenStore.Find(fakeBoundParameters) is { } store
            ? CompletionText.Matching(StoreNames.Repositories(store, TimeProvider.System), wordToComplete)
            : [];
}
