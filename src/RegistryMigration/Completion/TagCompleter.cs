using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace RegistryMigration.Completion;

/// <summary>Offers the tags of the repository that is given already.</summary>
public sealed class TagCompleter : IArgumentCompleter
{
    /// <inheritdoc />
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        GivenStore.Find(fakeBoundParameters) is { } store && GivenStore.Text(fakeBoundParameters, "Repository") is { } repository && !WildcardPattern.ContainsWildcardCharacters(repository)
            ? CompletionText.Matching(StoreNames.Tags(store, repository, TimeProvider.System), wordToComplete)
            : [];
}
