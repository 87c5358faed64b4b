using System.Text.Json.Nodes;
using RegistryMigration.Model;

namespace RegistryMigration.Clusters.Migrations.Steps;

/// <summary>What a step was asked by its parameters. Its record keeps it, of secrets a hash: one that was begun goes on only as it was begun.</summary>
internal sealed class StepTerms
{
    private const string Field = "asked";
    private const string Salt = "salt";

    private readonly List<Term> _terms = [];

    /// <summary>Adds a parameter whose value may be shown.</summary>
    /// <param name="parameter">As it is typed.</param>
    /// <param name="value">What it stands for, also where it is left out; null is nothing.</param>
    /// <param name="given">Whether it was typed.</param>
    public StepTerms Add(string parameter, string? value, bool given = true) => Add(new Term(parameter, value, given, IsSecret: false));

    /// <summary>Adds a parameter whose value may not.</summary>
    public StepTerms AddSecret(string parameter, string? value, bool given = true) => Add(new Term(parameter, value, given, IsSecret: true));

    /// <summary>Writes them down.</summary>
    public void WriteTo(JsonObject record)
    {
        var salt = SaltedHash.NewSalt();
        var asked = new JsonObject { [Salt] = salt };
        foreach (var term in _terms)
            asked[term.Parameter] = term.Kept(salt);
        record[Field] = asked;
    }

    /// <summary>Refuses a step that was begun otherwise, or is done and asked for anew with something else.</summary>
    /// <param name="known">The step as the journal has it; null where it is a new one.</param>
    /// <exception cref="ClusterException"><see cref="ClusterErrorKind.Precondition"/>: it names the parameters.</exception>
    public void Require(MigrationStep? known)
    {
        if (known is not { State: not MigrationStepState.Undone } || known.Before?[Field] is not JsonObject asked)
            return;
        var done = known.State == MigrationStepState.Done;
        var other = _terms.Where(term => term.IsGiven || !done).Select(term => term.DifferenceTo((string?)asked[term.Parameter], (string)asked[Salt]!)).OfType<string>().ToList();
        if (other.Count == 0)
            return;
        throw new ClusterException(ClusterErrorKind.Precondition, done
            ? FormattableString.Invariant($"Step {known.Id} was done at {known.Finished:u} with other parameters: {string.Join("; ", other)}. Nothing was changed now. Undo-RegistryMigration undoes it, and then it can be run anew with these.")
            : FormattableString.Invariant($"Step {known.Id} was begun at {known.Started:u} by {known.By} with other parameters: {string.Join("; ", other)}. It goes on only as it was begun: give the same as then; or give it up with Undo-RegistryMigration, and run it anew. Nothing was changed now."));
    }

    private StepTerms Add(Term term)
    {
        _terms.Add(term);
        return this;
    }

    private sealed record Term(string Parameter, string? Value, bool IsGiven, bool IsSecret)
    {
        public string? Kept(string salt) => Value is null || !IsSecret ? Value : SaltedHash.Of(Value, salt);

        public string? DifferenceTo(string? then, string salt) => (then, Kept(salt)) switch
        {
            var (old, now) when old == now => null,
            (null, _) => $"{Parameter} was not given then",
            (_, null) => $"{Parameter} was {(IsSecret ? "given" : then)} then, and is left out now",
            _ when IsSecret => $"{Parameter} was another one",
            var (old, now) => $"{Parameter} was {old}, and is {now} now",
        };
    }
}
