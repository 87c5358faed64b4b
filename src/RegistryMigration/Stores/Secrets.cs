using System.Net;
using System.Security;
using RegistryMigration.Model;

namespace RegistryMigration.Stores;

/// <summary>Between PowerShell's secure strings and the type that never prints its text.</summary>
internal static class Secrets
{
    public static Secret? Of(SecureString? secure) => secure is null ? null : new Secret(new NetworkCredential("", secure).Password);

    public static SecureString Secure(Secret secret) => new NetworkCredential("", secret.Reveal()).SecurePassword;
}
