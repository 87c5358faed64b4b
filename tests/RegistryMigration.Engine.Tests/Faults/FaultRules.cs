using System.Collections.Immutable;

namespace RegistryMigration.Engine.Tests.Faults;

/// <summary>The rules of a proxy, in the order in which they were added.</summary>
public sealed class FaultRules
{
    private ImmutableList<FaultRule> _rules = [];

    /// <summary>Adds a rule behind those there are; holds from the next request on.</summary>
    public void Add(FaultRule rule) => ImmutableInterlocked.Update(ref _rules, static (rules, rule) => rules.Add(rule), rule);

    /// <summary>Lets everything pass from now on.</summary>
    public void Clear() => ImmutableInterlocked.Update(ref _rules, static rules => rules.Clear());

    internal FaultRule? Match(string method, string target) => _rules.Find(rule => rule.Applies(method, target));
}
