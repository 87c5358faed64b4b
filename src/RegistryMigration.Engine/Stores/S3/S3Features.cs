namespace RegistryMigration.Engine.Stores.S3;

/// <summary>Optional features, each assumed until the endpoint refuses it (501, or 400 for the checksum), and left away from then on.</summary>
internal sealed class S3Features
{
    private volatile bool _conditionalWrite = true;
    private volatile bool _checksum = true;

    /// <summary><c>If-None-Match: *</c> on PUT; Swift answers 501.</summary>
    public bool ConditionalWrite
    {
        get => _conditionalWrite;
        set => _conditionalWrite = value;
    }

    /// <summary><c>x-amz-checksum-sha256</c>; kept by AWS with the object, ignored by Ceph and Swift.</summary>
    public bool Checksum
    {
        get => _checksum;
        set => _checksum = value;
    }
}
