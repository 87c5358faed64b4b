using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using RegistryMigration.Migrations;

namespace RegistryMigration.Completion;

/// <summary>Offers the names of the migrations whose journals are on this machine.</summary>
public sealed class MigrationCompleter : IArgumentCompleter
{
    /// <inheritdoc />
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var given = fakeBoundParameters?["JournalPath"] as string;
        return CompletionText.Matching(JournalPlaces.Files(given).Select(path => Path.GetFileNameWithoutExtension(path)), wordToComplete);
    }
}
