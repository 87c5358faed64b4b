using System.Security.Cryptography;
using System.Text;

namespace RegistryMigration.Clusters.Migrations;

/// <summary>Lets a record recognise a text that it must not hold: with a salt of its own, so that no table finds the text, and slow, so that guessing does not.</summary>
internal static class SaltedHash
{
    private const int Bytes = 32;
    private const int SaltBytes = 16;
    private const int Iterations = 200_000;

    /// <summary>A salt for one record.</summary>
    public static string NewSalt() => Convert.ToHexString(RandomNumberGenerator.GetBytes(SaltBytes));

    /// <summary>The hash of a text.</summary>
    public static string Of(string text, string salt) =>
        Convert.ToHexString(Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(text), Convert.FromHexString(salt), Iterations, HashAlgorithmName.SHA256, Bytes));
}
