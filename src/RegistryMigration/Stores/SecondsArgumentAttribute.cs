using System.Globalization;
using System.Management.Automation;

namespace RegistryMigration.Stores;

/// <summary>Lets a bare number mean seconds: PowerShell would take it for ticks of 100 ns, and "30" for thirty days.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecondsArgumentAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc />
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => ToTimeSpan(inputData is PSObject wrapped ? wrapped.BaseObject : inputData);

    internal static object ToTimeSpan(object value) => value switch
    {
        int or long or double or decimal => Positive(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) => Positive(seconds),
        _ => value,
    };

    private static TimeSpan Positive(double seconds) => seconds is > 0 and < 1e9
        ? TimeSpan.FromSeconds(seconds)
        : throw new ArgumentTransformationMetadataException($"{seconds.ToString(CultureInfo.InvariantCulture)} is no time. Give seconds above zero, or a time such as 00:01:30.");
}
