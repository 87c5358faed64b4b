using System.Globalization;
using System.Text;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Stores;

/// <summary>Which keys are safe to hand to a store. Keys are data from outside: none reaches a file system or a URL unchecked.</summary>
/// <remarks>
/// 1,024 bytes is the limit of S3 (and of Swift's default configuration), 255 bytes that of a name in every common file system
/// (NAME_MAX). A key within the rules can be held by every store.
/// </remarks>
internal static class KeyRules
{
    /// <summary>The longest key, in UTF-8 bytes.</summary>
    public const int MaxKeyBytes = 1024;

    /// <summary>The longest segment between two slashes, in UTF-8 bytes.</summary>
    public const int MaxSegmentBytes = 255;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Passes a key that is within the rules.</summary>
    /// <param name="key">The key below a store's root.</param>
    /// <param name="store">The store's name, for the message.</param>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.InvalidKey"/>: the key breaks a rule.</exception>
    public static void Require(string key, string store)
    {
        if (Problem(key) is { } problem)
        {
            throw new StoreException(StoreErrorKind.InvalidKey, $"The key '{Show(key)}' can't be used in {store}: {problem}. Rename or remove the object at its source, or leave it out of the copy.")
            {
                Store = store,
                Key = key,
            };
        }
    }

    /// <summary>What is wrong with a key, as the end of a sentence; null where nothing is.</summary>
    public static string? Problem(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length == 0)
            return "it is empty";
        if (key[0] == '/')
            return "it starts with a slash";
        if (key[^1] == '/')
            return "it ends with a slash";
        if (ByteCount(key) is not { } bytes)
            return "it is not valid Unicode";
        if (bytes > MaxKeyBytes)
            return string.Create(CultureInfo.InvariantCulture, $"it has {bytes} bytes, and {MaxKeyBytes} are the limit");
        for (var rest = key.AsSpan(); ;)
        {
            var slash = rest.IndexOf('/');
            if (SegmentProblem(slash < 0 ? rest : rest[..slash]) is { } problem)
                return problem;
            if (slash < 0)
                return null;
            rest = rest[(slash + 1)..];
        }
    }

    /// <summary>What is wrong with one segment of a key; null where nothing is.</summary>
    public static string? SegmentProblem(ReadOnlySpan<char> segment)
    {
        if (segment.IsEmpty)
            return "it has an empty segment";
        if (segment is "." or "..")
            return $"it has the segment '{segment}'";
        foreach (var c in segment)
        {
            if (char.IsControl(c))
                return string.Create(CultureInfo.InvariantCulture, $"it has the control character U+{(int)c:X4}");
        }

        return segment.Length * 3 > MaxSegmentBytes && Encoding.UTF8.GetByteCount(segment) > MaxSegmentBytes
            ? string.Create(CultureInfo.InvariantCulture, $"it has a segment of more than {MaxSegmentBytes} bytes")
            : null;
    }

    /// <summary>Whether a key of sound segments has more than <see cref="MaxKeyBytes"/>.</summary>
    public static bool IsTooLong(string key)
    {
        ArgumentNullException.ThrowIfNull(key);

        // No UTF-16 unit takes more than three bytes.
        return key.Length * 3 > MaxKeyBytes && Encoding.UTF8.GetByteCount(key) > MaxKeyBytes;
    }

    /// <summary>A key as it may stand in a message: control characters escaped, cut to 200 characters.</summary>
    public static string Show(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var shown = new StringBuilder();
        foreach (var c in key.AsSpan(0, Math.Min(key.Length, 200)))
        {
            if (char.IsControl(c) || char.IsSurrogate(c) && ByteCount(key) is null)
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else
                shown.Append(c);
        }

        return key.Length > 200 ? shown.Append('…').ToString() : shown.ToString();
    }

    private static int? ByteCount(string key)
    {
        try
        {
            return Strict.GetByteCount(key);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }
}
