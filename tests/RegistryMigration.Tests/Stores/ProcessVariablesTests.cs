using System.Collections;
using RegistryMigration.Stores;

namespace RegistryMigration.Tests.Stores;

public sealed class ProcessVariablesTests
{
    private readonly ProcessVariables _variables = new(new Hashtable { ["OS_PASSWORD"] = "hunter2", ["ST_KEY"] = "k", ["HOME"] = "/root", ["PATH"] = "/bin" });

    [Fact]
    public void Code_finds_the_variables_that_matter()
    {
        Assert.Equal("hunter2", _variables["OS_PASSWORD"]);
        Assert.Equal(["HOME", "OS_PASSWORD", "ST_KEY"], _variables.Keys);
        Assert.False(_variables.ContainsKey("PATH"));
    }

    [Fact]
    public void What_formatters_walk_shows_no_value()
    {
        var shown = string.Join(' ', ((IEnumerable)_variables).Cast<object>().Concat(_variables.Select(variable => (object)variable.Value)).Concat(_variables.Values));

        Assert.Contains("OS_PASSWORD", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", shown, StringComparison.Ordinal);
    }
}
