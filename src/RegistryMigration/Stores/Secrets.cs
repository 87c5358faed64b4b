using System.Net;
using System.Security;
using RegistryMigration.Model;

namespace RegistryMigration.Stores;

/// <summary>Takes the text out of PowerShell's secure strings, into the type that never prints it.</summary>
internal static class Secrets
{
    public static Secret? Of(SecureString? secure) => secure is null ? null : new Secret(new NetworkCredential("", secure).Password);
}
