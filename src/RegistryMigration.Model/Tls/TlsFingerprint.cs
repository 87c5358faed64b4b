namespace RegistryMigration.Model;

/// <summary>The SHA-256 of a certificate, as people pass it on.</summary>
public static class TlsFingerprint
{
    private const int Digits = 64;

    /// <summary>The fingerprint as hex in lower case: colons, spaces, upper case, and what OpenSSL writes before it (<c>sha256 Fingerprint=</c>) do not count.</summary>
    /// <exception cref="FormatException">The text is no SHA-256.</exception>
    public static string Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var value = text[(text.LastIndexOf('=') + 1)..].Trim();
        if (value.StartsWith("sha256:", StringComparison.OrdinalIgnoreCase))
            value = value["sha256:".Length..];
        var digits = string.Concat(value.Where(character => character is not (':' or ' ' or '-'))).ToLowerInvariant();
        return digits.Length == Digits && digits.All(char.IsAsciiHexDigitLower)
            ? digits
            : throw new FormatException(FormattableString.Invariant($"'{text}' is no SHA-256 fingerprint: that has {Digits} hex digits{(digits.Length == 40 ? ", and this one, with 40, is a SHA-1" : "")}. Whoever runs the server gets it with: openssl x509 -noout -fingerprint -sha256 -in CERTIFICATE."));
    }
}
