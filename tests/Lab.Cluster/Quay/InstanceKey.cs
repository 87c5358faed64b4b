using System.Security.Cryptography;

namespace RegistryMigration.Lab.Cluster;

/// <summary>
/// The key with which a read-only Quay signs its tokens: boot.py wants one that is in the database and not over; whether it is approved, of its own
/// service and a pair with the file beside it shows when the first token comes back (util/security/instancekeys.py). Else each start makes one that fits.
/// </summary>
internal sealed class InstanceKey(QuayConfig config, QuayDatabase database)
{
    /// <summary>Whether Quay starts with it.</summary>
    public bool Boots => !config.IsReadOnly || (File.Exists(KeyFile) && Row is not null);

    /// <summary>Whether Quay finds it when it looks for the one that has signed: a health check of its instance.</summary>
    public bool IsFound => !config.IsReadOnly || Row is { Approved: true } row && row.Service == (config.Text("INSTANCE_SERVICE_KEY_SERVICE") ?? "quay");

    /// <summary>Whether what it signs is believed.</summary>
    public bool Verifies => !config.IsReadOnly || (IsFound && IsPair(Row!));

    private string IdFile => config.PathOf(config.Text("INSTANCE_SERVICE_KEY_KID_LOCATION") ?? "conf/quay.kid");

    private string KeyFile => config.PathOf(config.Text("INSTANCE_SERVICE_KEY_LOCATION") ?? "conf/quay.pem");

    private QuayServiceKeyRow? Row => File.Exists(IdFile) && database.ServiceKeys.GetValueOrDefault(File.ReadAllText(IdFile)) is { } row && !(row.Expiration <= TimeProvider.System.GetUtcNow()) ? row : null;

    private bool IsPair(QuayServiceKeyRow row)
    {
        using var key = RSA.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(KeyFile));
        }
        catch (ArgumentException)
        {
            return false;
        }
        return key.ExportSubjectPublicKeyInfoPem() == row.PublicKey;
    }
}
